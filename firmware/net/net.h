/* SPDX-License-Identifier: ISC */
/*
 * The network as the rest of the firmware sees it: started once with the table of services,
 * polled from the main loop.
 *
 *     net_start(services, count);
 *     for (;;) {
 *         uint64_t now = board_now_us();
 *         net_poll(now);
 *         ... other polls, which may write to connections ...
 *         board_idle(min(net_flush(board_now_us()), other deadlines));
 *     }
 *
 * Seeds: `network` (net_config.h; default dhcp) and `hostname` (default "vamt").
 */
#ifndef VAMT_NET_NET_H
#define VAMT_NET_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"
#include "net/conn.h"
#include "net/net_address.h"
#include "net/net_config.h"

struct net_status {
    uint8_t mac[6];
    char hostname[NET_CONFIG_HOSTNAME_CAP];
    struct net_address ip;     /* link, DHCP, address, mask, gateway, name server */
    uint32_t conns;            /* TCP connections now */
    uint32_t conns_high_water; /* most at any time */
    uint32_t conns_accepted;
    uint32_t conns_refused;
    uint32_t frames_received;
    uint32_t frames_sent;
    uint32_t frames_dropped; /* in both directions */
};

/* Start lwIP on the board's nic with the configuration from the seeds and listen for every
 * service. `services` stays in use. A malformed seed is logged and the default taken.
 * ERR_NOT_FOUND: the board has no nic. ERR_IO: no entropy. ERR_FULL: a pool is too small or a
 * port is given twice. */
int net_start(const struct conn_service *services, size_t count) UTIL_MUST_CHECK;
/* Receive, run timers, call handlers, send. Returns when it must be called next (board_now_us
 * scale; `now_us` itself: at once). */
uint64_t net_poll(uint64_t now_us);
/* Send what was written to connections since net_poll. Same result as net_poll. Call it last
 * before idling, if anything else than net_poll may have written. */
uint64_t net_flush(uint64_t now_us);
void net_get_status(struct net_status *status);
/* Change the address configuration while running. ERR_FULL. */
int net_configure(const struct net_config *config) UTIL_MUST_CHECK;

#endif
