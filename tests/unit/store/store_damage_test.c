/* SPDX-License-Identifier: ISC */
/*
 * Bit rot and broken blocks. Whatever is on the flash: no content is returned that was not once
 * written as this record, nothing crashes or goes on for ever, and the store can be used after it.
 */
#include "unit.h"

#include <stdio.h>

#include "base/err.h"
#include "base/util.h"
#include "store/store_priv.h"
#include "store_world.h"

enum { BLOCKS = 16, NAMES = 8, TRIES = 3000 };
/* A tenth of what store_flash.c allows for 16 blocks: sound stores never come near the limit. */
enum { READS_EXPECTED = 4096 };

static const char *const names[NAMES] = {"a", "b", "c", "d", "e", "f", "g", "h"};
static const size_t lengths[NAMES] = {5, 40, 300, 490, 700, 2000, 4090, 6144};
static struct flash_sim master;

/* Several generations of everything, so that old blocks lie about. */
static int fill(void **state)
{
    (void)state;
    store_world_open(BLOCKS);
    assert_int_equal(store_world_start(), STORE_FRESH);
    for (unsigned number = 1; number <= 3; number++) {
        for (unsigned i = 0; i < NAMES; i++) {
            assert_int_equal(store_world_write(names[i], number, lengths[i]), 0);
        }
    }
    flash_sim_open(&master, 4096, BLOCKS, 0xff);
    flash_sim_copy(&master, &store_world.sim);
    return 0;
}

static int empty(void **state)
{
    (void)state;
    flash_sim_close(&master);
    store_world_close();
    return 0;
}

/* Start on a damaged flash; then everything can be read without surprise, and be written.
 * Returns how many of the last generation were found. */
static unsigned use(void)
{
    unsigned found = 0;
    enum store_state state = store_world_start();

    if (state != STORE_GOOD && state != STORE_REPAIRED && state != STORE_RUINED) {
        fail_msg("state %s: %s", store_state_name(state), store_world.log);
    }
    for (unsigned i = 0; i < NAMES; i++) {
        int number = store_world_read(names[i]); /* fails on what nobody wrote */

        assert_in_range(number + 1, 0, 4);
        found += number == 3;
    }
    return found;
}

static void write_again(void)
{
    int result = store_world_write("a", 4, 30);

    if (result < 0) { /* littlefs met the damage just now: after a reset at the latest */
        assert_int_equal(result, ERR_IO);
        (void)store_world_start();
        result = store_world_write("a", 4, 30);
    }
    if (result == 0) {
        assert_int_equal(store_world_read("a"), 4);
        (void)store_world_start();
        assert_int_equal(store_world_read("a"), 4);
    }
}

static void test_sound_stores_stay_far_from_the_limit(void **state)
{
    uint32_t most = 0;

    (void)state;
    for (unsigned number = 4; number < 60; number++) {
        unsigned i = number % NAMES;

        assert_int_equal(store_world_write(names[i], number, lengths[i]), 0);
        most = store_flash_reads() > most ? store_flash_reads() : most;
    }
    (void)store_world_start();
    print_message("# most reads in one operation: %u\n", most);
    assert_true(most < READS_EXPECTED);
}

static void test_one_flipped_bit(void **state)
{
    uint32_t bits = flash_sim_size(&master) * 8;
    unsigned lost = 0;
    unsigned ruined = 0;
    struct store_status status;

    (void)state;
    for (uint32_t i = 0; i < TRIES; i++) {
        /* Spread over the whole image, a different bit of the byte each time. */
        uint32_t bit = (uint32_t)((uint64_t)i * bits / TRIES) + i % 8;

        flash_sim_copy(&store_world.sim, &master);
        flash_sim_flip(&store_world.sim, bit);
        lost += NAMES - use();
        store_get_status(&status);
        ruined += status.state == STORE_RUINED;
        if (i % 16 == 0) {
            write_again();
        }
    }
    print_message("# %u flips: %u records lost or old, %u stores ruined\n", TRIES, lost,
                  ruined);
    assert_int_equal(ruined, 0);
}

static void test_bits_of_the_directory(void **state)
{
    (void)state;
    for (uint32_t bit = 0; bit < 2 * 4096 * 8; bit += 29) { /* the root, both copies */
        flash_sim_copy(&store_world.sim, &master);
        flash_sim_flip(&store_world.sim, bit);
        (void)use();
    }
}

