/* SPDX-License-Identifier: ISC */
/* The battery-backed clock of a PC (MC146818), which QEMU keeps at the host's time. */
#ifndef VAMT_RTC_H
#define VAMT_RTC_H

#include <stdint.h>

/* Seconds since 1970, UTC. Takes at most a few milliseconds. 0 if it shows no valid date. */
int64_t rtc_read(void);

#endif
