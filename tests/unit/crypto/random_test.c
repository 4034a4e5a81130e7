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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_numbers_without_entropy),
        cmocka_unit_test(test_numbers_differ_and_long_requests_work),
        cmocka_unit_test(test_reseed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
