/* SPDX-License-Identifier: ISC */
/* Quantiles: exact at the points, straight between, never outside. */
#include "latency/latency_spread.h"
#include "unit.h"

static const struct latency_spread steps = {{100, 200, 400, 800, 1600}};

static void test_points(void **state)
{
    (void)state;
    assert_int_equal(latency_spread_at(&steps, 0), 100);
    assert_int_equal(latency_spread_at(&steps, 429496729), 199);
    assert_int_equal(latency_spread_at(&steps, 429496730), 200);
    assert_int_equal(latency_spread_at(&steps, 2147483647u), 399);
    assert_int_equal(latency_spread_at(&steps, 2147483648u), 400);
    assert_int_equal(latency_spread_at(&steps, 3865470565u), 799);
    assert_int_equal(latency_spread_at(&steps, 3865470566u), 800);
    assert_int_equal(latency_spread_at(&steps, UINT32_MAX), 1599);
}

static void test_between(void **state)
{
    (void)state;
    assert_int_equal(latency_spread_at(&steps, 214748365), 150);   /* 5 % */
    assert_int_equal(latency_spread_at(&steps, 1288490188), 299);  /* a hair below 30 % */
    assert_int_equal(latency_spread_at(&steps, 1288490189), 300);  /* 30 % */
    assert_int_equal(latency_spread_at(&steps, 3006477107u), 600); /* 70 % */
    assert_int_equal(latency_spread_at(&steps, 4080218931u), 1200); /* 95 % */
}

static void test_constant_and_nothing(void **state)
{
    static const struct latency_spread constant = {{70, 70, 70, 70, 70}};
    static const struct latency_spread nothing = {{0}};

    (void)state;
    for (uint64_t u = 0; u <= UINT32_MAX; u += 99999989) {
        assert_int_equal(latency_spread_at(&constant, (uint32_t)u), 70);
        assert_int_equal(latency_spread_at(&nothing, (uint32_t)u), 0);
    }
}

static void test_never_falls_and_stays_inside(void **state)
{
    static const struct latency_spread wide = {{0, 1, 2, UINT32_MAX - 1, UINT32_MAX}};
    uint32_t last = 0;

    (void)state;
    for (uint64_t u = 0; u <= UINT32_MAX; u += 1000003) {
        uint32_t now = latency_spread_at(&wide, (uint32_t)u);

        assert_true(now >= last);
        last = now;
    }
    assert_true(latency_spread_at(&wide, UINT32_MAX) >= last);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_points),
        cmocka_unit_test(test_between),
        cmocka_unit_test(test_constant_and_nothing),
        cmocka_unit_test(test_never_falls_and_stays_inside),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
