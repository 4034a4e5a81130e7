/* SPDX-License-Identifier: ISC */
/* Bounded writing of bytes and text. */
#include "base/sbuf.h"

#include <string.h>

#include "base/bytes.h"
#include "base/err.h"

enum { NUMBER_CAP = 24 };

void sbuf_init(struct sbuf *b, void *ptr, size_t cap)
{
    *b = (struct sbuf){.ptr = ptr, .cap = cap};
}

void sbuf_init_counting(struct sbuf *b)
{
    *b = (struct sbuf){.cap = SIZE_MAX};
}

void sbuf_reset(struct sbuf *b)
{
    b->len = 0;
    b->overflow = false;
}

void sbuf_put(struct sbuf *b, struct span bytes)
{
    if (b->overflow || bytes.len > b->cap - b->len) {
        b->overflow = true;
        return;
    }
    if (b->ptr != NULL && bytes.len > 0) {
        memcpy(b->ptr + b->len, bytes.ptr, bytes.len);
    }
    b->len += bytes.len;
}

void sbuf_put_str(struct sbuf *b, const char *text)
{
    sbuf_put(b, span_str(text));
}

void sbuf_put_u8(struct sbuf *b, uint8_t value)
{
    sbuf_put(b, span_of(&value, sizeof(value)));
}

void sbuf_put_le16(struct sbuf *b, uint16_t value)
{
    uint8_t raw[sizeof(value)];

    bytes_put_le16(raw, value);
    sbuf_put(b, span_of(raw, sizeof(raw)));
}

void sbuf_put_le32(struct sbuf *b, uint32_t value)
{
    uint8_t raw[sizeof(value)];

    bytes_put_le32(raw, value);
    sbuf_put(b, span_of(raw, sizeof(raw)));
}

void sbuf_put_le64(struct sbuf *b, uint64_t value)
{
    uint8_t raw[sizeof(value)];

    bytes_put_le64(raw, value);
    sbuf_put(b, span_of(raw, sizeof(raw)));
}

static void put_number(struct sbuf *b, uint64_t value, unsigned base, unsigned digits,
                       char pad, bool upper)
{
    const char *set = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    char text[NUMBER_CAP];
    size_t at = sizeof(text);

    do {
        text[--at] = set[value % base];
        value /= base;
    } while (value != 0);
    while (sizeof(text) - at < digits && at > 0) {
        text[--at] = pad;
    }
    sbuf_put(b, span_of(text + at, sizeof(text) - at));
}

void sbuf_put_uint(struct sbuf *b, uint64_t value)
{
    put_number(b, value, 10, 1, '0', false);
}

void sbuf_put_int(struct sbuf *b, int64_t value)
{
    if (value < 0) {
        sbuf_put_u8(b, '-');
        sbuf_put_uint(b, (uint64_t)0 - (uint64_t)value);
    } else {
        sbuf_put_uint(b, (uint64_t)value);
    }
}

void sbuf_put_hex(struct sbuf *b, uint64_t value, unsigned digits, bool upper)
{
    put_number(b, value, 16, digits, '0', upper);
}

void sbuf_put_hex_bytes(struct sbuf *b, struct span bytes, bool upper)
{
    for (size_t i = 0; i < bytes.len; i++) {
        sbuf_put_hex(b, bytes.ptr[i], 2, upper);
    }
}

