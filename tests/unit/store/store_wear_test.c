/* SPDX-License-Identifier: ISC */
/* Wear: spread over the blocks, counted, and remembered. */
#include "unit.h"

#include "store/store_priv.h"
#include "store_world.h"

enum { BLOCKS = 64, WRITES = 20000 };

static int open_world(void **state)
{
    (void)state;
    store_world_open(BLOCKS);
    assert_int_equal(store_world_start(), STORE_FRESH);
    return 0;
}

static int close_world(void **state)
{
    (void)state;
    store_world_close();
    return 0;
}

static uint32_t total(void)
{
    uint32_t sum = 0;

    for (uint32_t i = 0; i < BLOCKS; i++) {
        sum += store_world.sim.erases[i];
    }
    return sum;
}

static uint32_t worst(void)
{
    uint32_t most = 0;

    for (uint32_t i = 0; i < BLOCKS; i++) {
        uint32_t erases = store_world.sim.erases[i];
        most = erases > most ? erases : most;
    }
    return most;
}

static struct store_status status(void)
{
    struct store_status s;

    store_get_status(&s);
    return s;
}

/* One small setting written over and over, next to records that never change. */
static void test_one_setting_for_ever(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 6; i++) {
        char name[] = {'f', (char)('a' + i), '\0'};
        assert_int_equal(store_world_write(name, 1, 3000), 0);
    }
    for (unsigned i = 1; i <= WRITES; i++) {
        assert_int_equal(store_world_write("setting", i, 60), 0);
    }
    print_message("# %u writes of 60 bytes: %u erases, worst block %u, mean %u.%02u\n",
                  WRITES, total(), worst(), total() / BLOCKS,
                  total() % BLOCKS * 100 / BLOCKS);
    assert_true(total() < WRITES / 4); /* a commit is appended, not a block erased */
    assert_true(worst() < 4 * total() / BLOCKS + 200); /* 200: one stay of the metadata */
    assert_int_equal(store_world_read("setting"), WRITES);
    assert_int_equal(store_world_start(), STORE_GOOD);
    assert_int_equal(store_world_read("setting"), WRITES);
    assert_int_equal(store_world_read("fa"), 1);
    assert_in_range(status().erases_worst, worst() - 20, worst() + 1); /* saved each 16 */
}

static void test_large_records(void **state)
{
    (void)state;
    for (unsigned i = 1; i <= 3000; i++) {
        assert_int_equal(store_world_write("log", i, 5000), 0);
    }
    print_message("# 3000 writes of 5000 bytes: %u erases, worst block %u\n", total(),
                  worst());
    assert_true(worst() < 2 * total() / BLOCKS + 200);
}

static void test_counts_while_running_are_exact(void **state)
{
    (void)state;
    for (unsigned i = 1; i <= 500; i++) {
        assert_int_equal(store_world_write("log", i, 1500), 0);
    }
    assert_int_equal(status().erases, total());
    assert_int_equal(status().erases_worst, worst());
    assert_int_equal(status().writes, 500);
}

/* A reset forgets the erases of the directory in the last write, no more. */
static void test_counts_survive(void **state)
{
    uint32_t known;

    (void)state;
    for (unsigned i = 1; i <= 40; i++) {
        assert_int_equal(store_world_write("log", i, 5000), 0);
        if (i % 3 == 0) {
            assert_int_equal(store_world_start(), STORE_GOOD);
            assert_int_equal(store_world_read("log"), i);
        }
    }
    assert_int_equal(store_world_start(), STORE_GOOD);
    assert_int_equal(store_world_read("log"), 40);
    known = status().erases;
    print_message("# %u erases, %u known after 14 resets; worst %u, known %u\n", total(),
                  known, worst(), status().erases_worst);
    assert_true(known <= total());
    assert_true(known + 8 >= total());
    assert_in_range(status().erases_worst, 1, worst());
}

static void test_table_form(void **state)
{
    uint8_t bytes[8 + 2 * 8];
    struct span table;

    (void)state;
    store_wear_init(8);
    for (unsigned i = 0; i < 100; i++) {
        store_wear_count(i % 8);
        store_wear_count(3);
    }
    store_wear_count(8); /* no such block */
    store_wear_heard(250);
    assert_int_equal(store_wear_total(), 250);
    assert_true(store_wear_is_due());
    table = store_wear_encode(bytes, sizeof(bytes));
    assert_int_equal(table.len, sizeof(bytes));
    assert_false(store_wear_is_due());
    store_wear_init(8);
    store_wear_count(0);
    store_wear_decode(table);
    assert_int_equal(store_wear_total(), 251);
    assert_int_equal(store_wear_worst(), 113 + 50 / 8);
    store_wear_init(8);
    store_wear_decode(span_slice(table, 0, 7)); /* cut: nothing to go by */
    assert_int_equal(store_wear_total(), 50);
    store_wear_decode(span_slice(table, 0, 13)); /* fewer blocks than we have */
    assert_true(store_wear_total() < 250);
    assert_null(store_wear_encode(bytes, 7).ptr);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_one_setting_for_ever),
        TEST(test_large_records),
        TEST(test_counts_while_running_are_exact),
        TEST(test_counts_survive),
        TEST(test_table_form),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
