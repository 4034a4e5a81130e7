/* SPDX-License-Identifier: ISC */
/* Integers in byte buffers, and comparison and wiping of secrets. */
#ifndef VAMT_BASE_BYTES_H
#define VAMT_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline uint16_t bytes_get_le16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t bytes_get_le32(const uint8_t *p)
{
    return (uint32_t)bytes_get_le16(p) | (uint32_t)bytes_get_le16(p + 2) << 16;
}

static inline uint64_t bytes_get_le64(const uint8_t *p)
{
    return (uint64_t)bytes_get_le32(p) | (uint64_t)bytes_get_le32(p + 4) << 32;
}

static inline void bytes_put_le16(uint8_t *p, uint16_t value)
{
    p[0] = (uint8_t)value;
    p[1] = (uint8_t)(value >> 8);
}

static inline void bytes_put_le32(uint8_t *p, uint32_t value)
{
    bytes_put_le16(p, (uint16_t)value);
    bytes_put_le16(p + 2, (uint16_t)(value >> 16));
}

static inline void bytes_put_le64(uint8_t *p, uint64_t value)
{
    bytes_put_le32(p, (uint32_t)value);
    bytes_put_le32(p + 4, (uint32_t)(value >> 32));
}

/* Compare secrets: the time taken depends on `len` only. */
bool bytes_equal_secret(const void *a, const void *b, size_t len);
/* Overwrite with zeroes in a way that the compiler keeps. */
void bytes_wipe(void *ptr, size_t len);

#endif
