/* SPDX-License-Identifier: ISC */
/*
 * What a network card does by itself while the engine behind it sleeps: tell what a frame
 * is, and answer ARP and ping. Pure functions; every byte of a frame is hostile.
 */
#ifndef VAMT_NET_OFFLOAD_H
#define VAMT_NET_OFFLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

/* Who we are. An address of zeroes: nobody, every frame is NET_OFFLOAD_OTHER. */
struct net_offload_self {
    uint8_t mac[6];
    uint8_t address[4];
};

enum net_offload_kind {
    NET_OFFLOAD_OTHER,  /* not for us, malformed, or nothing that matters to a sleeper: IP
                         * options, later fragments, DHCP's replies, what lwIP would drop */
    NET_OFFLOAD_ARP,    /* a question for our address */
    NET_OFFLOAD_PING,   /* an echo request to us, in one piece */
    NET_OFFLOAD_TRAFFIC /* TCP or UDP to us */
};

enum { NET_OFFLOAD_HEAD_CAP = 42 };

/* An answer in two pieces: `head` and `rest`, which lies in the frame that is answered. */
struct net_offload_reply {
    uint8_t head[NET_OFFLOAD_HEAD_CAP];
    struct span rest;
};

enum net_offload_kind net_offload_classify(struct span frame,
                                           const struct net_offload_self *self);
/* The answer to a frame of kind ARP or PING. False if there is none: another kind, or a ping
 * with a wrong checksum. */
bool net_offload_answer(struct span frame, const struct net_offload_self *self,
                        struct net_offload_reply *reply);

#endif
