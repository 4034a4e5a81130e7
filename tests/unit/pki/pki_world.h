/* SPDX-License-Identifier: ISC */
/*
 * A board and a store in memory for tests of keys and certificates. The store can lose power in the
 * N-th write or removal, or refuse it.
 */
#ifndef VAMT_TESTS_PKI_WORLD_H
#define VAMT_TESTS_PKI_WORLD_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "store/store.h"

struct pki_world {
    uint64_t now_us;
    uint64_t tick_us;
    int64_t wall_s;
    enum store_state store_state;
    const char *hostname; /* seeds; NULL: none */
    const char *plain_ports;
    unsigned operations; /* writes and removals so far */
    unsigned cut_at;     /* that one loses power: longjmp to `powerless`. 0: none */
    bool cut_after;      /* done, but nobody was told */
    jmp_buf powerless;
    int store_result; /* what writes and removals return without doing anything; 0: they work */
};
extern struct pki_world pki_world;

/* An empty store, the power on, crypto started. */
void pki_world_open(void);
/* What a reset does: crypto_start, tls_settings_start, pki_start. */
void pki_world_start(void);
/* Poll until nothing is left to do (own pairs, a pair that is being made). */
void pki_world_settle(void);
/* Is there a record of that name? */
bool pki_world_has(const char *name);
size_t pki_world_records(void);
/* Flip a bit in the middle of a record's content. */
void pki_world_damage(const char *name);
/* Does any record's content hold these bytes? */
bool pki_world_holds(struct span bytes);

#endif
