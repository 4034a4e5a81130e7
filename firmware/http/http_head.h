/* SPDX-License-Identifier: ISC */
/*
 * Request line and header fields of HTTP/1.x (RFC 9112), pushed in as they arrive. Strict
 * where two readers could disagree about where a message ends or who sent it; tolerant
 * about line ends (a lone LF is one), case, absolute-form targets and HTTP/1.0.
 */
#ifndef VAMT_HTTP_HTTP_HEAD_H
#define VAMT_HTTP_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/util.h"

/* How the end of the body is marked. */
enum http_framing { HTTP_FRAMING_NONE, HTTP_FRAMING_LENGTH, HTTP_FRAMING_CHUNKED };

struct http_head {
    /* Valid once http_head_push returned 1, until http_head_reset. Spans lie in the
     * buffer. */
    struct span method;
    struct span target; /* as sent */
    struct span path;   /* without scheme, authority and query */
    struct span query;  /* after '?' */
    unsigned minor;     /* HTTP/1.<minor>: 0 or 1 */
    enum http_framing framing;
    uint64_t length; /* of the body, for HTTP_FRAMING_LENGTH */
    bool keep_alive; /* what the version and Connection ask for */
    bool expects_continue;
    unsigned status; /* after an error: 400, 431, 501 or 505 */

    /* Private */
    uint8_t *ptr;
    size_t cap;
    size_t len;
    size_t fields_at;   /* first header line */
    size_t line_at;     /* start of the line being received */
    size_t blank_count; /* empty lines before the request line */
    bool had_cr;
    bool is_done;
};

/* Use `ptr` as the buffer; it must live as long as the head. More than `cap` bytes of
 * head is ERR_TOO_BIG. */
void http_head_init(struct http_head *h, void *ptr, size_t cap);
/* Ready for the next request on the connection. */
void http_head_reset(struct http_head *h);
/* True before the first byte of a request. */
bool http_head_is_empty(const struct http_head *h);

/* Take bytes up to the end of the head; *taken says how many (also on error). 1: the head
 * is complete. 0: need more. ERR_TOO_BIG, ERR_INVALID, ERR_UNSUPPORTED (a version or
 * transfer coding that we do not know): h->status is the HTTP status to answer. After 1
 * or an error only http_head_reset may follow. */
int http_head_push(struct http_head *h, struct span bytes, size_t *taken) UTIL_MUST_CHECK;

/* Next header field from *at (start with 0); false at the end. */
bool http_head_next(const struct http_head *h, size_t *at, struct span *name,
                    struct span *value);
/* First value of a field, name without case; NULL-pointer span if absent. `count` (may be
 * NULL) gets how many lines have that name. */
struct span http_head_find(const struct http_head *h, const char *name, size_t *count);
/* Does a comma-separated list hold this token (without case)? */
bool http_head_has_token(struct span list, const char *token);

#endif
