/* SPDX-License-Identifier: ISC */
/* crypto/arena.c: a model of random allocations beside it; exhaustion; failures on demand. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config.h"
#include "crypto/arena.h"
#include "http/fake_board.h"

enum { BLOCKS = 64, ROUNDS = 20000 };

static int setup(void **state)
{
    (void)state;
    fake_board_reset();
    arena_start();
    return 0;
}

static struct arena_status status(void)
{
    struct arena_status now;

    arena_get_status(&now);
    return now;
}

static void test_random_allocations(void **state)
{
    static struct {
        uint8_t *ptr;
        size_t len;
        uint8_t fill;
    } blocks[BLOCKS];
    uint32_t random = 1;

    (void)state;
    memset(blocks, 0, sizeof(blocks));
    for (unsigned round = 0; round < ROUNDS; round++) {
        random = random * 1103515245 + 12345;
        size_t i = random >> 16 & (BLOCKS - 1);
        if (blocks[i].ptr != NULL) {
            for (size_t at = 0; at < blocks[i].len; at++) {
                assert_int_equal(blocks[i].ptr[at], blocks[i].fill);
            }
            arena_free(blocks[i].ptr);
            blocks[i].ptr = NULL;
        } else {
            random = random * 1103515245 + 12345;
            blocks[i].len = 1 + (random >> 8) % ((random & 7) == 0 ? 20000 : 300);
            blocks[i].ptr = arena_alloc(1, blocks[i].len);
            if (blocks[i].ptr == NULL) {
                continue;
            }
            assert_int_equal((uintptr_t)blocks[i].ptr % 16, 0);
            for (size_t at = 0; at < blocks[i].len; at++) {
                assert_int_equal(blocks[i].ptr[at], 0);
            }
            blocks[i].fill = (uint8_t)round;
            memset(blocks[i].ptr, blocks[i].fill, blocks[i].len);
        }
        if (round % 64 == 0) {
            assert_true(arena_is_sound());
        }
    }
    for (size_t i = 0; i < BLOCKS; i++) {
        arena_free(blocks[i].ptr);
    }
    assert_true(arena_is_sound());
    assert_int_equal(status().blocks, 0);
    assert_int_equal(status().used, 0);
    assert_true(status().used_most > 50000);
    assert_true(status().largest >= CONFIG_TLS_ARENA_CAP - 64); /* all joined again */
}

static void test_exhaustion(void **state)
{
    void *all;
    size_t largest = status().largest;

    (void)state;
    assert_null(arena_alloc(1, largest + 1));
    assert_null(arena_alloc(1, SIZE_MAX));
    assert_null(arena_alloc(SIZE_MAX, SIZE_MAX));
    assert_null(arena_alloc(SIZE_MAX / 16, 32)); /* the product overflows */
    assert_null(arena_alloc(0, 8));
    assert_null(arena_alloc(8, 0));
    assert_int_equal(status().failed, 4);
    all = arena_alloc(1, largest);
    assert_non_null(all);
    assert_null(arena_alloc(1, 1));
    assert_int_equal(status().largest, 0);
    arena_free(all);
    assert_int_equal(status().largest, largest);
    arena_free(NULL);
}

static void test_freed_memory_is_wiped(void **state)
{
    uint8_t *block = arena_alloc(1, 200);

    (void)state;
    (void)!arena_alloc(1, 16); /* so that it is not joined with what follows */
    memset(block, 0x77, 200);
    arena_free(block);
    for (size_t i = 32; i < 200; i++) { /* behind the links of the free block */
        assert_int_equal(block[i], 0);
    }
}

/* In a process of its own, as it ends in a panic. */
static void test_freed_twice_is_a_bug(void **state)
{
    int status_of_child = 0;
    pid_t child = fork();

    (void)state;
    if (child == 0) {
        void *block = arena_alloc(1, 64);

        fclose(stderr);
        arena_free(block);
        arena_free(block);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status_of_child, 0), child);
    assert_true(WIFSIGNALED(status_of_child));
}

static void test_failures_on_demand(void **state)
{
    void *block;

    (void)state;
    arena_fail_at(2, false);
    block = arena_alloc(1, 8);
    assert_non_null(block);
    assert_null(arena_alloc(1, 8));
    arena_free(block);
    block = arena_alloc(1, 8);
    assert_non_null(block);
    arena_fail_at(1, true);
    assert_null(arena_alloc(1, 8));
    assert_null(arena_alloc(1, 8));
    arena_fail_at(0, false);
    arena_free(block);
    block = arena_alloc(1, 8);
    assert_non_null(block);
    arena_free(block);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_random_allocations, setup),
        cmocka_unit_test_setup(test_exhaustion, setup),
        cmocka_unit_test_setup(test_freed_memory_is_wiped, setup),
        cmocka_unit_test_setup(test_freed_twice_is_a_bug, setup),
        cmocka_unit_test_setup(test_failures_on_demand, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
