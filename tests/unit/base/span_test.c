/* SPDX-License-Identifier: ISC */
/* base/span.c: bounded reading. */
#include "unit.h"

#include "base/err.h"
#include "base/span.h"

static void test_take_never_reads_past_the_end(void **state)
{
    const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7};
    struct span s = span_of(bytes, sizeof(bytes));
    uint64_t u64 = 99;
    uint32_t u32;
    uint16_t u16;
    uint8_t u8;

    (void)state;
    assert_false(span_take_le64(&s, &u64));
    assert_int_equal(u64, 99);
    assert_int_equal(s.len, 7);
    assert_true(span_take_le32(&s, &u32));
    assert_int_equal(u32, 0x04030201);
    assert_true(span_take_le16(&s, &u16));
    assert_int_equal(u16, 0x0605);
    assert_true(span_take_u8(&s, &u8));
    assert_int_equal(u8, 7);
    assert_false(span_take_u8(&s, &u8));
    assert_false(span_take_le16(&s, &u16));
    assert_false(span_take_le32(&s, &u32));
}

static void test_numbers(void **state)
{
    uint64_t v = 7;

    (void)state;
    assert_true(span_to_uint(span_str("0"), 255, &v));
    assert_int_equal(v, 0);
    assert_true(span_to_uint(span_str("255"), 255, &v));
    assert_int_equal(v, 255);
    assert_false(span_to_uint(span_str("256"), 255, &v));
    assert_false(span_to_uint(span_str(""), 255, &v));
    assert_false(span_to_uint(span_str("-1"), 255, &v));
    assert_false(span_to_uint(span_str("1 "), 255, &v));
    assert_false(span_to_uint(span_str("1a"), 255, &v));
    assert_true(span_to_uint(span_str("18446744073709551615"), UINT64_MAX, &v));
    assert_true(v == UINT64_MAX);
    assert_false(span_to_uint(span_str("18446744073709551616"), UINT64_MAX, &v));
    assert_true(span_hex_to_uint(span_str("fF"), 255, &v));
    assert_int_equal(v, 255);
    assert_false(span_hex_to_uint(span_str("0x1"), 255, &v));
    assert_false(span_to_uint(span_str("7"), 5, &v));
}

static void test_slice_is_clipped(void **state)
{
    struct span s = span_str("hello");

    (void)state;
    assert_true(span_equal_str(span_slice(s, 1, 3), "ell"));
    assert_true(span_equal_str(span_slice(s, 3, 99), "lo"));
    assert_int_equal(span_slice(s, 5, 1).len, 0);
    assert_int_equal(span_slice(s, 99, SIZE_MAX).len, 0);
    assert_int_equal(span_slice(s, 0, SIZE_MAX).len, 5);
}

static void test_text(void **state)
{
    char small[4];

    (void)state;
    assert_true(span_equal_nocase(span_str("Content-LENGTH"), "content-length"));
    assert_false(span_equal_nocase(span_str("Content-LENGTH"), "content-lengt"));
    assert_true(span_equal_str(span_trim(span_str(" \t\r\n a b\n")), "a b"));
    assert_int_equal(span_trim(span_str(" \n")).len, 0);
    assert_true(span_starts_with(span_str("abc"), "ab"));
    assert_false(span_starts_with(span_str("a"), "ab"));
    assert_int_equal(span_find(span_str("abc"), 'c'), 2);
    assert_int_equal(span_find(span_str("abc"), 'x'), 3);
    assert_int_equal(span_find(span_of(NULL, 0), 'x'), 0);
    assert_int_equal(span_copy_str(span_str("abc"), small, sizeof(small)), 3);
    assert_string_equal(small, "abc");
    assert_int_equal(span_copy_str(span_str("abcd"), small, sizeof(small)), ERR_TOO_BIG);
    assert_string_equal(small, "");
    assert_int_equal(span_copy_str(span_of("a\0b", 3), small, sizeof(small)),
                     ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_take_never_reads_past_the_end),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_slice_is_clipped),
        cmocka_unit_test(test_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
