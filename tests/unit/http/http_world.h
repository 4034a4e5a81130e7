/* SPDX-License-Identifier: ISC */
/*
 * A started HTTP server for tests: routes with handlers that do what `http_world.mode`
 * says, and requests with correct authentication.
 */
#ifndef VAMT_TESTS_HTTP_WORLD_H
#define VAMT_TESTS_HTTP_WORLD_H

#include <stddef.h>

#include "fake_conn.h"
#include "http/http_route.h"

enum http_world_mode {
    HTTP_WORLD_ECHO,     /* 200, the request body */
    HTTP_WORLD_FAULT,    /* 400, "fault" */
    HTTP_WORLD_LATER,    /* keeps the exchange for http_world_reply */
    HTTP_WORLD_OVERFLOW, /* more than the reply buffer takes */
    HTTP_WORLD_FULL      /* exactly as much as it takes */
};

struct http_world {
    enum http_world_mode mode;
    unsigned calls;
    unsigned cancels;
    struct http_exchange *kept; /* of the last call in mode LATER */
    struct latency_job job;     /* what requests cost ... */
    struct http_fault fault;    /* ... and suffer */
    uint64_t work_us;           /* how long handlers really take */
    char nonce[33];
    unsigned nc;
};
extern struct http_world http_world;

/* Board, crypto, account, latency, faults and HTTP as after power on. Routes: POST /wsman
 * (login), POST /both and GET /both (login), POST /anon (no login). */
void http_world_start(void);
/* Take a nonce for http_world_request through this connection's server. */
void http_world_login(void);
/* A whole request with a login; the text lasts until the next call. `headers`: further
 * lines with their CRLF. */
const char *http_world_request(const char *method, const char *target,
                               const char *headers, const char *body);
/* Answer the kept exchange. */
void http_world_reply(const char *text);

#endif
