/* SPDX-License-Identifier: ISC */
/* A double of hal/board.h for tests: time, entropy and seeds are variables. */
#ifndef VAMT_TESTS_FAKE_BOARD_H
#define VAMT_TESTS_FAKE_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAKE_BOARD_PASSWORD "P@ssw0rd!"

struct fake_board {
    uint64_t now_us;
    uint64_t tick_us; /* the clock goes on by that with each look at it */
    int64_t wall_s;
    bool has_no_entropy;
    unsigned entropy_calls;
    const char *password; /* the seed admin-password; NULL: none */
    const char *local_password; /* local-password; NULL: none */
    bool is_unprovisioned;      /* the seed unprovisioned is there */
    uint8_t uuid[16];
    unsigned log_lines; /* warnings and errors since the reset */
};
extern struct fake_board fake_board;

/* Everything as after power on, with a good password; the log counts lines. */
void fake_board_reset(void);

#endif