void sbuf_put_base64(struct sbuf *b, struct span bytes)
{
    static const char set[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    while (bytes.len > 0) {
        size_t n = util_min(bytes.len, 3);
        uint32_t bits = (uint32_t)bytes.ptr[0] << 16;
        uint8_t out[4];

        if (n > 1) {
            bits |= (uint32_t)bytes.ptr[1] << 8;
        }
        if (n > 2) {
            bits |= bytes.ptr[2];
        }
        for (unsigned i = 0; i < sizeof(out); i++) {
            out[i] = i <= n ? (uint8_t)set[bits >> (18 - 6 * i) & 63] : '=';
        }
        sbuf_put(b, span_of(out, sizeof(out)));
        bytes = span_slice(bytes, n, bytes.len);
    }
}

/* One conversion of a format string. */
struct conversion {
    char pad;
    unsigned width;
    int precision;  /* -1: none */
    unsigned longs; /* 0 int, 1 long or size_t, 2 long long */
    char kind;
};

static const char *parse_conversion(const char *p, struct conversion *c, va_list *args)
{
    *c = (struct conversion){.pad = ' ', .precision = -1};
    if (*p == '0') {
        c->pad = '0';
        p++;
    }
    while (*p >= '0' && *p <= '9') {
        c->width = c->width * 10 + (unsigned)(*p++ - '0');
    }
    if (p[0] == '.' && p[1] == '*') {
        c->precision = va_arg(*args, int);
        p += 2;
    }
    while (*p == 'l' || *p == 'z') {
        c->longs++;
        p++;
    }
    c->kind = *p;
    return *p != '\0' ? p + 1 : p;
}

static int64_t take_signed(const struct conversion *c, va_list *args)
{
    if (c->longs == 0) {
        return va_arg(*args, int);
    }
    return c->longs == 1 ? va_arg(*args, long) : va_arg(*args, long long);
}

static uint64_t take_unsigned(const struct conversion *c, va_list *args)
{
    if (c->longs == 0) {
        return va_arg(*args, unsigned);
    }
    return c->longs == 1 ? va_arg(*args, unsigned long)
                         : va_arg(*args, unsigned long long);
}

static void put_text(struct sbuf *b, const char *text, int precision)
{
    size_t len = 0;
    size_t cap = precision < 0 ? SIZE_MAX : (size_t)precision;

    if (text == NULL) {
        text = "(null)";
    }
    while (len < cap && text[len] != '\0') {
        len++;
    }
    sbuf_put(b, span_of(text, len));
}

static void put_conversion(struct sbuf *b, const struct conversion *c, va_list *args)
{
    switch (c->kind) {
    case 's':
        put_text(b, va_arg(*args, const char *), c->precision);
        break;
    case 'c':
        sbuf_put_u8(b, (uint8_t)va_arg(*args, int));
        break;
    case 'd':
    case 'i':
        sbuf_put_int(b, take_signed(c, args));
        break;
    case 'u':
        put_number(b, take_unsigned(c, args), 10, c->width, c->pad, false);
        break;
    case 'x':
    case 'X':
        put_number(b, take_unsigned(c, args), 16, c->width, c->pad, c->kind == 'X');
        break;
    default:
        sbuf_put_u8(b, '%');
        if (c->kind != '%' && c->kind != '\0') {
            sbuf_put_u8(b, (uint8_t)c->kind);
        }
        break;
    }
}

void sbuf_vprintf(struct sbuf *b, const char *format, va_list args)
{
    va_list rest;

    va_copy(rest, args);
    while (*format != '\0') {
        const char *stop = strchr(format, '%');
        size_t plain = stop != NULL ? (size_t)(stop - format) : strlen(format);
        struct conversion c;

        sbuf_put(b, span_of(format, plain));
        if (stop == NULL) {
            break;
        }
        format = parse_conversion(stop + 1, &c, &rest);
        put_conversion(b, &c, &rest);
    }
    va_end(rest);
}

void sbuf_printf(struct sbuf *b, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    sbuf_vprintf(b, format, args);
    va_end(args);
}

void sbuf_remove(struct sbuf *b, size_t at, size_t len)
{
    if (at <= b->len && len <= b->len - at) {
        memmove(b->ptr + at, b->ptr + at + len, b->len - at - len);
        b->len -= len;
    }
}

struct span sbuf_span(const struct sbuf *b)
{
    return span_of(b->ptr, b->len);
}

int sbuf_terminate(struct sbuf *b)
{
    if (b->overflow || b->len >= b->cap || b->ptr == NULL) {
        return ERR_FULL;
    }
    b->ptr[b->len] = '\0';
    return 0;
}
