/* SPDX-License-Identifier: ISC */
/*
 * The driver's side of a split virtqueue (virtio 1.2, clause 2.7).
 *
 *   descriptors   size x { address, len, flags, next }: buffers, chained by `next`
 *   available     ring of chain heads that the driver gives to the device
 *   used          ring of { head, bytes written } that the device gives back
 *
 * Each ring has a 16-bit index that only ever counts up; its owner moves it after the entries
 * are written. Whatever the device writes is checked: a head that is not in the device's
 * hands marks the queue broken, and it is not used again.
 */
#ifndef VAMT_DRIVERS_VIRTIO_QUEUE_H
#define VAMT_DRIVERS_VIRTIO_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"

enum { VIRTIO_QUEUE_SIZE_MAX = 64 };

/* Bytes of ring memory, aligned to 16, for `size` descriptors. */
#define VIRTIO_QUEUE_BYTES(size) \
    (16 * (size) + ((6 + 2 * (size) + 3) & ~3) + 6 + 8 * (size))
#define VIRTIO_QUEUE_MEMORY(name, size) \
    uint8_t name[VIRTIO_QUEUE_BYTES(size)] __attribute__((aligned(16)))

struct virtio_queue {
    uint16_t index; /* of the queue in its device */
    uint16_t size;
    bool broken;
    volatile uint8_t *descriptors;
    volatile uint8_t *available;
    volatile uint8_t *used;
    uint16_t available_index; /* our copy */
    uint16_t used_seen;       /* used entries taken so far */
    uint16_t free_count;
    uint8_t free_head;                        /* first free descriptor */
    uint8_t next[VIRTIO_QUEUE_SIZE_MAX];      /* the chain or the free list */
    uint8_t chain_len[VIRTIO_QUEUE_SIZE_MAX]; /* by head: in the device's hands if > 0 */
    uint32_t writable_len[VIRTIO_QUEUE_SIZE_MAX]; /* by head: what the device may write */
    void *notify;                                 /* the transport's */
};

struct virtio_part {
    void *ptr;
    uint32_t len;
    bool device_writes;
};

/* All descriptors free; the first ones to be used are 0, 1, 2, ... `size`: a power of two up
 * to VIRTIO_QUEUE_SIZE_MAX. The memory stays in use for ever. */
void virtio_queue_init(struct virtio_queue *queue, uint16_t index, void *memory,
                       uint16_t size);
/* The descriptor that the next chain starts with; ERR_FULL. A driver with one buffer per
 * chain uses it as the buffer's number. */
int virtio_queue_next(const struct virtio_queue *queue) UTIL_MUST_CHECK;
/* Give a chain to the device. Its head, or ERR_FULL. The parts stay the device's until the
 * head comes back. Call virtio_kick() after the last of a batch. */
int virtio_queue_add(struct virtio_queue *queue, const struct virtio_part *parts,
                     size_t count) UTIL_MUST_CHECK;
/* Take back the oldest used chain: true, its head and how many bytes were written. */
bool virtio_queue_take(struct virtio_queue *queue, uint16_t *head, uint32_t *len);

/* Ask for an interrupt when a buffer is used. True if one is waiting already: then there may
 * be no interrupt. virtio_queue_disarm takes the wish back; queues begin disarmed. */
bool virtio_queue_arm(struct virtio_queue *queue);
void virtio_queue_disarm(struct virtio_queue *queue);
/* Does the device want to hear of new buffers? */
bool virtio_queue_wants_kick(const struct virtio_queue *queue);

#endif
