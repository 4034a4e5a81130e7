/* SPDX-License-Identifier: ISC */
/* drivers/virtio_queue.c against a device in memory that reads and writes the rings itself. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/panic.h"
#include "drivers/virtio_queue.h"
#include "hal/cpu.h"

enum { SIZE = 8, USED_OFFSET = 16 * SIZE + ((6 + 2 * SIZE + 3) & ~3) };

static VIRTIO_QUEUE_MEMORY(memory, SIZE);
static struct virtio_queue queue;
static uint8_t buffers[SIZE][32];

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

/* The device: the head in available entry `n`. */
static uint16_t device_head(unsigned n)
{
    return bytes_get_le16(memory + 16 * SIZE + 4 + 2 * (n % SIZE));
}

static uint16_t device_available(void)
{
    return bytes_get_le16(memory + 16 * SIZE + 2);
}

static void device_use(uint32_t head, uint32_t len)
{
    uint8_t *used = memory + USED_OFFSET;
    uint16_t index = bytes_get_le16(used + 2);

    bytes_put_le32(used + 4 + 8 * (index % SIZE), head);
    bytes_put_le32(used + 8 + 8 * (index % SIZE), len);
    bytes_put_le16(used + 2, (uint16_t)(index + 1));
}

static int setup(void **state)
{
    (void)state;
    memset(memory, 0xAA, sizeof(memory));
    virtio_queue_init(&queue, 5, memory, SIZE);
    return 0;
}

static int add(int id, bool writes)
{
    struct virtio_part part = {buffers[id], sizeof(buffers[id]), writes};

    return virtio_queue_add(&queue, &part, 1);
}

static void test_descriptors_are_taken_in_order(void **state)
{
    (void)state;
    for (int i = 0; i < SIZE; i++) {
        assert_int_equal(virtio_queue_next(&queue), i);
        assert_int_equal(add(i, true), i);
    }
    assert_int_equal(virtio_queue_next(&queue), ERR_FULL);
    assert_int_equal(add(0, true), ERR_FULL);
    assert_int_equal(device_available(), SIZE);
    assert_int_equal(device_head(3), 3);
    assert_int_equal(bytes_get_le64(memory + 16 * 3), (uintptr_t)buffers[3]);
    assert_int_equal(bytes_get_le32(memory + 16 * 3 + 8), 32);
    assert_int_equal(bytes_get_le16(memory + 16 * 3 + 12), 2);
}

static void test_chain(void **state)
{
    struct virtio_part parts[] = {{buffers[0], 2, false}, {buffers[1], 1, true}};
    uint16_t head;
    uint32_t len;

    (void)state;
    assert_int_equal(virtio_queue_add(&queue, parts, 2), 0);
    assert_int_equal(bytes_get_le16(memory + 12), 1);
    assert_int_equal(bytes_get_le16(memory + 14), 1);
    assert_int_equal(bytes_get_le16(memory + 16 + 12), 2);
    assert_int_equal(queue.free_count, SIZE - 2);
    device_use(0, 1);
    assert_true(virtio_queue_take(&queue, &head, &len));
    assert_int_equal(head, 0);
    assert_int_equal(queue.free_count, SIZE);
    assert_int_equal(virtio_queue_next(&queue), 0);
}

static void test_goes_round_many_times(void **state)
{
    uint16_t head;
    uint32_t len;

    (void)state;
    for (unsigned i = 0; i < 70000; i++) { /* the 16-bit indices wrap as well */
        assert_true(add(0, true) >= 0);
        assert_int_equal(device_available(), (uint16_t)(i + 1));
        assert_false(virtio_queue_take(&queue, &head, &len));
        device_use(device_head(i), i % 32);
        assert_true(virtio_queue_take(&queue, &head, &len));
        assert_int_equal(len, i % 32);
    }
}

static void test_out_of_order_use(void **state)
{
    uint16_t head;
    uint32_t len;

    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(add(i, true), i);
    }
    device_use(2, 1);
    device_use(0, 2);
    assert_true(virtio_queue_take(&queue, &head, &len));
    assert_int_equal(head, 2);
    assert_true(virtio_queue_take(&queue, &head, &len));
    assert_int_equal(head, 0);
    assert_false(virtio_queue_take(&queue, &head, &len));
    assert_int_equal(queue.free_count, SIZE - 1);
}

static void test_length_beyond_the_buffer_is_cut(void **state)
{
    uint16_t head;
    uint32_t len;

    (void)state;
    assert_int_equal(add(0, true), 0);
    assert_int_equal(add(1, false), 1);
    device_use(0, 4000);
    device_use(1, 4000);
    assert_true(virtio_queue_take(&queue, &head, &len));
    assert_int_equal(len, 32);
    assert_true(virtio_queue_take(&queue, &head, &len));
    assert_int_equal(len, 0); /* nothing there was for the device to write */
}

static void assert_breaks(uint32_t head_from_device)
{
    uint16_t head;
    uint32_t len;

    device_use(head_from_device, 0);
    assert_false(virtio_queue_take(&queue, &head, &len));
    assert_true(queue.broken);
    assert_int_equal(add(0, true), ERR_FULL);
    assert_int_equal(virtio_queue_next(&queue), ERR_FULL);
    assert_false(virtio_queue_arm(&queue));
}

static void test_head_out_of_range_breaks_the_queue(void **state)
{
    (void)state;
    assert_int_equal(add(0, true), 0);
    assert_breaks(SIZE);
}

static void test_head_that_was_not_given_breaks_the_queue(void **state)
{
    (void)state;
    assert_int_equal(add(0, true), 0);
    assert_breaks(1);
}

static void test_head_given_back_twice_breaks_the_queue(void **state)
{
    uint16_t head;
    uint32_t len;

    (void)state;
    assert_int_equal(add(0, true), 0);
    device_use(0, 0);
    assert_true(virtio_queue_take(&queue, &head, &len));
    assert_breaks(0);
}

static void test_arm_sees_what_is_there(void **state)
{
    (void)state;
    assert_int_equal(bytes_get_le16(memory + 16 * SIZE), 1); /* no interrupts at first */
    assert_int_equal(add(0, true), 0);
    assert_false(virtio_queue_arm(&queue));
    assert_int_equal(bytes_get_le16(memory + 16 * SIZE), 0);
    device_use(0, 0);
    assert_true(virtio_queue_arm(&queue));
    virtio_queue_disarm(&queue);
    assert_int_equal(bytes_get_le16(memory + 16 * SIZE), 1);
}

static void test_kick_only_if_wanted(void **state)
{
    (void)state;
    assert_true(virtio_queue_wants_kick(&queue));
    bytes_put_le16(memory + USED_OFFSET, 1);
    assert_false(virtio_queue_wants_kick(&queue));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_descriptors_are_taken_in_order, setup),
        cmocka_unit_test_setup(test_chain, setup),
        cmocka_unit_test_setup(test_goes_round_many_times, setup),
        cmocka_unit_test_setup(test_out_of_order_use, setup),
        cmocka_unit_test_setup(test_length_beyond_the_buffer_is_cut, setup),
        cmocka_unit_test_setup(test_head_out_of_range_breaks_the_queue, setup),
        cmocka_unit_test_setup(test_head_that_was_not_given_breaks_the_queue, setup),
        cmocka_unit_test_setup(test_head_given_back_twice_breaks_the_queue, setup),
        cmocka_unit_test_setup(test_arm_sees_what_is_there, setup),
        cmocka_unit_test_setup(test_kick_only_if_wanted, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
