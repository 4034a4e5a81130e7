/* SPDX-License-Identifier: ISC */
/*
 * What can be learnt of a bridge of this machine before a companion joins it. Blocking, for
 * worker threads. Where the right to ask is missing (ARP needs CAP_NET_RAW), the answer is
 * the harmless one.
 */
#ifndef VAMT_SHIM_NETPROBE_H
#define VAMT_SHIM_NETPROBE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* False also if there is no such interface. */
bool netprobe_is_bridge(const char *name);

/* Does this machine have `address`, or does a host behind `bridge` answer ARP for it within
 * 0.4 s? If so, owner[cap] says who. An unknown bridge has no addresses. */
bool netprobe_in_use(const char *bridge, struct in_addr address, char *owner, size_t cap);

/* Does an ARP message (without its Ethernet header) come from somebody who has `address`
 * (RFC 5227 clause 2.1.1)? If so, `mac` is that host. */
bool netprobe_is_claim(const uint8_t *message, size_t len, struct in_addr address,
                       uint8_t mac[6]);

#endif
