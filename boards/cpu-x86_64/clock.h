/* SPDX-License-Identifier: ISC */
/*
 * Monotonic time. kvmclock where the hypervisor offers it (it follows a live migration to a
 * host with another TSC), else the TSC at a rate measured at boot.
 */
#ifndef VAMT_CLOCK_H
#define VAMT_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* Use kvmclock. False if there is none. */
bool clock_start_kvm(void);
/* Use the TSC, which counts `ticks` in `ns` nanoseconds. */
void clock_start_tsc(uint64_t ticks, uint64_t ns);

/* Microseconds since clock_start_*, 0 before. Never goes back. */
uint64_t clock_now_us(void);
/* "kvmclock" or "tsc". */
const char *clock_name(void);

#endif
