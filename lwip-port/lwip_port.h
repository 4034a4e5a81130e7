/* SPDX-License-Identifier: ISC */
/*
 * Randomness for lwIP: sequence numbers by RFC 6528 and a keyed generator for ports and
 * transaction numbers. No lwIP header is included here, lwIP's own arch/cc.h includes this.
 */
#ifndef LWIP_PORT_LWIP_PORT_H
#define LWIP_PORT_LWIP_PORT_H

#include <stdint.h>

#include "base/util.h"

enum { LWIP_PORT_KEY_LEN = 32 };

/* Key everything below with secret random bytes. Before lwip_init. */
void lwip_port_seed(const uint8_t key[LWIP_PORT_KEY_LEN]);
/* The next 32 random bits (LWIP_RAND). */
uint32_t lwip_port_rand(void);
/* RFC 6528: a 4-microsecond clock plus a keyed hash of the connection's four numbers.
 * Addresses and ports are in the order and representation that the caller likes. */
uint32_t lwip_port_sequence(uint64_t now_us, uint32_t local, uint16_t local_port,
                            uint32_t remote, uint16_t remote_port);

#endif
