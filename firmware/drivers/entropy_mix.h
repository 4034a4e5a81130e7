/* SPDX-License-Identifier: ISC */
/* Several sources of random bytes made into one that is as good as the best of them. */
#ifndef VAMT_DRIVERS_ENTROPY_MIX_H
#define VAMT_DRIVERS_ENTROPY_MIX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/util.h"

struct entropy_source {
    int (*read)(void *dst, size_t len); /* 0, or negative: it gave nothing */
    bool is_enough;                     /* good by itself; else only ever an addition */
};

enum { ENTROPY_SOURCES_MAX = 4 };

/* Fill dst: every 32 bytes are the SHA-256 of 32 fresh bytes from each source. Returns 0, or
 * ERR_IO (dst zeroed) if no source that is enough gave bytes that change. */
int entropy_mix(const struct entropy_source *sources, size_t count, void *dst,
                size_t len) UTIL_MUST_CHECK;

#endif
