/* SPDX-License-Identifier: ISC */
/*
 * A span is a read-only view of bytes that somebody else owns. It is valid as long as the
 * owner keeps the bytes; a function that keeps a span longer than its call says so.
 * All reading of foreign bytes goes through a span: check first, move after.
 */
#ifndef VAMT_BASE_SPAN_H
#define VAMT_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct span {
    const uint8_t *ptr;
    size_t len;
};

/* View of a memory range. */
struct span span_of(const void *ptr, size_t len);
/* View of a NUL-terminated string, without the NUL. NULL gives an empty span. */
struct span span_str(const char *text);

bool span_equal(struct span a, struct span b);
bool span_equal_str(struct span a, const char *text);
/* ASCII letters compared without case. */
bool span_equal_nocase(struct span a, const char *text);
bool span_starts_with(struct span s, const char *prefix);

/* First occurrence of `byte`: its index, or s.len when absent. */
size_t span_find(struct span s, uint8_t byte);
/* The part of s from `from`, at most `len` bytes; clipped to s, never outside it. */
struct span span_slice(struct span s, size_t from, size_t len);
/* Without leading and trailing spaces, tabs, CR and LF. */
struct span span_trim(struct span s);

/* Take `len` bytes off the front. False (and nothing moved) if s is shorter. */
bool span_take(struct span *s, size_t len, struct span *taken);
/* Little-endian reads off the front. False (and nothing moved) if s is too short. */
bool span_take_u8(struct span *s, uint8_t *value);
bool span_take_le16(struct span *s, uint16_t *value);
bool span_take_le32(struct span *s, uint32_t *value);
bool span_take_le64(struct span *s, uint64_t *value);

/* The whole span as an unsigned decimal or hexadecimal number. False if it is empty, holds
 * any other character, or exceeds `max`. */
bool span_to_uint(struct span s, uint64_t max, uint64_t *value);
bool span_hex_to_uint(struct span s, uint64_t max, uint64_t *value);

/* Copy as a NUL-terminated string. ERR_TOO_BIG if it does not fit, ERR_INVALID if it holds
 * a NUL; dst is "" then. Returns the length on success. */
int span_copy_str(struct span s, char *dst, size_t cap);

#endif
