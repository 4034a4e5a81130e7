/* SPDX-License-Identifier: ISC */
/* base/sbuf.c: bounded writing. printf of the C library is the reference for formats. */
#include "unit.h"

#include <stdio.h>

#include "base/err.h"
#include "base/sbuf.h"

static void test_overflow_sticks_and_writes_nothing(void **state)
{
    uint8_t raw[4] = "zzzz";
    struct sbuf b;

    (void)state;
    sbuf_init(&b, raw, 3);
    sbuf_put_str(&b, "ab");
    sbuf_put_str(&b, "cd");
    assert_true(b.overflow);
    assert_int_equal(b.len, 2);
    sbuf_put_u8(&b, 'x');
    assert_int_equal(b.len, 2);
    assert_int_equal(raw[3], 'z');
    assert_int_equal(sbuf_terminate(&b), ERR_FULL);
    sbuf_reset(&b);
    sbuf_put_str(&b, "abc");
    assert_false(b.overflow);
    assert_int_equal(sbuf_terminate(&b), ERR_FULL);
}

static void test_counting_mode_equals_writing(void **state)
{
    uint8_t raw[200];
    struct sbuf real;
    struct sbuf count;

    (void)state;
    sbuf_init(&real, raw, sizeof(raw));
    sbuf_init_counting(&count);
    for (int i = 0; i < 2; i++) {
        struct sbuf *b = i == 0 ? &real : &count;

        sbuf_printf(b, "%s-%u-%x", "text", 12u, 255u);
        sbuf_put_base64(b, span_str("any carnal pleas"));
        sbuf_put_le64(b, 1);
    }
    assert_int_equal(real.len, count.len);
    assert_false(count.overflow);
}

static void check_format(const char *format, ...)
{
    char expected[128];
    uint8_t raw[128];
    struct sbuf b;
    va_list args;

    va_start(args, format);
    vsnprintf(expected, sizeof(expected), format, args);
    va_end(args);
    sbuf_init(&b, raw, sizeof(raw));
    va_start(args, format);
    sbuf_vprintf(&b, format, args);
    va_end(args);
    assert_sbuf_equal(b, expected);
}

static void test_formats_agree_with_the_c_library(void **state)
{
    (void)state;
    check_format("%d %i %u", -5, 2147483647, 4294967295u);
    check_format("%05u|%5u|%02x|%08X", 42u, 42u, 10u, 0xbeefu);
    check_format("%llu %lld %zu", 18446744073709551615ull, -9223372036854775807ll - 1,
                 (size_t)77);
    check_format("%s|%c|%%|%.*s", "x", 'y', 2, "abcdef");
    check_format("no conversion");
}

static void test_base64_rfc4648_vectors(void **state)
{
    static const char *const vectors[][2] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
    };
    uint8_t raw[32];
    struct sbuf b;

    (void)state;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        sbuf_init(&b, raw, sizeof(raw));
        sbuf_put_base64(&b, span_str(vectors[i][0]));
        assert_sbuf_equal(b, vectors[i][1]);
    }
}

static void test_remove(void **state)
{
    uint8_t raw[8];
    struct sbuf b;

    (void)state;
    sbuf_init(&b, raw, sizeof(raw));
    sbuf_put_str(&b, "abcdef");
    sbuf_remove(&b, 2, 2);
    assert_sbuf_equal(b, "abef");
    sbuf_remove(&b, 2, 2);
    assert_sbuf_equal(b, "ab");
    sbuf_remove(&b, 1, 2); /* not all of it was written */
    assert_sbuf_equal(b, "ab");
    sbuf_remove(&b, 9, 0);
    assert_sbuf_equal(b, "ab");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_overflow_sticks_and_writes_nothing),
        cmocka_unit_test(test_counting_mode_equals_writing),
        cmocka_unit_test(test_formats_agree_with_the_c_library),
        cmocka_unit_test(test_base64_rfc4648_vectors),
        cmocka_unit_test(test_remove),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
