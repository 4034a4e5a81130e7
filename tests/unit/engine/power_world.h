/* SPDX-License-Identifier: ISC */
/* A state machine, its facts, a clock and fixed draws, for the tests of engine_power.c. */
#ifndef VAMT_TESTS_POWER_WORLD_H
#define VAMT_TESTS_POWER_WORLD_H

#include "engine/engine_power.h"
#include "unit.h"

enum {
    MS = 1000,
    S = 1000000,
    WAKE = 1700 * MS,
    AFTER = 1 * S,
    DOWN = 3 * S,
    RESET = 20 * S
};

static const uint64_t T0 = 1000 * (uint64_t)S;
static const uint64_t IDLE = 150 * (uint64_t)S; /* a minute and 90 s */

extern struct engine_power power;
extern struct engine_power_facts facts;
extern struct engine_power_change last;
extern struct latency_profile profile;
extern uint32_t draw_us[LATENCY_EVENT_COUNT]; /* what is drawn */
extern unsigned draws[LATENCY_EVENT_COUNT];   /* how often */

/* Nothing known of the host, IdleWakeTimeout 1, no restarts. For cmocka. */
int set_up(void **state);
/* Look once; returns how many changes. The deadline must be ahead and a second look find
 * nothing. */
unsigned look(uint64_t now_us);
uint64_t deadline(void);
void assert_state(enum engine_state expected);
/* The next change is to `to`, exactly at `at_us`, and the deadline knew it. */
void assert_next(uint64_t at_us, enum engine_state to);
void assert_nothing_until(uint64_t end_us);

/* Ways into a state; those that take time return when it was reached. */
void to_m0(uint64_t now_us);
void to_m3(uint64_t now_us);
uint64_t to_moff(void);
uint64_t to_waking(void);
uint64_t to_restart(void);

#endif
