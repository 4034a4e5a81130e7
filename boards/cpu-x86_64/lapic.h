/* SPDX-License-Identifier: ISC */
/* The local APIC (SDM 3A, chapter 11) in xAPIC mode: message interrupts and a one-shot timer. */
#ifndef VAMT_LAPIC_H
#define VAMT_LAPIC_H

#include <stdint.h>

/* Enable it, with all local sources masked except the timer. */
void lapic_init(void);
/* Where a device writes a message-signalled interrupt for this CPU (SDM 3A, 11.11). */
uint32_t lapic_message_address(void);

/* The timer counts down once and interrupts at zero. lapic_timer_start(UINT32_MAX) and
 * lapic_timer_count() serve to measure its rate; lapic_set_rate tells it, in ticks per
 * millisecond. */
void lapic_timer_start(uint32_t ticks);
uint32_t lapic_timer_count(void);
void lapic_set_rate(uint32_t ticks_per_ms);
/* Interrupt after `us` microseconds, or sooner if the counter cannot count that far (about a
 * minute). 0 stops the timer. */
void lapic_timer_arm(uint64_t us);

#endif
