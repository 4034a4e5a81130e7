/* SPDX-License-Identifier: ISC */
/* The PC's interval timer (8254). Its counter 2 is the one clock here whose rate is known. */
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
/* Stop counter 0, the PC's tick: it runs from reset, and although nobody takes its
 * interrupt, the emulator wakes up for each of its edges (36 times a second). */
void pit_silence(void);

#endif
