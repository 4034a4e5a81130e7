/* SPDX-License-Identifier: ISC */
/* See request.h. */
#include "request.h"

#include <string.h>

#include "base/err.h"

static bool is_plain(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c != '\0' && strchr("-_./:,@+", c) != NULL);
}

bool request_encode(const char *text, char *dst, size_t cap)
{
    static const char digits[] = "0123456789abcdef";
    size_t len = 0;

    for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++) {
        if (cap - len < 4) {
            return false;
        }
        if (is_plain(*p)) {
            dst[len++] = (char)*p;
        } else {
            dst[len++] = '%';
            dst[len++] = digits[*p >> 4];
            dst[len++] = digits[*p & 15];
        }
    }
    if (len >= cap) {
        return false;
    }
    dst[len] = '\0';
    return true;
}

/* Decode one word to dst (as large as the word and a NUL). Its length, or ERR_INVALID. */
static int decode(struct span word, char *dst)
{
    int len = 0;

    while (word.len > 0) {
        uint64_t value = word.ptr[0];

        if (value == '%') {
            if (word.len < 3 || !span_hex_to_uint(span_slice(word, 1, 2), 255, &value)) {
                return ERR_INVALID;
            }
            word = span_slice(word, 3, word.len);
        } else if (value <= ' ' || value >= 0x7f) {
            return ERR_INVALID;
        } else {
            word = span_slice(word, 1, word.len);
        }
        if (value == 0) {
            return ERR_INVALID;
        }
        dst[len++] = (char)value;
    }
    dst[len] = '\0';
    return len + 1;
}

int request_parse(struct span line, struct request *out)
{
    char *at = out->text;

    out->command = NULL;
    out->count = 0;
    if (line.len >= REQUEST_LINE_CAP) {
        return ERR_TOO_BIG;
    }
    while (line.len > 0) {
        size_t len = span_find(line, ' ');
        struct span word = span_slice(line, 0, len);
        size_t equals = span_find(word, '=');
        bool is_first = out->command == NULL;
        int key_len = decode(span_slice(word, 0, equals), at);
        int value_len;

        line = span_slice(line, len + 1, line.len);
        if (key_len <= 1 || is_first != (equals == word.len)) {
            return ERR_INVALID;
        }
        if (is_first) {
            out->command = at;
            at += key_len;
            continue;
        }
        if (out->count == REQUEST_PAIRS_MAX) {
            return ERR_TOO_BIG;
        }
        value_len = decode(span_slice(word, equals + 1, word.len), at + key_len);
        if (value_len < 0) {
            return ERR_INVALID;
        }
        out->keys[out->count] = at;
        out->values[out->count++] = at + key_len;
        at += key_len + value_len;
    }
    return out->command != NULL ? 0 : ERR_INVALID;
}

const char *request_get(const struct request *r, const char *key)
{
    for (size_t i = 0; i < r->count; i++) {
        if (strcmp(r->keys[i], key) == 0) {
            return r->values[i];
        }
    }
    return NULL;
}
