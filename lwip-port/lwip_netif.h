/* SPDX-License-Identifier: ISC */
/*
 * The one network interface: frames between hal/nic.h and lwIP. A file that includes lwIP's
 * headers cannot include base/err.h, because both define ERR_TIMEOUT; results are bool here.
 */
#ifndef LWIP_PORT_LWIP_NETIF_H
#define LWIP_PORT_LWIP_NETIF_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/nic.h"

struct netif;

struct lwip_netif_counts {
    uint32_t received;
    uint32_t sent;
    uint32_t dropped_in;  /* too long, or no buffer free */
    uint32_t dropped_out; /* the device's queue was full */
};

/* Add the interface to lwIP and bring it up without an address. `nic` stays in use.
 * False if lwIP refuses. After lwip_init. */
bool lwip_netif_start(struct nic *nic);
/* lwIP's view of it; before start not up. */
struct netif *lwip_netif_get(void);
/* Follow the link's state, and pass up to `limit` received frames to lwIP. True if more
 * frames may be waiting. */
bool lwip_netif_poll(unsigned limit);
struct lwip_netif_counts lwip_netif_count(void);

#endif
