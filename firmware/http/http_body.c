/* SPDX-License-Identifier: ISC */
/* Body decoder. Lines of the chunked coding end in CR LF and nothing else. */
#include "http/http_body.h"

#include "base/err.h"

enum {
    SIZE_DIGITS = 8,  /* of a chunk size, leading zeros counted */
    EXTRA_CAP = 8192, /* extensions and trailers of one body together */
    DELETE = 0x7f
};

int http_body_init(struct http_body *b, enum http_framing framing, uint64_t length,
                   uint64_t cap)
{
    *b = (struct http_body){.framing = framing, .cap = cap, .state = HTTP_BODY_DONE};
    if (framing == HTTP_FRAMING_CHUNKED) {
        b->state = HTTP_BODY_SIZE;
        return 0;
    }
    if (framing == HTTP_FRAMING_NONE || length == 0) {
        return 1;
    }
    if (length > cap) {
        return ERR_TOO_BIG;
    }
    b->state = HTTP_BODY_DATA;
    b->left = length;
    return 0;
}

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static int push_size(struct http_body *b, uint8_t c)
{
    int value = hex_value(c);

    if (value >= 0 && b->digits < SIZE_DIGITS) {
        b->left = b->left << 4 | (unsigned)value;
        b->digits++;
        return 0;
    }
    if (b->digits == 0 || (c != '\r' && c != ';')) {
        return ERR_INVALID;
    }
    b->state = c == '\r' ? HTTP_BODY_SIZE_LF : HTTP_BODY_EXT;
    return 0;
}

/* A byte of an extension or a trailer line: any text, ended by CR. */
static int push_extra(struct http_body *b, uint8_t c, enum http_body_state after_cr)
{
    if (c == '\r') {
        b->state = after_cr;
        return 0;
    }
    if ((c < ' ' && c != '\t') || c == DELETE || b->extra_len == EXTRA_CAP) {
        return ERR_INVALID;
    }
    b->extra_len++;
    return 0;
}

/* The size line is complete. */
static int begin_chunk(struct http_body *b)
{
    b->digits = 0;
    if (b->left == 0) {
        b->state = HTTP_BODY_TRAILER;
        return 0;
    }
    if (b->left > b->cap - b->total_len) {
        return ERR_TOO_BIG;
    }
    b->total_len += b->left;
    b->state = HTTP_BODY_DATA;
    return 0;
}

static int push_exact(struct http_body *b, uint8_t c, uint8_t wanted,
                      enum http_body_state next)
{
    if (c != wanted) {
        return ERR_INVALID;
    }
    b->state = next;
    return 0;
}

/* One byte of framing. */
static int push_byte(struct http_body *b, uint8_t c)
{
    switch (b->state) {
    case HTTP_BODY_SIZE:
        return push_size(b, c);
    case HTTP_BODY_EXT:
        return push_extra(b, c, HTTP_BODY_SIZE_LF);
    case HTTP_BODY_SIZE_LF:
        return c == '\n' ? begin_chunk(b) : ERR_INVALID;
    case HTTP_BODY_DATA_CR:
        return push_exact(b, c, '\r', HTTP_BODY_DATA_LF);
    case HTTP_BODY_DATA_LF:
        return push_exact(b, c, '\n', HTTP_BODY_SIZE);
    case HTTP_BODY_TRAILER:
        b->state = HTTP_BODY_FIELD;
        return push_extra(b, c, HTTP_BODY_LAST_LF);
    case HTTP_BODY_FIELD:
        return push_extra(b, c, HTTP_BODY_FIELD_LF);
    case HTTP_BODY_FIELD_LF:
        return push_exact(b, c, '\n', HTTP_BODY_TRAILER);
    case HTTP_BODY_LAST_LF:
        if (c != '\n') {
            return ERR_INVALID;
        }
        b->state = HTTP_BODY_DONE;
        return 1;
    default:
        return ERR_INVALID;
    }
}

/* Data bytes; returns how many. */
static size_t push_data(struct http_body *b, struct span bytes, struct sbuf *out)
{
    size_t len = b->left < bytes.len ? (size_t)b->left : bytes.len;

    if (out != NULL) {
        sbuf_put(out, span_slice(bytes, 0, len));
    }
    b->left -= len;
    if (b->left == 0) {
        b->state = b->framing == HTTP_FRAMING_CHUNKED ? HTTP_BODY_DATA_CR
                                                      : HTTP_BODY_DONE;
    }
    return len;
}

int http_body_push(struct http_body *b, struct span bytes, struct sbuf *out,
                   size_t *taken)
{
    int result = 0;
    size_t at = 0;

    while (result == 0 && at < bytes.len) {
        if (b->state == HTTP_BODY_DATA) {
            at += push_data(b, span_slice(bytes, at, bytes.len), out);
            result = b->state == HTTP_BODY_DONE ? 1 : 0;
        } else {
            result = push_byte(b, bytes.ptr[at++]);
        }
    }
    if (result >= 0 && out != NULL && out->overflow) {
        result = ERR_TOO_BIG;
    }
    *taken = at;
    return result;
}
