/* SPDX-License-Identifier: ISC */
/* drivers/virtio_console.c: the order in which a device may tell of ports, names and openings.
 * The device is this file: it takes buffers from the rings and gives them back filled. */
#include "unit.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/panic.h"
#include "drivers/virtio_console.h"
#include "hal/board.h"
#include "hal/cpu.h"

#define F_MULTIPORT (1ull << 1)

enum { CTL_RX = 2, PORT_ADD = 1, PORT_READY = 3, PORT_OPEN = 6, PORT_NAME = 7 };

static struct virtio_console console;
static struct virtio device;
static struct virtio_queue *queues[16];
static uint64_t offered;
static uint8_t status;

void panic_at(const char *file, int line, const char *format, ...)
{
    print_error("panic at %s:%d: %s\n", file, line, format);
    abort();
}

void cpu_barrier(void)
{
}

void cpu_barrier_read(void)
{
}

void cpu_barrier_write(void)
{
}

uint64_t cpu_dma_address(const volatile void *ptr)
{
    return (uintptr_t)ptr;
}

uint64_t board_now_us(void)
{
    static uint64_t now;

    return now++;
}

static uint8_t get_status(struct virtio *dev)
{
    (void)dev;
    return status;
}

static void set_status(struct virtio *dev, uint8_t value)
{
    (void)dev;
    status = value;
}

static uint64_t get_features(struct virtio *dev)
{
    (void)dev;
    return offered;
}

static void set_features(struct virtio *dev, uint64_t features)
{
    (void)dev;
    assert_int_equal(features & ~offered, 0);
}

static uint16_t queue_size(struct virtio *dev, uint16_t index)
{
    (void)dev;
    return index < 8 ? 64 : 0; /* control and three ports */
}

static int queue_enable(struct virtio *dev, struct virtio_queue *queue)
{
    (void)dev;
    queues[queue->index] = queue;
    return 0;
}

static void queue_notify(struct virtio *dev, const struct virtio_queue *queue)
{
    (void)dev;
    (void)queue;
}

static const struct virtio_ops ops = {.get_status = get_status,
                                      .set_status = set_status,
                                      .get_features = get_features,
                                      .set_features = set_features,
                                      .queue_size = queue_size,
                                      .queue_enable = queue_enable,
                                      .queue_notify = queue_notify};

/* Give the oldest available buffer of a queue back with these bytes in it. */
static void device_fill(unsigned index, const void *bytes, size_t len)
{
    struct virtio_queue *q = queues[index];
    uint8_t *used = (uint8_t *)q->used;
    uint16_t n = bytes_get_le16(used + 2);
    uint16_t head = bytes_get_le16((uint8_t *)q->available + 4 + 2 * (n % q->size));
    const uint8_t *descriptor = (uint8_t *)q->descriptors + 16 * head;

    assert_int_not_equal(n, bytes_get_le16((uint8_t *)q->available + 2));
    assert_true(len <= bytes_get_le32(descriptor + 8));
    memcpy((void *)(uintptr_t)bytes_get_le64(descriptor), bytes, len);
    bytes_put_le32(used + 4 + 8 * (n % q->size), head);
    bytes_put_le32(used + 8 + 8 * (n % q->size), (uint32_t)len);
    bytes_put_le16(used + 2, (uint16_t)(n + 1));
}

static void device_says(uint32_t port, uint16_t event, uint16_t value, const char *name)
{
    uint8_t message[64];

    bytes_put_le32(message, port);
    bytes_put_le16(message + 4, event);
    bytes_put_le16(message + 6, value);
    strcpy((char *)message + 8, name);
    device_fill(CTL_RX, message, 8 + (name[0] != '\0' ? strlen(name) + 1 : 0));
}

static bool is_open(void)
{
    return console.hostport.ops->is_open(&console.hostport);
}

static int start(void **state)
{
    (void)state;
    memset(&console, 0, sizeof(console));
    device = (struct virtio){.ops = &ops};
    offered = F_MULTIPORT | VIRTIO_F_VERSION_1 | 1ull << 40; /* one that nobody knows */
    assert_int_equal(virtio_console_start(&console, &device, "ours"), 0);
    assert_false(is_open());
    return 0;
}

static void test_named_port_opens_and_closes(void **state)
{
    (void)state;
    device_says(1, PORT_ADD, 1, "");
    device_says(1, PORT_NAME, 1, "ours");
    assert_false(is_open());
    device_says(1, PORT_OPEN, 1, "");
    assert_true(is_open());
    assert_int_equal(console.hostport.opens, 1);
    device_says(1, PORT_OPEN, 0, "");
    assert_false(is_open());
    device_says(1, PORT_OPEN, 1, "");
    assert_true(is_open());
    assert_int_equal(console.hostport.opens, 2);
}

static void test_other_names_are_not_ours(void **state)
{
    (void)state;
    device_says(1, PORT_ADD, 1, "");
    device_says(1, PORT_NAME, 1, "our");
    device_says(1, PORT_OPEN, 1, "");
    device_says(2, PORT_ADD, 1, "");
    device_says(2, PORT_OPEN, 1, "");
    assert_false(is_open());
    assert_int_equal(console.hostport.opens, 0);
}

