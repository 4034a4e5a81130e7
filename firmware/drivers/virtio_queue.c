/* SPDX-License-Identifier: ISC */
/* Split virtqueue. All accesses are little-endian, as are the CPUs we run on. */
#include "drivers/virtio_queue.h"

#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "base/panic.h"
#include "hal/cpu.h"

enum {
    DESCRIPTOR_SIZE = 16,
    DESCRIPTOR_LEN = 8,
    DESCRIPTOR_FLAGS = 12,
    DESCRIPTOR_NEXT = 14,
    FLAG_NEXT = 1,
    FLAG_WRITE = 2,

    RING_FLAGS = 0,
    RING_INDEX = 2,
    RING_ENTRIES = 4,
    NO_INTERRUPT = 1, /* available flags: driver to device */
    NO_NOTIFY = 1,    /* used flags: device to driver */
    USED_SIZE = 8
};

static uint16_t load16(const volatile uint8_t *ptr)
{
    return *(const volatile uint16_t *)ptr;
}

static uint32_t load32(const volatile uint8_t *ptr)
{
    return *(const volatile uint32_t *)ptr;
}

static void store16(volatile uint8_t *ptr, uint16_t value)
{
    *(volatile uint16_t *)ptr = value;
}

static void store32(volatile uint8_t *ptr, uint32_t value)
{
    *(volatile uint32_t *)ptr = value;
}

static void store64(volatile uint8_t *ptr, uint64_t value)
{
    *(volatile uint64_t *)ptr = value;
}

void virtio_queue_init(struct virtio_queue *queue, uint16_t index, void *memory,
                       uint16_t size)
{
    uint8_t *bytes = memory;

    panic_unless(size != 0 && size <= VIRTIO_QUEUE_SIZE_MAX && (size & (size - 1)) == 0);
    memset(memory, 0, (size_t)VIRTIO_QUEUE_BYTES(size));
    *queue = (struct virtio_queue){
        .index = index,
        .size = size,
        .descriptors = bytes,
        .available = bytes + DESCRIPTOR_SIZE * size,
        .used = bytes + DESCRIPTOR_SIZE * size + ((6 + 2 * size + 3) & ~3),
        .free_count = size,
    };
    for (unsigned i = 0; i < size; i++) {
        queue->next[i] = (uint8_t)(i + 1);
    }
    virtio_queue_disarm(queue);
}

int virtio_queue_next(const struct virtio_queue *queue)
{
    return queue->free_count == 0 || queue->broken ? ERR_FULL : queue->free_head;
}

static void write_descriptor(struct virtio_queue *queue, unsigned id,
                             const struct virtio_part *part, bool last)
{
    volatile uint8_t *d = queue->descriptors + DESCRIPTOR_SIZE * id;
    unsigned flags = (last ? 0u : FLAG_NEXT) | (part->device_writes ? FLAG_WRITE : 0u);

    store64(d, cpu_dma_address(part->ptr));
    store32(d + DESCRIPTOR_LEN, part->len);
    store16(d + DESCRIPTOR_FLAGS, (uint16_t)flags);
    store16(d + DESCRIPTOR_NEXT, last ? 0 : queue->next[id]);
}

int virtio_queue_add(struct virtio_queue *queue, const struct virtio_part *parts,
                     size_t count)
{
    uint8_t head = queue->free_head;
    uint8_t id = head;
    uint32_t writable = 0;

    if (count == 0 || count > queue->free_count || queue->broken) {
        return ERR_FULL;
    }
    for (size_t i = 0; i < count; i++) {
        write_descriptor(queue, id, &parts[i], i + 1 == count);
        writable += parts[i].device_writes ? parts[i].len : 0;
        id = queue->next[id];
    }
    queue->free_head = id;
    queue->free_count = (uint16_t)(queue->free_count - count);
    queue->chain_len[head] = (uint8_t)count;
    queue->writable_len[head] = writable;

    store16(queue->available + RING_ENTRIES + 2 * (queue->available_index % queue->size),
            head);
    cpu_barrier_write(); /* against the device, which reads the entry after the index */
    store16(queue->available + RING_INDEX, ++queue->available_index);
    return head;
}

static void free_chain(struct virtio_queue *queue, uint8_t head)
{
    unsigned count = queue->chain_len[head];
    uint8_t last = head;

    for (unsigned i = 1; i < count; i++) {
        last = queue->next[last];
    }
    queue->next[last] = queue->free_head;
    queue->free_head = head;
    queue->free_count = (uint16_t)(queue->free_count + count);
    queue->chain_len[head] = 0;
}

static bool has_used(const struct virtio_queue *queue)
{
    return !queue->broken && load16(queue->used + RING_INDEX) != queue->used_seen;
}

bool virtio_queue_take(struct virtio_queue *queue, uint16_t *head, uint32_t *len)
{
    const volatile uint8_t *entry;
    uint32_t id;

    if (!has_used(queue)) {
        return false;
    }
    cpu_barrier_read(); /* against the device, which moves the index after the entry */
    entry = queue->used + RING_ENTRIES + USED_SIZE * (queue->used_seen % queue->size);
    id = load32(entry);
    if (id >= queue->size || queue->chain_len[id] == 0) {
        log_error("drivers", "virtqueue %u: device returned buffer %u", queue->index, id);
        queue->broken = true;
        return false;
    }
    queue->used_seen++;
    *head = (uint16_t)id;
    *len = (uint32_t)util_min(load32(entry + 4), queue->writable_len[id]);
    free_chain(queue, (uint8_t)id);
    return true;
}

bool virtio_queue_arm(struct virtio_queue *queue)
{
    if (queue->size == 0) {
        return false;
    }
    store16(queue->available + RING_FLAGS, 0);
    cpu_barrier(); /* against the device: either it sees the flag or we see the index */
    return has_used(queue);
}

void virtio_queue_disarm(struct virtio_queue *queue)
{
    if (queue->size != 0) {
        store16(queue->available + RING_FLAGS, NO_INTERRUPT);
    }
}

bool virtio_queue_wants_kick(const struct virtio_queue *queue)
{
    cpu_barrier(); /* against the device: it sees the new index or we see its flag */
    return (load16(queue->used + RING_FLAGS) & NO_NOTIFY) == 0;
}
