/* SPDX-License-Identifier: ISC */
/*
 * A board made of memory for tests of net/: a clock that the test moves, a card whose frames the
 * test reads and writes, and a hand-made TCP peer that shares no code with lwIP.
 * Firmware 10.0.0.1 (static), peer 10.0.0.9.
 */
#ifndef NET_WORLD_H
#define NET_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hal/nic.h"

enum {
    NET_WORLD_FIN = 1,
    NET_WORLD_SYN = 2,
    NET_WORLD_RST = 4,
    NET_WORLD_PSH = 8,
    NET_WORLD_ACK = 16
};

extern uint64_t net_world_now_us;
extern const char *net_world_seed; /* what board_seed("network") gives; NULL: not found */
extern bool net_world_announce;    /* the hypervisor asks for an announcement */
extern bool net_world_entropy_fails;
/* Panics go here instead of ending the process when set. */
extern void (*net_world_on_panic)(void);

/* Put one frame into the card. */
void net_world_put(const uint8_t *frame, size_t len);
/* Take the oldest frame that the firmware sent; 0 if there is none. */
size_t net_world_take(uint8_t *frame, size_t cap);
/* Forget all sent frames. */
void net_world_clear(void);
/* Move the clock and poll, following the deadlines on the way. */
void net_world_run(uint64_t us);

/* One side of a TCP connection. */
struct net_world_peer {
    uint16_t port;
    uint16_t to;
    uint32_t seq; /* next byte that we send */
    uint32_t ack; /* next byte that we expect */
    uint16_t window;
    uint32_t isn; /* of the firmware */
    uint16_t their_window;
    uint8_t flags; /* all flags seen since they were cleared */
    uint8_t data[16384];
    size_t data_len;
};

/* Send one segment; options (len a multiple of 4) only when not NULL. */
void net_world_tcp(struct net_world_peer *peer, uint8_t flags, const void *data,
                   size_t len, const uint8_t *options, size_t options_len);
/* Poll the firmware and take in what it sent to this peer, without answering. */
void net_world_listen(struct net_world_peer *peer);
/* Handshake from `port` to `to`. True if it was completed. */
bool net_world_connect(struct net_world_peer *peer, uint16_t port, uint16_t to);
/* Send bytes / acknowledge what has arrived. */
void net_world_say(struct net_world_peer *peer, const void *data, size_t len);
void net_world_ack(struct net_world_peer *peer);
/* Resolve each other's addresses first. */
void net_world_introduce(void);

/* A group's set-up: the network with a service that says everything again but a full stop. */
enum { NET_WORLD_ECHO = 7 };
int net_world_start_echo(void **state);
extern unsigned net_world_opened; /* connections that it got */

#endif