static void test_many_flipped_bits(void **state)
{
    uint32_t bits = flash_sim_size(&master) * 8;

    (void)state;
    master.random = 2026;
    for (unsigned i = 0; i < 600; i++) {
        flash_sim_copy(&store_world.sim, &master);
        for (unsigned flips = 1u << i % 12; flips > 0; flips--) {
            flash_sim_flip(&store_world.sim, flash_sim_random(&master) % bits);
        }
        (void)use();
        write_again();
    }
}

/* Blocks that swap places, are lost, or come twice: an edited image, or a broken controller. */
static void test_shuffled_blocks(void **state)
{
    (void)state;
    for (uint32_t from = 0; from < BLOCKS; from++) {
        for (uint32_t to = 0; to < BLOCKS; to++) {
            flash_sim_copy(&store_world.sim, &master);
            memcpy(store_world.sim.bytes + to * 4096, master.bytes + from * 4096, 4096);
            if (from == to) {
                memset(store_world.sim.bytes + to * 4096, 0xff, 4096);
            }
            store_world.sim.is_rotten = true;
            (void)use();
            if ((from + to) % 5 == 0) {
                write_again();
            }
        }
    }
}

static void test_a_bad_block_is_avoided(void **state)
{
    (void)state;
    for (uint32_t block = 2; block < BLOCKS; block++) {
        for (enum flash_sim_stuck how = FLASH_SIM_FAILS; how <= FLASH_SIM_WEAK; how++) {
            flash_sim_copy(&store_world.sim, &master);
            assert_int_equal(store_world_start(), STORE_GOOD);
            store_world.sim.stuck_block = block;
            store_world.sim.stuck = how;
            for (unsigned number = 4; number < 10; number++) {
                for (unsigned i = 0; i < NAMES - 1; i++) {
                    int result = store_world_write(names[i], number, lengths[i]);

                    assert_int_equal(result, 0);
                    assert_int_equal(store_world_read(names[i]), number);
                }
            }
            assert_int_equal(store_world_start(), STORE_GOOD);
            for (unsigned i = 0; i < NAMES - 1; i++) {
                assert_int_equal(store_world_read(names[i]), 9);
            }
            store_world.sim.stuck_block = -1;
        }
    }
}

/* The place of the root itself goes bad: nothing is lost as long as it can be read. */
static void test_a_bad_root(void **state)
{
    (void)state;
    for (uint32_t block = 0; block < 2; block++) {
        flash_sim_copy(&store_world.sim, &master);
        assert_int_equal(store_world_start(), STORE_GOOD);
        store_world.sim.stuck_block = block;
        store_world.sim.stuck = FLASH_SIM_FAILS;
        for (unsigned number = 4; number < 40; number++) {
            (void)store_world_write("a", number, 30); /* may fail; never lies */
        }
        store_world.sim.stuck_block = -1;
        (void)store_world_start();
        assert_true(store_world_read("a") >= 3);
        assert_int_equal(store_world_read("h"), 3);
    }
}

static void test_a_flash_that_cannot_be_read(void **state)
{
    uint8_t byte;
    struct store_status status;

    (void)state;
    assert_int_equal(store_world_start(), STORE_GOOD);
    store_world.sim.fails_to_read = true;
    assert_int_equal(store_read("a", NULL, &byte, 1), ERR_NOT_FOUND);
    assert_int_equal(store_world_write("a", 4, 30), ERR_IO);
    store_get_status(&status);
    assert_int_equal(status.state, STORE_FAILED);
    assert_true(store_world_logged("the flash does not work"));
    assert_int_equal(store_world_write("a", 4, 30), ERR_IO);
    assert_int_equal(store_world_start(), STORE_FAILED);
    store_world.sim.fails_to_read = false;
    assert_int_equal(store_world_start(), STORE_GOOD); /* and nothing was formatted */
    assert_int_equal(store_world_read("h"), 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fill, empty)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_sound_stores_stay_far_from_the_limit),
        TEST(test_one_flipped_bit),
        TEST(test_bits_of_the_directory),
        TEST(test_many_flipped_bits),
        TEST(test_shuffled_blocks),
        TEST(test_a_bad_block_is_avoided),
        TEST(test_a_bad_root),
        TEST(test_a_flash_that_cannot_be_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
