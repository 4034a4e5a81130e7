/* SPDX-License-Identifier: ISC */
/*
 * The exact bytes of replies (wire facts 1.1, 1.2): header names, order and spelling are
 * what consoles and scanners parse. Two clients set limits of their own: one takes
 * `</html>` or `0 CR LF CR LF` anywhere for the end of a message, so a page ends in
 * `</html>` and a header block never ends in a zero.
 */
#ifndef VAMT_HTTP_HTTP_REPLY_H
#define VAMT_HTTP_HTTP_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sbuf.h"
#include "base/span.h"
#include "http/http_route.h"

enum {
    HTTP_REPLY_HEAD_CAP = 512,     /* no head of http_reply_put_head is longer */
    HTTP_REPLY_PAGE_CAP = 2048,    /* no page, with its head, is longer */
    HTTP_REPLY_CHUNK_CAP = 0xFFFF, /* four digits of chunk size */
    HTTP_REPLY_TAIL_CAP = 8
};

/* Head of a handler's reply, up to and with the size line of its only chunk. */
struct http_reply_head {
    unsigned status;
    enum http_type type;
    size_t body_len; /* at most HTTP_REPLY_CHUNK_CAP */
    int64_t wall_s;  /* for Date */
    bool is_chunked; /* false: Content-Length (HTTP/1.0) */
    bool is_last;    /* Connection: close */
};
void http_reply_put_head(struct sbuf *out, const struct http_reply_head *head);
/* What follows the body: the end of the chunks, or nothing. */
void http_reply_put_tail(struct sbuf *out, const struct http_reply_head *head);

/* A complete HTML page for an error that HTTP itself reports; the connection closes. */
struct http_reply_page {
    unsigned status;   /* any of 400 and above; 401 has its own shape, without Date */
    bool is_stale;     /* 401: the nonce alone was wrong */
    uint32_t wait_s;   /* 401, not 0: locked out for so long (Retry-After) */
    bool is_head_only; /* answer to HEAD: no body */
    int64_t wall_s;
    struct span allow; /* 405: methods for Allow */
};
void http_reply_put_page(struct sbuf *out, const struct http_reply_page *page);

/* "HTTP/1.1 100 Continue" and an empty line. */
struct span http_reply_continue(void);

/* The 503 for a connection that finds every session in use. Constant, so that it can
 * stand in a const conn_handler. */
#define HTTP_REPLY_REFUSAL_PAGE \
    "<html><head><title>Service Unavailable</title></head>" \
    "<body><p>Too many connections. Try again later.</p></body></html>"
#define HTTP_REPLY_REFUSAL \
    "HTTP/1.1 503 Service Unavailable\r\n" \
    "Content-Type: text/html\r\n" \
    "Content-Length: 118\r\n" \
    "Connection: close\r\n" \
    "\r\n" HTTP_REPLY_REFUSAL_PAGE

#endif
