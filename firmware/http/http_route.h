/* SPDX-License-Identifier: ISC */
/*
 * What a protocol above HTTP (WS-Management, the web pages) sees of it: a const table of
 * routes handed to http_start, one handler call per authenticated and complete request,
 * and an exchange to read the request from and to render the reply into.
 */
#ifndef VAMT_HTTP_ROUTE_H
#define VAMT_HTTP_ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sbuf.h"
#include "base/span.h"
#include "base/util.h"
#include "latency/latency_op.h"

struct conn;
struct fault_rule;
struct http_head;

/* What a reply body is. All are sent chunked to HTTP/1.1 clients (wire facts 1.2). */
enum http_type { HTTP_TYPE_SOAP, HTTP_TYPE_HTML };

/* What an injected fault does to one reply. */
enum http_fault_kind {
    HTTP_FAULT_NONE,
    HTTP_FAULT_PAGE,  /* a page with status `number`, whatever is sent */
    HTTP_FAULT_CLOSE, /* `number` bytes of it go out, then the connection is closed */
    HTTP_FAULT_HANG   /* no reply at all, until the client goes */
};
struct http_fault {
    enum http_fault_kind kind;
    uint32_t number;
};

struct http_exchange {
    /* The request. Spans stay valid until the reply is sent or `cancel` was called. */
    struct span method; /* as sent; methods are case-sensitive */
    struct span path;   /* without scheme, authority and query; not percent-decoded */
    struct span query;  /* after '?', may be empty */
    struct span body; /* decoded, at most CONFIG_HTTP_BODY_CAP; the reply is rendered over
                         * it: read it before writing anything to `reply` */
    /* Authenticated account name, NUL behind it; empty on a route without needs_auth. */
    struct span user;
    const struct http_head *head; /* for http_route_header */
    const struct conn *conn;      /* peer, peer_port, local_port; not for writing */
    uint64_t arrival_us;          /* board_now_us when the request was complete */

    /* The reply body: render here, then call http_reply_send. Its overflow flag tells
     * that the reply does not fit; sbuf_reset and render something shorter. If it is sent
     * with the flag set, the client gets a 500 page. */
    struct sbuf reply;

    /* How slow and how broken the reply is to be. Whoever joins HTTP with a protocol
     * (routes.c) sets these before the handler returns or replies; protocols do not know
     * of them. Unset: as one of HTTP's own pages, and sound. */
    struct latency_job job;
    struct http_fault fault;

    /* The handler's own. A handler that returns without having sent its reply must have
     * set `cancel`: it is called once if the client goes away or the time is up, and x
     * must not be touched after it returned. */
    void (*cancel)(struct http_exchange *x);
    void *context;

    /* http_session.c's side (a test of a handler puts its own function here). */
    void (*finish)(struct http_exchange *x);
    unsigned status;
    enum http_type type;
    void *session;
};

struct http_route {
    const char *method; /* "POST" */
    const char *path;   /* "/wsman": matched exactly */
    bool needs_auth;    /* digest authentication passed before the handler is called */
    void (*handler)(struct http_exchange *x);
};

/* Send x->reply with this status; from inside the handler or later from the event loop.
 * Once per exchange; x and all its spans are invalid afterwards. A status of 400 and
 * above closes the connection after the reply. */
void http_reply_send(struct http_exchange *x, unsigned status, enum http_type type);

/* The outcome for HTTP of a rule that hit a request (copied); of NULL and of rules for
 * other layers: none. */
struct http_fault http_fault_of(const struct fault_rule *rule);

/* Value of a header, name compared without case; NULL-pointer span if there is none, the
 * first if there are several. */
struct span http_route_header(const struct http_exchange *x, const char *name);

/* Routes to answer from now on. The table must stay valid for ever. */
void http_route_set(const struct http_route *routes, size_t count);
/* The route for method and path. When only the path is known: NULL, *path_known is set to
 * any route of that path and `allow` (may be NULL) gets "POST, GET"; unknown path: NULL
 * and *path_known NULL. */
const struct http_route *http_route_find(struct span method, struct span path,
                                         const struct http_route **path_known,
                                         struct sbuf *allow);

#endif
