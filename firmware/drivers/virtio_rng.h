/* SPDX-License-Identifier: ISC */
/* virtio entropy device (virtio 1.2, clause 5.4). -device virtio-rng-pci */
#ifndef VAMT_DRIVERS_VIRTIO_RNG_H
#define VAMT_DRIVERS_VIRTIO_RNG_H

#include <stddef.h>
#include <stdint.h>

#include "drivers/virtio.h"

enum { VIRTIO_RNG_SIZE = 4, VIRTIO_RNG_BUFFER_CAP = 64 };

/* Zero it before start. */
struct virtio_rng {
    struct virtio *dev;
    struct virtio_queue queue;
    bool busy; /* a request that timed out is still with the device */
    VIRTIO_QUEUE_MEMORY(memory, VIRTIO_RNG_SIZE);
    uint8_t buffer[VIRTIO_RNG_BUFFER_CAP];
};

/* ERR_UNSUPPORTED, ERR_TIMEOUT, ERR_IO. */
int virtio_rng_start(struct virtio_rng *rng, struct virtio *dev) UTIL_MUST_CHECK;
/* Fill dst with random bytes; waits for the device, at most timeout_us in all. ERR_TIMEOUT
 * (dst then holds anything), ERR_IO. */
int virtio_rng_read(struct virtio_rng *rng, void *dst, size_t len,
                    uint64_t timeout_us) UTIL_MUST_CHECK;

#endif
