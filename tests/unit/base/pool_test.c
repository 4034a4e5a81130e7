/* SPDX-License-Identifier: ISC */
/* base/pool.c: exhaustion is a result, misuse is a panic. */
#include "unit.h"

#include "base/panic.h"
#include "base/pool.h"

struct thing {
    int value;
};

POOL_DEFINE(things, struct thing, 3);

void panic_at(const char *file, int line, const char *format, ...)
{
    (void)format;
    mock_assert(0, "panic", file, line);
    __builtin_unreachable();
}

static void test_exhaustion_and_reuse(void **state)
{
    struct thing *a;
    struct thing *b;
    struct thing *c;

    (void)state;
    pool_init(&things);
    a = pool_get(&things);
    b = pool_get(&things);
    c = pool_get(&things);
    assert_non_null(c);
    assert_null(pool_get(&things));
    assert_int_equal(things.in_use, 3);
    pool_put(&things, b);
    assert_ptr_equal(pool_get(&things), b);
    assert_int_equal(things.high_water, 3);
    pool_put(&things, a);
    pool_put(&things, b);
    pool_put(&things, c);
    pool_put(&things, NULL);
    assert_int_equal(things.in_use, 0);
    assert_int_equal(things.high_water, 3);
}

static void test_listed_once(void **state)
{
    int seen = 0;

    (void)state;
    pool_init(&things);
    pool_init(&things);
    for (struct pool *p = pool_first(); p != NULL; p = p->next) {
        seen += p == &things;
    }
    assert_int_equal(seen, 1);
}

static void test_misuse_panics(void **state)
{
    struct thing *a;

    (void)state;
    pool_init(&things);
    a = pool_get(&things);
    expect_assert_failure(pool_put(&things, (uint8_t *)a + 1));
    expect_assert_failure(pool_put(&things, a + 3));
    pool_put(&things, a);
    expect_assert_failure(pool_put(&things, a));
}

/* What tests of exhaustion use. */
static void test_made_to_fail(void **state)
{
    (void)state;
    pool_init(&things);
    assert_int_equal(pool_fail_at(2), 0);
    assert_non_null(pool_get(&things));
    assert_null(pool_get(&things));
    assert_int_equal(pool_fail_at(3), 0); /* it has happened */
    pool_put(&things, pool_get(&things));
    assert_int_equal(pool_fail_at(0), 2);
    assert_non_null(pool_get(&things));
    assert_non_null(pool_get(&things));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exhaustion_and_reuse),
        cmocka_unit_test(test_listed_once),
        cmocka_unit_test(test_misuse_panics),
        cmocka_unit_test(test_made_to_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
