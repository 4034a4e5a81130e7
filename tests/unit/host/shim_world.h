/* SPDX-License-Identifier: ISC */
/* The stage of the tests of the firmware's side: one host_client, one shim double, a clock. */
#ifndef VAMT_TESTS_SHIM_WORLD_H
#define VAMT_TESTS_SHIM_WORLD_H

#include "host/shim_double.h"

enum { MS = 1000, SHIM_WORLD_EPOCH = 77 };

extern struct shim shim;
extern uint64_t now_us;
extern uint64_t next_us; /* what host_client_poll said last */

/* cmocka set-up: everything as after boot. */
int shim_world_reset(void **state);
/* Both sides, until nothing moves. */
void run(void);
/* Open, HELLO, and a snapshot of a host that is on. */
void link_up(void);

#endif
