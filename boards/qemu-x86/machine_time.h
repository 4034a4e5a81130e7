/* SPDX-License-Identifier: ISC */
/* Sets up the clock and the timer's rate. */
#ifndef VAMT_MACHINE_TIME_H
#define VAMT_MACHINE_TIME_H

/* Start the monotonic clock; takes some milliseconds without kvmclock. The local APIC must
 * be on. */
void machine_time_init(void);

#endif
