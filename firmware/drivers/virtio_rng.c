/* SPDX-License-Identifier: ISC */
/* One request at a time. The wait is a busy one, bounded, and happens when keys are made. */
#include "drivers/virtio_rng.h"

#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "hal/board.h"

int virtio_rng_start(struct virtio_rng *rng, struct virtio *dev)
{
    int result = virtio_start(dev, 0, 0);

    if (result < 0) {
        return result;
    }
    rng->dev = dev;
    result = virtio_setup_queue(dev, &rng->queue, 0, rng->memory, VIRTIO_RNG_SIZE);
    if (result < 0) {
        virtio_fail(dev);
        return result;
    }
    virtio_ready(dev);
    return 0;
}

static int request(struct virtio_rng *rng, size_t len)
{
    struct virtio_part part = {rng->buffer, (uint32_t)len, true};

    if (rng->busy) {
        return 0; /* what is under way will do */
    }
    if (virtio_queue_add(&rng->queue, &part, 1) < 0) {
        return ERR_IO;
    }
    rng->busy = true;
    virtio_kick(rng->dev, &rng->queue);
    return 0;
}

int virtio_rng_read(struct virtio_rng *rng, void *dst, size_t len, uint64_t timeout_us)
{
    uint64_t deadline = board_now_us() + timeout_us;
    uint8_t *out = dst;
    uint16_t head;
    uint32_t got;

    while (len > 0) {
        if (request(rng, util_min(len, sizeof(rng->buffer))) < 0) {
            return ERR_IO;
        }
        while (!virtio_queue_take(&rng->queue, &head, &got)) {
            if (board_now_us() > deadline || rng->queue.broken) {
                return ERR_TIMEOUT;
            }
        }
        rng->busy = false;
        got = (uint32_t)util_min(got, len);
        memcpy(out, rng->buffer, got);
        bytes_wipe(rng->buffer, sizeof(rng->buffer));
        out += got;
        len -= got;
    }
    return 0;
}
