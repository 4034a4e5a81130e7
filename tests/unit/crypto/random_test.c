/* SPDX-License-Identifier: ISC */
/* crypto/random.c: nothing without entropy, never the same twice, reseed asks the
 * board. */
#include "unit.h"

#include "base/err.h"
#include "crypto/crypto.h"
#include "crypto/random.h"
#include "http/fake_board.h"

static void test_no_numbers_without_entropy(void **state)
{
    uint8_t zero[16] = {0};
    uint8_t bytes[16];

    (void)state;
    fake_board_reset();
    fake_board.has_no_entropy = true;
    assert_int_equal(crypto_start(), ERR_IO);
    memset(bytes, 0x55, sizeof(bytes));
    assert_int_equal(random_fill(bytes, sizeof(bytes)), ERR_IO);
    assert_memory_equal(bytes, zero, sizeof(bytes));
    assert_int_equal(random_reseed(), ERR_IO);
}

static void test_numbers_differ_and_long_requests_work(void **state)
{
    static uint8_t big[5000];
    uint8_t a[32];
    uint8_t b[32];

    (void)state;
    fake_board_reset();
    assert_int_equal(crypto_start(), 0);
    assert_int_equal(random_fill(a, sizeof(a)), 0);
    assert_int_equal(random_fill(b, sizeof(b)), 0);
    assert_memory_not_equal(a, b, sizeof(a));
    assert_int_equal(random_fill(big, sizeof(big)), 0);
    assert_memory_not_equal(big, big + 1024, 1024);
    assert_memory_not_equal(big + sizeof(big) - 32, (uint8_t[32]){0}, 32);
}

static void test_reseed(void **state)
{
    unsigned calls;
    uint8_t a[8];

    (void)state;
    fake_board_reset();
    assert_int_equal(crypto_start(), 0);
    calls = fake_board.entropy_calls;
    assert_int_equal(random_reseed(), 0);
    assert_true(fake_board.entropy_calls > calls);
    fake_board.has_no_entropy = true;
    assert_int_equal(random_reseed(), ERR_IO);
    assert_int_equal(random_fill(a, sizeof(a)), 0); /* the old state stays good */
}

/* How often random_watch has asked the board for entropy. */
static unsigned reseeds(uint32_t opens, uint64_t now_s, int64_t wall_s)
{
    unsigned calls = fake_board.entropy_calls;

    random_watch(opens, now_s * 1000000, wall_s);
    return fake_board.entropy_calls - calls;
}

static void fresh(void)
{
    fake_board_reset();
    assert_int_equal(crypto_start(), 0);
}

static void test_reseed_when_the_host_port_is_connected_anew(void **state)
{
    (void)state;
    fresh();
    assert_int_equal(reseeds(0, 1, 1000), 0);
    assert_true(reseeds(1, 2, 1001) > 0);
    assert_int_equal(reseeds(1, 20, 1019), 0);
    assert_int_equal(reseeds(0, 30, 1029), 0); /* closed */
    assert_int_equal(reseeds(1, 40, 1039), 0);
    assert_true(reseeds(2, 50, 1049) > 0);
}

static void test_reseed_when_the_clocks_part(void **state)
{
    (void)state;
    fresh();
    assert_int_equal(reseeds(0, 1, 1000), 0);
    assert_int_equal(reseeds(0, 100, 1099), 0);
    assert_int_equal(reseeds(0, 200, 1195), 0); /* a little off */
    assert_true(reseeds(0, 201, 1300) > 0);
    assert_int_equal(reseeds(0, 210, 1309), 0);
    assert_true(reseeds(0, 220, 1000) > 0);
}

static void test_reseed_is_repeated_until_there_is_entropy(void **state)
{
    (void)state;
    fresh();
    assert_int_equal(reseeds(0, 1, 1000), 0);
    fake_board.has_no_entropy = true;
    (void)reseeds(1, 2, 1001);
    fake_board.has_no_entropy = false;
    assert_int_equal(reseeds(1, 2, 1001), 0); /* not at once: it may take long */
    assert_true(reseeds(1, 4, 1003) > 0);
    assert_int_equal(reseeds(1, 9, 1008), 0);
}

/* What a restored machine does before anybody reseeds it. */
static void test_copies_part_by_the_time(void **state)
{
    uint8_t first[16];
    uint8_t second[16];

    (void)state;
    fresh();
    assert_int_equal(random_fill(first, sizeof(first)), 0);
    fresh(); /* the fake board's entropy starts again: the same seed */
    fake_board.now_us++;
    assert_int_equal(random_fill(second, sizeof(second)), 0);
    assert_memory_not_equal(first, second, sizeof(first));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_numbers_without_entropy),
        cmocka_unit_test(test_numbers_differ_and_long_requests_work),
        cmocka_unit_test(test_reseed),
        cmocka_unit_test(test_reseed_when_the_host_port_is_connected_anew),
        cmocka_unit_test(test_reseed_when_the_clocks_part),
        cmocka_unit_test(test_reseed_is_repeated_until_there_is_entropy),
        cmocka_unit_test(test_copies_part_by_the_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
