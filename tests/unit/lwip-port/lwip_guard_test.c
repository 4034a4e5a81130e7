/* SPDX-License-Identifier: ISC */
/* Which TCP option lists pass. Each list is given as exactly as many heap bytes as it has, so
 * that the address sanitizer sees a read beyond. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lwip_guard.h"

/* Also split into two parts at every place. */
static bool check(const uint8_t *options, uint16_t len)
{
    uint8_t *whole = malloc(len + (len == 0));
    memcpy(whole, options, len);
    bool ok = lwip_guard_options_ok(whole, len, NULL, len);
    free(whole);
    for (uint16_t cut = 0; cut <= len; cut++) {
        uint8_t *a = malloc((size_t)cut + (cut == 0));
        uint8_t *b = malloc((size_t)(len - cut) + (cut == len));
        memcpy(a, options, cut);
        memcpy(b, options + cut, (size_t)(len - cut));
        assert_int_equal(lwip_guard_options_ok(a, cut, b, len), ok);
        free(a);
        free(b);
    }
    return ok;
}

#define CHECK(...) \
    check((const uint8_t[]){__VA_ARGS__}, \
          (uint16_t)sizeof((const uint8_t[]){__VA_ARGS__}))

static void test_well_formed(void **state)
{
    (void)state;
    assert_true(CHECK(0, 0, 0, 0));
    assert_true(CHECK(1, 1, 1, 1));
    assert_true(CHECK(2, 4, 5, 0xb4));
    assert_true(CHECK(2, 4, 5, 0xb4, 1, 3, 3, 7));
    assert_true(CHECK(1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8));
    assert_true(
        CHECK(254, 4, 9, 9, 0, 255, 255, 255)); /* unknown kinds; junk after the end */
}

static void test_kind_without_length(void **state)
{
    (void)state;
    assert_false(CHECK(1, 1, 1, 2));
    assert_false(CHECK(2, 4, 5, 0xb4, 1, 1, 1, 8));
    assert_false(CHECK(1, 1, 1, 254));
}

static void test_cut_off_or_too_short(void **state)
{
    (void)state;
    assert_false(CHECK(1, 2, 4, 5));
    assert_false(CHECK(2, 0, 1, 1));
    assert_false(CHECK(3, 1, 1, 1));
    assert_false(CHECK(8, 255, 1, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_well_formed),
                                       cmocka_unit_test(test_kind_without_length),
                                       cmocka_unit_test(test_cut_off_or_too_short)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
