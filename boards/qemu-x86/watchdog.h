/* SPDX-License-Identifier: ISC */
/* board_watchdog() on QEMU's ib700 (ISA): -device ib700 -action watchdog=reset. Without the
 * device the writes go nowhere. */
#ifndef VAMT_WATCHDOG_H
#define VAMT_WATCHDOG_H

#include <stdint.h>

/* Set it going, and tell the log if it ended the run before this one. */
void watchdog_start(void);
/* Until when the firmware must be awake again to tell it that all is well. */
uint64_t watchdog_due_us(void);
/* The restart that follows is our own doing. */
void watchdog_forget(void);
/* No restart by it any more. */
void watchdog_stop(void);

#endif
