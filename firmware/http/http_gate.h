/* SPDX-License-Identifier: ISC */
/*
 * Decides about a complete request head, before any of its body is kept: user
 * authenticated, route known, method offered, body within limits - in this order, so that
 * somebody without a password learns nothing about paths, not even which there are. AMT
 * too asks for a login on GET /index.htm, where scanners look for one.
 */
#ifndef VAMT_HTTP_HTTP_GATE_H
#define VAMT_HTTP_HTTP_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/sbuf.h"
#include "base/span.h"
#include "config.h"
#include "http/http_head.h"
#include "http/http_route.h"

enum { HTTP_GATE_ALLOW_CAP = 64 };

struct http_gate {
    unsigned status; /* 0: pass; else the page to answer with */
    bool is_stale;   /* 401: only the nonce was wrong */
    uint32_t wait_s; /* 401: the address is locked out for so long; 0: not */
    const struct http_route *route; /* when it passes */
    struct span user;  /* empty on a route without authentication; lies in user_text */
    struct span allow; /* 405; lies in allow_text */
    uint8_t allow_text[HTTP_GATE_ALLOW_CAP];
    char user_text[CONFIG_ACCOUNT_NAME_CAP];
};

/* `peer`: 16 bytes, the client's address. */
void http_gate_check(const struct http_head *head, const uint8_t *peer,
                     struct http_gate *gate);
/* The page for gate->status. */
void http_gate_put_page(const struct http_gate *gate, const struct http_head *head,
                        struct sbuf *out);

#endif
