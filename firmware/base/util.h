/* SPDX-License-Identifier: ISC */
/* Attributes, array length and other one-line helpers with no home of their own. */
#ifndef VAMT_BASE_UTIL_H
#define VAMT_BASE_UTIL_H

#include <stddef.h>
#include <stdint.h>

#define UTIL_COUNT(array)       (sizeof(array) / sizeof((array)[0]))
#define UTIL_MUST_CHECK         __attribute__((warn_unused_result))
#define UTIL_NORETURN           __attribute__((noreturn))
#define UTIL_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
/* Memory that is seldom touched. In the image it lies behind all else (ld/sections.ld), for a
 * hypervisor spends a whole huge page on a single byte. */
#if __STDC_HOSTED__
#define UTIL_SELDOM
#else
#define UTIL_SELDOM __attribute__((section(".bss..seldom")))
#endif
#define UTIL_KIB 1024u
#define UTIL_MIB (1024u * 1024u)

static inline size_t util_min(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The first of two moments (board_now_us scale; UINT64_MAX: never). */
static inline uint64_t util_earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

#endif
