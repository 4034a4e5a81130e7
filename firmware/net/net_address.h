/* SPDX-License-Identifier: ISC */
/* Applies a net_config to lwIP's interface and reads back what came of it. */
#ifndef VAMT_NET_NET_ADDRESS_H
#define VAMT_NET_NET_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "net/net_config.h"

struct net_address {
    bool link_up;
    bool dhcp;          /* the address is, or will be, DHCP's */
    uint8_t address[4]; /* network order; zeroes: none yet */
    uint8_t mask[4];
    uint8_t gateway[4];
    uint8_t dns[4];
};

/* Use this configuration from now on; connections on another address are reset. `hostname`
 * is told to DHCP servers and must stay valid. False if lwIP has no memory for DHCP. */
bool net_address_apply(const struct net_config *config, const char *hostname);
void net_address_get(struct net_address *address);
/* Tell the neighbours where we are (gratuitous ARP). Nothing without an address. */
void net_address_announce(void);
/* Ask the DHCP server whether the lease still holds; the address is used meanwhile. Nothing if
 * it is static. */
void net_address_confirm(void);

#endif
