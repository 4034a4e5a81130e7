/* SPDX-License-Identifier: ISC */
/*
 * A virtio 1.x device behind any transport. The transport (virtio_pci.c) supplies the table
 * of operations; the device drivers (virtio_net.c, ...) use only the functions below.
 * "Clause" means the OASIS virtio 1.2 specification.
 */
#ifndef VAMT_DRIVERS_VIRTIO_H
#define VAMT_DRIVERS_VIRTIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"
#include "drivers/virtio_queue.h"

enum virtio_kind { VIRTIO_KIND_NET = 1, VIRTIO_KIND_CONSOLE = 3, VIRTIO_KIND_RNG = 4 };

/* Feature masks that concern every device (clause 6). */
#define VIRTIO_F_VERSION_1 (1ull << 32)

struct virtio;
struct virtio_ops {
    uint8_t (*get_status)(struct virtio *dev);
    void (*set_status)(struct virtio *dev, uint8_t status);
    uint64_t (*get_features)(struct virtio *dev);
    void (*set_features)(struct virtio *dev, uint64_t features);
    /* Largest size of a queue, 0: there is none with this index. */
    uint16_t (*queue_size)(struct virtio *dev, uint16_t index);
    /* Tell the device where the queue is, and switch it on. */
    int (*queue_enable)(struct virtio *dev, struct virtio_queue *queue);
    /* The driver has made buffers available. */
    void (*queue_notify)(struct virtio *dev, const struct virtio_queue *queue);
    uint8_t (*config_generation)(struct virtio *dev);
    /* ERR_INVALID if the device has no such bytes. */
    int (*config_read)(struct virtio *dev, unsigned offset, void *dst, size_t len);
    /* How many configuration interrupts have arrived: changes when it may be worth reading
     * the configuration again. */
    uint32_t (*config_events)(struct virtio *dev);
};

struct virtio {
    const struct virtio_ops *ops;
    uint64_t features; /* those in effect */
    uint8_t status;    /* bits announced so far: they accumulate (clause 2.1) */
};

/* Clause 3.1.1, steps 1 to 6: reset, then accept what is offered and supported. `required`
 * is a part of `supported`. ERR_UNSUPPORTED, ERR_TIMEOUT (no reset); the device is then
 * marked as failed. */
int virtio_start(struct virtio *dev, uint64_t supported,
                 uint64_t required) UTIL_MUST_CHECK;
/* Step 7, part: set up queue `index` in `memory` of VIRTIO_QUEUE_BYTES(cap) bytes. It gets
 * the device's size or `cap` (a power of two), whichever is less. ERR_NOT_FOUND, ERR_IO. */
int virtio_setup_queue(struct virtio *dev, struct virtio_queue *queue, uint16_t index,
                       void *memory, uint16_t cap) UTIL_MUST_CHECK;
/* Step 8: the device may work from now on. */
void virtio_ready(struct virtio *dev);
/* Give up on the device. */
void virtio_fail(struct virtio *dev);

bool virtio_has(const struct virtio *dev, uint64_t feature);
/* Read configuration bytes as of one moment (clause 2.5.3). ERR_INVALID, ERR_BUSY. */
int virtio_read_config(struct virtio *dev, unsigned offset, void *dst,
                       size_t len) UTIL_MUST_CHECK;
/* Tell the device about new buffers unless it does not want to be told. */
void virtio_kick(struct virtio *dev, struct virtio_queue *queue);

#endif
