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

/* What goes through the network card (net/net_gate.h). */
enum net_mode {
    NET_MODE_ON,
    NET_MODE_DOZE, /* the engine sleeps: the card alone answers ARP and ping for our address, if it
                    * may; the first frame that qualifies is noted. lwIP's clock stands still */
    NET_MODE_HOLD, /* it wakes up: as DOZE, but qualifying frames are kept, up to a limit,
                    * and delivered in NET_MODE_ON, duplicates and all */
    NET_MODE_DEAD  /* nothing in, nothing out */
};

/* How it sleeps. A frame qualifies if it is TCP or UDP over IPv4 to our address, a ping if the
 * card does not answer it, or an ARP request for us if it does not answer that. */
struct net_sleep {
    bool answers_arp;
    bool answers_ping;
    /* Frames kept for the engine that wakes up, the one that woke it among them; at most
     * CONFIG_NET_HOLD_COUNT. 0: lost. */
    uint32_t hold;
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

/* Which ports listen: those of plain services and those over TLS (conn_service.inner set). All do
 * after net_start; connections of a port that closes go on. ERR_FULL. */
int net_open_services(bool plain, bool secure) UTIL_MUST_CHECK;

/* Change what goes through. `sleep` is used by DOZE and HOLD (copied; NULL: as the last time).
 * After DOZE and HOLD the lease is confirmed with the DHCP server, without giving up the
 * address. Not from inside a connection's handler. */
void net_set_mode(enum net_mode mode, const struct net_sleep *sleep);
/* True once after a qualifying frame came in NET_MODE_DOZE. If the engine sleeps on for more than a
 * second all the same, the frame is lost. */
bool net_take_wake(void);
/* When the last TCP or UDP frame for our address came in (board_now_us scale; 0: none yet). */
uint64_t net_traffic_us(void);
/* Tell the neighbours where we are, `count` times, CONFIG_NET_ANNOUNCE_MS apart (gratuitous ARP). */
void net_announce(unsigned count);
/* Forget all connections without a word to their peers; handlers get `closed` meanwhile. Not from
 * inside a handler. */
void net_drop_conns(void);

#endif
