/* SPDX-License-Identifier: ISC */
/*
 * Decodes a request body (Content-Length or chunked, RFC 9112 clauses 6 and 7) as it
 * arrives, into a buffer or into nothing. Chunk extensions and trailer fields are read
 * over, their total is bounded.
 */
#ifndef VAMT_HTTP_HTTP_BODY_H
#define VAMT_HTTP_HTTP_BODY_H

#include <stddef.h>
#include <stdint.h>

#include "base/sbuf.h"
#include "base/span.h"
#include "base/util.h"
#include "http/http_head.h"

/* What the next byte belongs to. */
enum http_body_state {
    HTTP_BODY_DATA,    /* the body itself, or a chunk's data */
    HTTP_BODY_SIZE,    /* digits of a chunk size */
    HTTP_BODY_EXT,     /* chunk extensions, up to CR */
    HTTP_BODY_SIZE_LF, /* LF after a chunk size */
    HTTP_BODY_DATA_CR, /* CR after a chunk's data */
    HTTP_BODY_DATA_LF,
    HTTP_BODY_TRAILER, /* first byte of a trailer line, or the CR of the last line */
    HTTP_BODY_FIELD,   /* inside a trailer line */
    HTTP_BODY_FIELD_LF,
    HTTP_BODY_LAST_LF,
    HTTP_BODY_DONE
};

struct http_body {
    enum http_body_state state;
    enum http_framing framing;
    uint64_t left;      /* bytes of data before the next change of state */
    uint64_t total_len; /* decoded so far, this chunk's announced size included */
    uint64_t cap;
    unsigned digits;  /* of the chunk size being read */
    size_t extra_len; /* extension and trailer bytes so far */
};

/* A body framed as the head says, decoded length at most `cap`. ERR_TOO_BIG when the
 * announced length is beyond it; 0: push bytes; 1: there is no body. */
int http_body_init(struct http_body *b, enum http_framing framing, uint64_t length,
                   uint64_t cap) UTIL_MUST_CHECK;

/* Take bytes up to the end of the body; *taken says how many (also on error). Data goes
 * to `out` (room for `cap` bytes) or nowhere when NULL. 1: complete. 0: need more.
 * ERR_TOO_BIG: 413. ERR_INVALID: 400. */
int http_body_push(struct http_body *b, struct span bytes, struct sbuf *out,
                   size_t *taken) UTIL_MUST_CHECK;

#endif
