/* SPDX-License-Identifier: ISC */
/* The functions behind the LWIP_HOOK_ macros of lwipopts.h; lwIP's sources include this. */
#ifndef LWIP_PORT_LWIP_HOOKS_H
#define LWIP_PORT_LWIP_HOOKS_H

#include "lwip/ip_addr.h"

/* Initial sequence number for a connection (lwip_port_sequence with the board's clock). */
u32_t lwip_port_isn(const ip_addr_t *local, u16_t local_port, const ip_addr_t *remote,
                    u16_t remote_port);

#endif
