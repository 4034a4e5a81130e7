/* SPDX-License-Identifier: ISC */
/*
 * Frames put aside until their time comes: copies in fixed memory, given back in order of
 * due time, those with the same in the order in which they came.
 */
#ifndef VAMT_NET_SHELF_H
#define VAMT_NET_SHELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "hal/nic.h"

struct net_shelf_frame {
    uint64_t due_us;
    uint64_t order;
    unsigned kind; /* what the owner likes to tell apart */
    bool is_used;
    uint16_t len;
    uint8_t bytes[NIC_FRAME_CAP];
};

/* All zeroes but `frames` and `cap`: empty. The lowest free frame is taken, so memory that was
 * never needed is never touched. */
struct net_shelf {
    struct net_shelf_frame *frames;
    size_t cap;
    size_t count;
    uint64_t order;
};

/* Copy a frame given in pieces. False if all is full, or if it is no frame's length. */
bool net_shelf_put(struct net_shelf *shelf, unsigned kind, uint64_t due_us,
                   const struct span *parts, size_t count);
/* The next frame of a kind, or NULL. Valid until it is dropped. */
struct net_shelf_frame *net_shelf_first(const struct net_shelf *shelf, unsigned kind);
void net_shelf_drop(struct net_shelf *shelf, struct net_shelf_frame *frame);
void net_shelf_clear(struct net_shelf *shelf);
/* When the next of all kinds is due; UINT64_MAX: none. */
uint64_t net_shelf_deadline(const struct net_shelf *shelf);

#endif
