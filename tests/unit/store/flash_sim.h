/* SPDX-License-Identifier: ISC */
/*
 * NOR flash in memory that fails as flash does. It asserts the rules (aligned, inside, erased
 * before programmed), counts, and can lose power in the middle of the N-th operation, rot, and have
 * blocks that are stuck.
 */
#ifndef VAMT_TESTS_FLASH_SIM_H
#define VAMT_TESTS_FLASH_SIM_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>

#include "hal/flash.h"

/* How far an operation has come when the power goes. */
enum flash_sim_cut {
    FLASH_SIM_CUT_BEFORE, /* nothing is done */
    FLASH_SIM_CUT_HALF,   /* the first half of the bytes is done */
    FLASH_SIM_CUT_BITS,   /* each bit is done, or not, at random */
    FLASH_SIM_CUT_AFTER,  /* done, but nobody was told */
    FLASH_SIM_CUTS
};

enum flash_sim_stuck {
    FLASH_SIM_FAILS,   /* erase and program report an error and do nothing */
    FLASH_SIM_IGNORES, /* they report success and do nothing */
    FLASH_SIM_WEAK     /* they work, but for one bit that stays 1 */
};

struct flash_sim {
    struct flash flash;
    uint8_t *bytes;
    uint32_t *erases; /* per block */
    uint32_t reads;
    uint32_t operations; /* programs and erases, from 1 */
    uint32_t program_bytes;
    uint32_t cut_at; /* this operation loses power: longjmp to `powerless`. 0: none */
    enum flash_sim_cut cut;
    jmp_buf powerless;
    uint64_t random;
    int64_t stuck_block; /* -1: none */
    enum flash_sim_stuck stuck;
    bool fails_to_read;
    bool
        is_rotten; /* was flipped: programming what is not erased is allowed, and clears bits */
};

/* Blank (all ones), or zeroes. Free with flash_sim_close. */
void flash_sim_open(struct flash_sim *sim, uint32_t block_size, uint32_t block_count,
                    uint8_t fill);
void flash_sim_close(struct flash_sim *sim);
uint32_t flash_sim_size(const struct flash_sim *sim);
/* The state of the flash becomes that of `from` (same geometry), counters become zero. */
void flash_sim_copy(struct flash_sim *sim, const struct flash_sim *from);
void flash_sim_flip(struct flash_sim *sim, uint32_t bit);
/* The next random number; the sequence depends on `random` alone. */
uint32_t flash_sim_random(struct flash_sim *sim);

#endif
