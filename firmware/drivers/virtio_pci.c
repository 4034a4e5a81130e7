/* SPDX-License-Identifier: ISC */
/*
 * The PCI transport. Five vendor capabilities say where in which BAR the registers are
 * (clause 4.1.4); each is checked against the BAR's size before it is believed.
 */
#include "drivers/virtio_pci.h"

#include <stddef.h>

#include "base/err.h"
#include "hal/cpu.h"

enum {
    VENDOR_VIRTIO = 0x1AF4,
    DEVICE_FIRST = 0x1000,
    DEVICE_MODERN = 0x1040, /* plus the kind */
    DEVICE_LAST = 0x107F,
    SUBSYSTEM_ID = 0x2E, /* of a transitional device: the kind */

    CAP_TYPE = 3,
    CAP_BAR = 4,
    CAP_OFFSET = 8,
    CAP_LENGTH = 12,
    CAP_NOTIFY_STEP = 16,
    CAP_COUNT_MAX = 16,
    TYPE_COMMON = 1,
    TYPE_NOTIFY = 2,
    TYPE_DEVICE = 4,

    /* Common configuration (clause 4.1.4.3). */
    DEVICE_FEATURE_SELECT = 0x00,
    DEVICE_FEATURE = 0x04,
    DRIVER_FEATURE_SELECT = 0x08,
    DRIVER_FEATURE = 0x0C,
    CONFIG_VECTOR = 0x10,
    NUM_QUEUES = 0x12,
    DEVICE_STATUS = 0x14,
    CONFIG_GENERATION = 0x15,
    QUEUE_SELECT = 0x16,
    QUEUE_SIZE = 0x18,
    QUEUE_VECTOR = 0x1A,
    QUEUE_ENABLE = 0x1C,
    QUEUE_NOTIFY_OFF = 0x1E,
    QUEUE_DESCRIPTORS = 0x20,
    QUEUE_AVAILABLE = 0x28,
    QUEUE_USED = 0x30,
    COMMON_LEN = 0x38
};

static struct virtio_pci *of(struct virtio *dev)
{
    return (struct virtio_pci *)((uint8_t *)dev - offsetof(struct virtio_pci, device));
}

static uint8_t get_status(struct virtio *dev)
{
    return cpu_mmio_read8(of(dev)->common + DEVICE_STATUS);
}

static void set_status(struct virtio *dev, uint8_t status)
{
    cpu_mmio_write8(of(dev)->common + DEVICE_STATUS, status);
}

static uint64_t get_features(struct virtio *dev)
{
    uintptr_t common = of(dev)->common;
    uint64_t features;

    cpu_mmio_write32(common + DEVICE_FEATURE_SELECT, 1);
    features = (uint64_t)cpu_mmio_read32(common + DEVICE_FEATURE) << 32;
    cpu_mmio_write32(common + DEVICE_FEATURE_SELECT, 0);
    return features | cpu_mmio_read32(common + DEVICE_FEATURE);
}

static void set_features(struct virtio *dev, uint64_t features)
{
    uintptr_t common = of(dev)->common;

    cpu_mmio_write32(common + DRIVER_FEATURE_SELECT, 0);
    cpu_mmio_write32(common + DRIVER_FEATURE, (uint32_t)features);
    cpu_mmio_write32(common + DRIVER_FEATURE_SELECT, 1);
    cpu_mmio_write32(common + DRIVER_FEATURE, (uint32_t)(features >> 32));
    /* A reset has cleared this too. */
    cpu_mmio_write16(common + CONFIG_VECTOR, PCI_MESSAGE_CONFIG);
}

static uint16_t queue_size(struct virtio *dev, uint16_t index)
{
    uintptr_t common = of(dev)->common;

    if (index >= cpu_mmio_read16(common + NUM_QUEUES)) {
        return 0;
    }
    cpu_mmio_write16(common + QUEUE_SELECT, index);
    return cpu_mmio_read16(common + QUEUE_SIZE);
}

