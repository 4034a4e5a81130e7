/* SPDX-License-Identifier: ISC */
/*
 * A bounded output buffer. Writers append without checking; a write that does not fit is
 * dropped whole and sets `overflow`, which stays set, so one check at the end is enough.
 * With a NULL buffer nothing is stored and `len` still counts (counting mode).
 */
#ifndef VAMT_BASE_SBUF_H
#define VAMT_BASE_SBUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/util.h"

struct sbuf {
    uint8_t *ptr;
    size_t len;
    size_t cap;
    bool overflow;
};

void sbuf_init(struct sbuf *b, void *ptr, size_t cap);
/* Counting mode: cap is unlimited. */
void sbuf_init_counting(struct sbuf *b);
/* Back to empty, overflow cleared. */
void sbuf_reset(struct sbuf *b);

void sbuf_put(struct sbuf *b, struct span bytes);
void sbuf_put_str(struct sbuf *b, const char *text);
void sbuf_put_u8(struct sbuf *b, uint8_t value);
void sbuf_put_le16(struct sbuf *b, uint16_t value);
void sbuf_put_le32(struct sbuf *b, uint32_t value);
void sbuf_put_le64(struct sbuf *b, uint64_t value);
void sbuf_put_uint(struct sbuf *b, uint64_t value); /* decimal */
void sbuf_put_int(struct sbuf *b, int64_t value);   /* decimal */
/* Hexadecimal, at least `digits` digits, upper or lower case. */
void sbuf_put_hex(struct sbuf *b, uint64_t value, unsigned digits, bool upper);
/* Each byte as two hexadecimal digits. */
void sbuf_put_hex_bytes(struct sbuf *b, struct span bytes, bool upper);
void sbuf_put_base64(struct sbuf *b, struct span bytes);

/* Formatted text. Conversions: %s %c %d %i %u %x %X %% with 0/width, l, ll and z lengths,
 * and %.*s. Any other conversion is written as it stands. No floating point. */
void sbuf_printf(struct sbuf *b, const char *format, ...) UTIL_PRINTF(2, 3);
void sbuf_vprintf(struct sbuf *b, const char *format, va_list args);

/* Take `len` bytes out again, starting at offset `at`; both must lie in what was written.
 * Not in counting mode. */
void sbuf_remove(struct sbuf *b, size_t at, size_t len);

/* What was written. Valid until the buffer is changed. */
struct span sbuf_span(const struct sbuf *b);
/* NUL-terminate without counting the NUL. ERR_FULL if there is no room or an overflow. */
int sbuf_terminate(struct sbuf *b);

#endif
