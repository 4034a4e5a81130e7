/* SPDX-License-Identifier: ISC */
/*
 * CPU exceptions and interrupts: descriptor tables, the register dump, panic_at.
 *
 * Interrupts are enabled only while the CPU halts (cpu_x86_wait_for_interrupt), so their
 * handlers are four instructions in assembly: count, acknowledge, return. No C code ever runs
 * as an interrupt.
 */
#ifndef VAMT_EXCEPTION_H
#define VAMT_EXCEPTION_H

#include <stdint.h>

#include "base/util.h"

enum {
    EXCEPTION_COUNT = 32,
    EXCEPTION_VECTOR_WORK = 0x40,   /* a virtqueue has used buffers */
    EXCEPTION_VECTOR_CONFIG = 0x41, /* a device's configuration changed */
    EXCEPTION_VECTOR_TIMER = 0x42,
    EXCEPTION_VECTOR_SPURIOUS = 0x4F,
    EXCEPTION_VECTOR_COUNT = 0x50
};

/* How often each interrupt was taken: WORK, CONFIG, TIMER. */
extern volatile uint32_t exception_counts[3];

/* Load GDT, TSS and IDT. Exceptions have a stack of their own. */
void exception_init(void);

/* Provided by the board: what to do after a panic has been printed. */
void exception_stop(void) UTIL_NORETURN;

#endif
