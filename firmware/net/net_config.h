/* SPDX-License-Identifier: ISC */
/* How the interface gets its IPv4 address: the text form (seed `network`) and the struct. */
#ifndef VAMT_NET_NET_CONFIG_H
#define VAMT_NET_NET_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "base/util.h"

/* Addresses are four bytes in network order; all zero: none. */
struct net_config {
    bool dhcp; /* the rest is unused then */
    uint8_t address[4];
    uint8_t prefix; /* bits of the netmask, 1..30 */
    uint8_t gateway[4];
    uint8_t dns[4];
};

enum { NET_CONFIG_TEXT_CAP = 128, NET_CONFIG_HOSTNAME_CAP = 64 };

/*
 * Reads
 *     dhcp
 *     static ADDRESS/PREFIX [gateway ADDRESS] [dns ADDRESS]
 * with words apart by white space. The address must be a host's of its network, the gateway another
 * address of the same network. ERR_INVALID otherwise; *config is written on success only.
 */
int net_config_parse(struct span text, struct net_config *config) UTIL_MUST_CHECK;
/* Dotted decimal, four numbers without leading zeroes. ERR_INVALID. */
int net_config_parse_address(struct span text, uint8_t address[4]) UTIL_MUST_CHECK;
/* A host name of letters, digits and inner hyphens (one label, RFC 1123) as a string.
 * ERR_INVALID; `name` is "" then. */
int net_config_parse_hostname(struct span text,
                              char name[NET_CONFIG_HOSTNAME_CAP]) UTIL_MUST_CHECK;
/* The netmask of a prefix of 0..32 bits. */
void net_config_mask(uint8_t prefix, uint8_t mask[4]);

#endif
