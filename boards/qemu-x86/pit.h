/* SPDX-License-Identifier: ISC */
/* Counter 2 of the PC's interval timer (8254), the one clock here whose rate is known. */
#ifndef VAMT_PIT_H
#define VAMT_PIT_H

#include <stdbool.h>
#include <stdint.h>

enum { PIT_HZ = 1193182 };

/* Start counting down from 65535. */
void pit_start(void);
/* Ticks since pit_start, modulo 65536. */
uint16_t pit_elapsed(void);
void pit_stop(void);

#endif
