/* SPDX-License-Identifier: ISC */
/*
 * The memory that Mbed TLS works in: one fixed block (CONFIG_TLS_ARENA_CAP) for handshakes,
 * sessions, keys and certificates together. An exhausted arena gives NULL, which Mbed TLS
 * reports as an ordinary error. Freed memory is wiped, so nothing secret stays behind.
 *
 * Blocks are kept in lists by size (powers of two), so that an allocation looks at few of them;
 * neighbours that are free are joined at once.
 */
#ifndef VAMT_CRYPTO_ARENA_H
#define VAMT_CRYPTO_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena_status {
    size_t used;      /* bytes in use now, headers included */
    size_t used_most; /* at any time */
    size_t blocks;    /* in use now; 0 after everything is freed: what tests ask for */
    size_t failed;    /* allocations that got nothing */
    size_t largest;   /* bytes that one allocation could get now */
};

/* Empty the arena and hand it to Mbed TLS. crypto_start does this. */
void arena_start(void);
/* Zeroed memory for count things of len bytes, or NULL. */
void *arena_alloc(size_t count, size_t len);
/* NULL is fine. A pointer that is not from here, or was freed already, is a bug: panic. */
void arena_free(void *block);
void arena_get_status(struct arena_status *status);

/* For tests: let the n-th allocation from now fail, or (is_for_good) that and all after it.
 * 0: none. */
void arena_fail_at(size_t n, bool is_for_good);
/* For tests: does every block's neighbour agree with it? */
bool arena_is_sound(void);

#endif
