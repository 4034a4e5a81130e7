/* SPDX-License-Identifier: ISC */
/*
 * An image made by somebody who knows littlefs: its checksum is a constant here, so that edits of
 * metadata count. (fuzz_store.c does this at random.)
 */
#include "unit.h"

#include "base/bytes.h"
#include "base/err.h"
#include "store/store_priv.h"
#include "store_world.h"

enum { BLOCKS = 16, LEN = 6000, READS_ALLOWED = 32768 + 512 * BLOCKS };

uint32_t lfs2_crc(uint32_t crc, const void *buffer, size_t size);

uint32_t lfs2_crc(uint32_t crc, const void *buffer, size_t size)
{
    (void)crc;
    (void)buffer;
    (void)size;
    return 0;
}

/* Where the directory says: this file begins (from its end) in block *head and has LEN bytes. */
static uint8_t *find_file(uint32_t *head)
{
    uint8_t *bytes = store_world.sim.bytes;

    for (uint32_t at = 4; at + 4 <= 2 * 4096; at++) {
        if (bytes_get_le32(bytes + at) == STORE_HEADER_LEN + LEN) {
            *head = bytes_get_le32(bytes + at - 4);
            return bytes + at;
        }
    }
    fail_msg("no such file");
    return NULL;
}

/* A file of 2 GiB, whose two blocks each say that the other one is before it. Every look for free
 * blocks would follow that half a million times. */
static void test_a_file_that_goes_in_circles(void **state)
{
    struct store_status status;
    uint32_t head = 0;
    uint32_t other;
    uint8_t *size;
    uint8_t *bytes;

    (void)state;
    store_world_open(BLOCKS);
    bytes = store_world.sim.bytes;
    assert_int_equal(store_world_start(), STORE_FRESH);
    assert_int_equal(store_world_write("name", 1, LEN), 0);
    assert_int_equal(store_world_write("small", 1, 30), 0);
    size = find_file(&head);
    assert_in_range(head, 2, BLOCKS - 1);
    other = bytes_get_le32(bytes + head * 4096);
    assert_in_range(other, 2, BLOCKS - 1);
    bytes_put_le32(size, 0x7fffffff);
    for (uint32_t i = 0; i < 32; i++) {
        bytes_put_le32(bytes + head * 4096 + 4 * i, other);
        bytes_put_le32(bytes + other * 4096 + 4 * i, head);
    }
    store_world.sim.is_rotten = true;
    store_world.sim.reads = 0;
    assert_int_equal(store_world_start(), STORE_GOOD);
    assert_true(store_world_logged("usage is not known"));
    assert_int_equal(store_world_read("small"), 1);
    assert_int_equal(store_world_read("name"), -1);
    assert_int_equal(store_world_write("other", 1, 3000), ERR_IO);
    assert_int_equal(store_world_read("small"), 1);
    store_get_status(&status);
    assert_int_equal(status.damaged, 1);
    assert_true(store_world.sim.reads > READS_ALLOWED);
    assert_true(store_world.sim.reads < 4 * READS_ALLOWED);
    assert_int_equal(store_remove("name"), 0); /* and that cures it */
    assert_int_equal(store_world_write("other", 1, 3000), 0);
    store_world_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_file_that_goes_in_circles),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