/* QEMU: the host connects after PORT_ADD and before our PORT_READY. */
static void test_open_before_the_name_counts_once(void **state)
{
    (void)state;
    device_says(1, PORT_ADD, 1, "");
    device_says(1, PORT_OPEN, 1, "");
    assert_false(is_open());
    device_says(1, PORT_NAME, 1, "ours");
    device_says(1, PORT_OPEN, 1, "");
    assert_true(is_open());
    assert_int_equal(console.hostport.opens, 1);
}

static void test_close_and_open_between_two_looks_is_seen(void **state)
{
    (void)state;
    device_says(1, PORT_NAME, 1, "ours");
    device_says(1, PORT_OPEN, 1, "");
    assert_true(is_open());
    device_says(1, PORT_OPEN, 0, "");
    device_says(1, PORT_OPEN, 1, "");
    assert_true(is_open());
    assert_int_equal(console.hostport.opens, 2);
}

static void test_a_change_keeps_the_machine_awake_once(void **state)
{
    (void)state;
    (void)virtio_console_arm(&console);
    device_says(1, PORT_NAME, 1, "ours");
    device_says(1, PORT_OPEN, 1, "");
    assert_true(
        is_open()); /* somebody looked, but not necessarily the one who must act */
    assert_true(virtio_console_arm(&console));
    assert_false(virtio_console_arm(&console));
}

static void test_data_is_read_piecemeal(void **state)
{
    uint8_t data[8];

    (void)state;
    device_says(1, PORT_NAME, 1, "ours");
    device_says(1, PORT_OPEN, 1, "");
    assert_true(is_open());
    device_fill(4, "hello", 5);
    device_fill(4, "world", 5);
    assert_int_equal(console.hostport.ops->read(&console.hostport, data, 3), 3);
    assert_memory_equal(data, "hel", 3);
    assert_true(virtio_console_arm(&console));
    assert_int_equal(console.hostport.ops->read(&console.hostport, data, 8), 7);
    assert_memory_equal(data, "loworld", 7);
    assert_int_equal(console.hostport.ops->read(&console.hostport, data, 8), 0);
}

static void test_data_of_a_closed_connection_is_dropped(void **state)
{
    uint8_t data[8];

    (void)state;
    device_says(1, PORT_NAME, 1, "ours");
    device_says(1, PORT_OPEN, 1, "");
    assert_true(is_open());
    device_fill(4, "old", 3);
    device_says(1, PORT_OPEN, 0, "");
    assert_false(is_open());
    device_says(1, PORT_OPEN, 1, "");
    assert_true(is_open());
    assert_int_equal(console.hostport.ops->read(&console.hostport, data, 8), 0);
}

static void test_write_stops_when_the_device_takes_nothing(void **state)
{
    static uint8_t data[3 * VIRTIO_CONSOLE_TX_COUNT * VIRTIO_CONSOLE_DATA_CAP];
    struct span bytes = span_of(data, sizeof(data));

    (void)state;
    assert_int_equal(console.hostport.ops->write(&console.hostport, bytes), 0);
    device_says(1, PORT_NAME, 1, "ours");
    device_says(1, PORT_OPEN, 1, "");
    assert_true(is_open());
    assert_int_equal(console.hostport.ops->write(&console.hostport, bytes),
                     VIRTIO_CONSOLE_TX_COUNT * VIRTIO_CONSOLE_DATA_CAP);
    assert_int_equal(console.hostport.ops->write(&console.hostport, bytes), 0);
    (void)virtio_console_arm(&console);
    device_fill(5, "", 0); /* the device has sent one */
    assert_true(virtio_console_arm(&console));
    assert_int_equal(console.hostport.ops->write(&console.hostport, bytes),
                     VIRTIO_CONSOLE_DATA_CAP);
}

static void test_hostile_messages_are_ignored(void **state)
{
    (void)state;
    device_says(0xFFFFFFFF, PORT_ADD, 1, "");
    device_says(3, PORT_OPEN, 1, ""); /* a port without queues */
    device_fill(CTL_RX, "\1\0\0", 3);
    device_fill(CTL_RX, "", 0);
    assert_false(is_open());
}

static void test_device_without_multiport_has_one_port(void **state)
{
    (void)state;
    memset(&console, 0, sizeof(console));
    offered = VIRTIO_F_VERSION_1;
    assert_int_equal(virtio_console_start(&console, &device, "ours"), 0);
    assert_true(is_open());
    assert_int_equal(console.hostport.opens, 1);
}

static void test_legacy_device_is_refused(void **state)
{
    (void)state;
    offered = F_MULTIPORT;
    assert_true(virtio_console_start(&console, &device, "ours") < 0);
    assert_int_equal(status & 0x80, 0x80);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_named_port_opens_and_closes, start),
        cmocka_unit_test_setup(test_other_names_are_not_ours, start),
        cmocka_unit_test_setup(test_open_before_the_name_counts_once, start),
        cmocka_unit_test_setup(test_close_and_open_between_two_looks_is_seen, start),
        cmocka_unit_test_setup(test_a_change_keeps_the_machine_awake_once, start),
        cmocka_unit_test_setup(test_data_is_read_piecemeal, start),
        cmocka_unit_test_setup(test_data_of_a_closed_connection_is_dropped, start),
        cmocka_unit_test_setup(test_write_stops_when_the_device_takes_nothing, start),
        cmocka_unit_test_setup(test_hostile_messages_are_ignored, start),
        cmocka_unit_test_setup(test_device_without_multiport_has_one_port, start),
        cmocka_unit_test_setup(test_legacy_device_is_refused, start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
