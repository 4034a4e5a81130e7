/* SPDX-License-Identifier: ISC */
/* Initialization and configuration of any virtio device. */
#include "drivers/virtio.h"

#include "base/err.h"
#include "hal/board.h"

enum {
    STATUS_ACKNOWLEDGE = 0x01,
    STATUS_DRIVER = 0x02,
    STATUS_DRIVER_OK = 0x04,
    STATUS_FEATURES_OK = 0x08,
    STATUS_FAILED = 0x80,
    RESET_US = 100000,
    CONFIG_TRIES = 8
};

static void status_add(struct virtio *dev, uint8_t bits)
{
    dev->status |= bits;
    dev->ops->set_status(dev, dev->status);
}

static int reset(struct virtio *dev)
{
    uint64_t deadline = board_now_us() + RESET_US;

    dev->status = 0;
    dev->ops->set_status(dev, 0);
    while (dev->ops->get_status(dev) != 0) {
        if (board_now_us() > deadline) {
            return ERR_TIMEOUT;
        }
    }
    return 0;
}

void virtio_fail(struct virtio *dev)
{
    status_add(dev, STATUS_FAILED);
}

int virtio_start(struct virtio *dev, uint64_t supported, uint64_t required)
{
    int result = reset(dev);

    if (result < 0) {
        return result;
    }
    status_add(dev, STATUS_ACKNOWLEDGE);
    status_add(dev, STATUS_DRIVER);
    dev->features = dev->ops->get_features(dev) & (supported | VIRTIO_F_VERSION_1);
    if (!virtio_has(dev, required | VIRTIO_F_VERSION_1)) {
        virtio_fail(dev);
        return ERR_UNSUPPORTED;
    }
    dev->ops->set_features(dev, dev->features);
    status_add(dev, STATUS_FEATURES_OK);
    if ((dev->ops->get_status(dev) & STATUS_FEATURES_OK) == 0) {
        virtio_fail(dev);
        return ERR_UNSUPPORTED;
    }
    return 0;
}

int virtio_setup_queue(struct virtio *dev, struct virtio_queue *queue, uint16_t index,
                       void *memory, uint16_t cap)
{
    uint16_t size = dev->ops->queue_size(dev, index);

    if (size == 0) {
        return ERR_NOT_FOUND;
    }
    virtio_queue_init(queue, index, memory, size < cap ? size : cap);
    return dev->ops->queue_enable(dev, queue);
}

void virtio_ready(struct virtio *dev)
{
    status_add(dev, STATUS_DRIVER_OK);
}

bool virtio_has(const struct virtio *dev, uint64_t feature)
{
    return (dev->features & feature) == feature;
}

int virtio_read_config(struct virtio *dev, unsigned offset, void *dst, size_t len)
{
    for (int i = 0; i < CONFIG_TRIES; i++) {
        uint8_t generation = dev->ops->config_generation(dev);
        int result = dev->ops->config_read(dev, offset, dst, len);

        if (result < 0) {
            return result;
        }
        if (generation == dev->ops->config_generation(dev)) {
            return 0;
        }
    }
    return ERR_BUSY;
}

void virtio_kick(struct virtio *dev, struct virtio_queue *queue)
{
    if (virtio_queue_wants_kick(queue)) {
        dev->ops->queue_notify(dev, queue);
    }
}
