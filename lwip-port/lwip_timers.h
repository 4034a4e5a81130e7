/* SPDX-License-Identifier: ISC */
/*
 * lwIP's clock and timers, tickless: each of lwIP's periodic functions runs only while it
 * has something to do, and ticks that were slept through are made up before anything else.
 */
#ifndef LWIP_PORT_LWIP_TIMERS_H
#define LWIP_PORT_LWIP_TIMERS_H

#include <stdint.h>

struct netif;

/* Start at `now_us` (board_now_us scale). `netif` is the interface whose DHCP client is
 * driven; it may be added later. */
void lwip_timers_start(struct netif *netif, uint64_t now_us);
/* Run what is due. Call before frames are passed to lwIP. */
void lwip_timers_run(uint64_t now_us);
/* After a pause on purpose, in which lwip_timers_run was not called, instead of making up its
 * ticks: TCP's clock stood still, entries of ARP and the DHCP lease have aged. A lease that
 * ran out meanwhile lasts until the next tick of its timer, DHCP_COARSE_TIMER_SECS at most, so
 * that it can be confirmed. */
void lwip_timers_resume(uint64_t now_us);
/* When lwip_timers_run must be called next; never UINT64_MAX (ARP entries age). */
uint64_t lwip_timers_deadline(void);

#endif
