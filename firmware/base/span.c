/* SPDX-License-Identifier: ISC */
/* Bounded reading of bytes. */
#include "base/span.h"

#include <string.h>

#include "base/bytes.h"
#include "base/err.h"

struct span span_of(const void *ptr, size_t len)
{
    return (struct span){ptr, len};
}

struct span span_str(const char *text)
{
    return span_of(text, text != NULL ? strlen(text) : 0);
}

bool span_equal(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool span_equal_str(struct span a, const char *text)
{
    return span_equal(a, span_str(text));
}

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

bool span_equal_nocase(struct span a, const char *text)
{
    struct span b = span_str(text);

    if (a.len != b.len) {
        return false;
    }
    for (size_t i = 0; i < a.len; i++) {
        if (lower(a.ptr[i]) != lower(b.ptr[i])) {
            return false;
        }
    }
    return true;
}

bool span_starts_with(struct span s, const char *prefix)
{
    struct span p = span_str(prefix);

    return s.len >= p.len && span_equal(span_slice(s, 0, p.len), p);
}

size_t span_find(struct span s, uint8_t byte)
{
    const uint8_t *hit = s.len > 0 ? memchr(s.ptr, byte, s.len) : NULL;

    return hit != NULL ? (size_t)(hit - s.ptr) : s.len;
}

struct span span_slice(struct span s, size_t from, size_t len)
{
    if (from >= s.len) {
        return (struct span){s.len > 0 ? s.ptr + s.len : s.ptr, 0};
    }
    s.ptr += from;
    s.len -= from;
    if (len < s.len) {
        s.len = len;
    }
    return s;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct span span_trim(struct span s)
{
    while (s.len > 0 && is_blank(s.ptr[0])) {
        s.ptr++;
        s.len--;
    }
    while (s.len > 0 && is_blank(s.ptr[s.len - 1])) {
        s.len--;
    }
    return s;
}

bool span_take(struct span *s, size_t len, struct span *taken)
{
    if (s->len < len) {
        return false;
    }
    *taken = span_slice(*s, 0, len);
    *s = span_slice(*s, len, s->len - len);
    return true;
}

bool span_take_u8(struct span *s, uint8_t *value)
{
    struct span part;

    if (!span_take(s, sizeof(*value), &part)) {
        return false;
    }
    *value = part.ptr[0];
    return true;
}

bool span_take_le16(struct span *s, uint16_t *value)
{
    struct span part;

    if (!span_take(s, sizeof(*value), &part)) {
        return false;
    }
    *value = bytes_get_le16(part.ptr);
    return true;
}

bool span_take_le32(struct span *s, uint32_t *value)
{
    struct span part;

    if (!span_take(s, sizeof(*value), &part)) {
        return false;
    }
    *value = bytes_get_le32(part.ptr);
    return true;
}

bool span_take_le64(struct span *s, uint64_t *value)
{
    struct span part;

    if (!span_take(s, sizeof(*value), &part)) {
        return false;
    }
    *value = bytes_get_le64(part.ptr);
    return true;
}

static int digit_value(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

static bool to_uint(struct span s, unsigned base, uint64_t max, uint64_t *value)
{
    uint64_t sum = 0;

    if (s.len == 0) {
        return false;
    }
    for (size_t i = 0; i < s.len; i++) {
        uint64_t digit = (uint64_t)digit_value(s.ptr[i]);

        if (digit >= base || digit > max || sum > (max - digit) / base) {
            return false;
        }
        sum = sum * base + digit;
    }
    *value = sum;
    return true;
}

bool span_to_uint(struct span s, uint64_t max, uint64_t *value)
{
    return to_uint(s, 10, max, value);
}

bool span_hex_to_uint(struct span s, uint64_t max, uint64_t *value)
{
    return to_uint(s, 16, max, value);
}

int span_copy_str(struct span s, char *dst, size_t cap)
{
    if (cap > 0) {
        dst[0] = '\0';
    }
    if (s.len >= cap) {
        return ERR_TOO_BIG;
    }
    if (span_find(s, 0) != s.len) {
        return ERR_INVALID;
    }
    if (s.len > 0) {
        memcpy(dst, s.ptr, s.len);
    }
    dst[s.len] = '\0';
    return (int)s.len;
}