static int queue_enable(struct virtio *dev, struct virtio_queue *queue)
{
    struct virtio_pci *pci = of(dev);
    uintptr_t common = pci->common;
    uint64_t offset;

    cpu_mmio_write16(common + QUEUE_SELECT, queue->index);
    offset = (uint64_t)cpu_mmio_read16(common + QUEUE_NOTIFY_OFF) * pci->notify_step;
    if (pci->notify_len < 2 || offset > pci->notify_len - 2) {
        return ERR_IO;
    }
    queue->notify = (void *)(pci->notify + (uintptr_t)offset);

    cpu_mmio_write16(common + QUEUE_SIZE, queue->size);
    cpu_mmio_write16(common + QUEUE_VECTOR, PCI_MESSAGE_WORK);
    if (cpu_mmio_read16(common + QUEUE_VECTOR) != PCI_MESSAGE_WORK ||
        cpu_mmio_read16(common + QUEUE_SIZE) != queue->size) {
        return ERR_IO;
    }
    cpu_mmio_write64(common + QUEUE_DESCRIPTORS, cpu_dma_address(queue->descriptors));
    cpu_mmio_write64(common + QUEUE_AVAILABLE, cpu_dma_address(queue->available));
    cpu_mmio_write64(common + QUEUE_USED, cpu_dma_address(queue->used));
    cpu_mmio_write16(common + QUEUE_ENABLE, 1);
    return 0;
}

static void queue_notify(struct virtio *dev, const struct virtio_queue *queue)
{
    (void)dev;
    cpu_mmio_write16((uintptr_t)queue->notify, queue->index);
}

static uint8_t config_generation(struct virtio *dev)
{
    return cpu_mmio_read8(of(dev)->common + CONFIG_GENERATION);
}

static int config_read(struct virtio *dev, unsigned offset, void *dst, size_t len)
{
    const struct virtio_pci *pci = of(dev);
    uint8_t *bytes = dst;

    if (offset > pci->config_len || len > pci->config_len - offset) {
        return ERR_INVALID;
    }
    for (size_t i = 0; i < len; i++) {
        bytes[i] = cpu_mmio_read8(pci->config + offset + i);
    }
    return 0;
}

static uint32_t config_events(struct virtio *dev)
{
    return *of(dev)->message->config_count;
}

static const struct virtio_ops ops = {
    .get_status = get_status,
    .set_status = set_status,
    .get_features = get_features,
    .set_features = set_features,
    .queue_size = queue_size,
    .queue_enable = queue_enable,
    .queue_notify = queue_notify,
    .config_generation = config_generation,
    .config_read = config_read,
    .config_events = config_events,
};

bool virtio_pci_is_wanted(uint16_t vendor, uint16_t device)
{
    return vendor == VENDOR_VIRTIO && device >= DEVICE_FIRST && device <= DEVICE_LAST;
}

unsigned virtio_pci_kind(const struct pci_function *function)
{
    if (function->device >= DEVICE_MODERN) {
        return function->device - DEVICE_MODERN;
    }
    return pci_read16(function->where, SUBSYSTEM_ID);
}

/* Take one capability over if it is of a type that we need and the first of that type. */
static void use_capability(struct virtio_pci *pci, unsigned capability)
{
    uint16_t where = pci->function.where;
    uint32_t len = pci_read32(where, capability + CAP_LENGTH);
    uintptr_t address = pci_bar_range(&pci->function,
                                      pci_read8(where, capability + CAP_BAR),
                                      pci_read32(where, capability + CAP_OFFSET), len);

    switch (pci_read8(where, capability + CAP_TYPE)) {
    case TYPE_COMMON:
        if (pci->common == 0 && len >= COMMON_LEN) {
            pci->common = address;
        }
        break;
    case TYPE_NOTIFY:
        if (pci->notify == 0) {
            pci->notify = address;
            pci->notify_len = len;
            pci->notify_step = pci_read32(where, capability + CAP_NOTIFY_STEP);
        }
        break;
    case TYPE_DEVICE:
        if (pci->config == 0 && address != 0) {
            pci->config = address;
            pci->config_len = len;
        }
        break;
    default:
        break;
    }
}

int virtio_pci_open(struct virtio_pci *pci, const struct pci_function *function,
                    const struct pci_message *message)
{
    unsigned capability = 0;

    *pci = (struct virtio_pci){
        .device = {.ops = &ops}, .function = *function, .message = message};
    for (int i = 0; i < CAP_COUNT_MAX; i++) {
        capability = pci_find_capability(function->where, PCI_CAP_VENDOR, capability);
        if (capability == 0) {
            break;
        }
        use_capability(pci, capability);
    }
    if (pci->common == 0 || pci->notify == 0) {
        return ERR_UNSUPPORTED;
    }
    return pci_enable_messages(function, message);
}
