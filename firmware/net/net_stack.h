/* SPDX-License-Identifier: ISC */
/* lwIP as one thing: start, run, receive. Includes no lwIP header, so that net.c needs none. */
#ifndef VAMT_NET_NET_STACK_H
#define VAMT_NET_NET_STACK_H

#include <stdbool.h>
#include <stdint.h>

struct nic;

enum { NET_STACK_KEY_LEN = 32 };

struct net_stack_counts {
    uint32_t received;
    uint32_t sent;
    uint32_t dropped;
};

/* Start lwIP, keyed with secret random bytes, on `nic`. Once. False if lwIP has no memory. */
bool net_stack_start(struct nic *nic, const uint8_t key[NET_STACK_KEY_LEN],
                     uint64_t now_us);
/* Timers that are due; before net_stack_receive. */
void net_stack_run(uint64_t now_us);
/* Follow the link and take in up to `limit` frames. True if there may be more. */
bool net_stack_receive(unsigned limit);
/* Go on after a pause without net_stack_run: connections count no time, leases and neighbours
 * do. */
void net_stack_resume(uint64_t now_us);
/* When net_stack_run must be called next. */
uint64_t net_stack_deadline(void);
struct net_stack_counts net_stack_count(void);

#endif
