/* SPDX-License-Identifier: ISC */
/* drivers/entropy_mix.c: one bad source does no harm, whichever it is. */
#include "unit.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/panic.h"
#include "base/util.h"
#include "drivers/entropy_mix.h"

enum { LEN = 48 };
enum behaviour { GOOD, FAILS, ZEROES, ONES, SAME_BLOCK, SAME_WORD };

static enum behaviour behaviours[3];
static unsigned calls[3];
static uint64_t states[3];

static int give(size_t source, uint8_t *dst, size_t len)
{
    calls[source]++;
    for (size_t i = 0; i < len; i++) {
        states[source] = states[source] * 6364136223846793005u + 1442695040888963407u;
        switch (behaviours[source]) {
        case ZEROES:
            dst[i] = 0;
            break;
        case ONES:
            dst[i] = 0xFF;
            break;
        case SAME_BLOCK:
            dst[i] = (uint8_t)(i * 37);
            break;
        case SAME_WORD:
            dst[i] = (uint8_t)(i % 8 * 37);
            break;
        default:
            dst[i] = (uint8_t)(states[source] >> 56);
        }
    }
    return behaviours[source] == FAILS ? ERR_TIMEOUT : 0;
}

static int give_0(void *dst, size_t len)
{
    return give(0, dst, len);
}

static int give_1(void *dst, size_t len)
{
    return give(1, dst, len);
}

static int give_2(void *dst, size_t len)
{
    return give(2, dst, len);
}

void panic_at(const char *file, int line, const char *format, ...)
{
    fail_msg("%s:%d: %s", file, line, format);
    abort();
}

static const struct entropy_source sources[] = {
    {give_0, true}, {give_1, true}, {give_2, false}};

static int mix(enum behaviour a, enum behaviour b, enum behaviour c, uint8_t out[LEN])
{
    behaviours[0] = a;
    behaviours[1] = b;
    behaviours[2] = c;
    memset(calls, 0, sizeof(calls));
    memset(out, 0x77, LEN);
    return entropy_mix(sources, UTIL_COUNT(sources), out, LEN);
}

static void seed(uint64_t a, uint64_t b, uint64_t c)
{
    states[0] = a;
    states[1] = b;
    states[2] = c;
}

static void test_each_source_counts(void **state)
{
    uint8_t one[LEN];
    uint8_t other[LEN];

    (void)state;
    for (int changed = 0; changed < 3; changed++) {
        seed(1, 2, 3);
        assert_int_equal(mix(GOOD, GOOD, GOOD, one), 0);
        seed(1 + (changed == 0), 2 + (changed == 1), 3 + (changed == 2));
        assert_int_equal(mix(GOOD, GOOD, GOOD, other), 0);
        assert_memory_not_equal(one, other, 32);
        assert_memory_not_equal(one + 32, other + 32, LEN - 32);
    }
}

static void test_one_bad_source_does_no_harm(void **state)
{
    static const enum behaviour bad[] = {FAILS, ZEROES, ONES, SAME_BLOCK, SAME_WORD};
    uint8_t one[LEN];
    uint8_t other[LEN];

    (void)state;
    for (size_t i = 0; i < UTIL_COUNT(bad); i++) {
        seed(1, 2, 3);
        assert_int_equal(mix(bad[i], GOOD, bad[i], one), 0);
        assert_int_equal(mix(bad[i], GOOD, bad[i], other), 0);
        assert_memory_not_equal(one, other, LEN);
        assert_int_equal(mix(GOOD, bad[i], bad[i], other), 0);
        assert_memory_not_equal(one, other, LEN);
    }
}

static void test_two_sources_that_cancel_each_other(void **state)
{
    uint8_t one[LEN];
    uint8_t other[LEN];

    (void)state;
    seed(9, 9, 9); /* all give the same */
    assert_int_equal(mix(GOOD, GOOD, ZEROES, one), 0);
    assert_int_equal(mix(GOOD, GOOD, ZEROES, other), 0);
    assert_memory_not_equal(one, other, LEN);
}

static void test_no_good_source_is_an_error(void **state)
{
    static const enum behaviour bad[] = {FAILS, ZEROES, ONES, SAME_BLOCK, SAME_WORD};
    static const uint8_t zeroes[LEN];
    uint8_t out[LEN];

    (void)state;
    for (size_t i = 0; i < UTIL_COUNT(bad); i++) {
        assert_int_equal(mix(bad[i], FAILS, GOOD, out), ERR_IO);
        assert_memory_equal(out, zeroes, LEN);
    }
}

static void test_failed_source_is_asked_once(void **state)
{
    uint8_t out[LEN];

    (void)state;
    assert_int_equal(mix(FAILS, GOOD, GOOD, out), 0);
    assert_int_equal(calls[0], 1);
    assert_int_equal(calls[1], 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_source_counts),
        cmocka_unit_test(test_one_bad_source_does_no_harm),
        cmocka_unit_test(test_two_sources_that_cancel_each_other),
        cmocka_unit_test(test_no_good_source_is_an_error),
        cmocka_unit_test(test_failed_source_is_asked_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
