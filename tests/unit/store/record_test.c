/* SPDX-License-Identifier: ISC */
/* store/record.c: fields, older and newer records, damage. */
#include "unit.h"

#include "store/record.h"

static uint8_t bytes[64];

static void test_fields_come_back(void **state)
{
    struct record_writer w;
    struct record_reader r;
    char text[8];
    struct span octets;

    (void)state;
    record_writer_init(&w, bytes, sizeof(bytes));
    record_put_u8(&w, 0xfe);
    record_put_u16(&w, 0x1234);
    record_put_u32(&w, 0x89abcdef);
    record_put_u64(&w, 0x0123456789abcdefu);
    record_put_bool(&w, true);
    record_put_bool(&w, false);
    record_put_text(&w, "seven77");
    record_put_octets(&w, span_of("\0\1\2", 3));
    record_reader_init(&r, record_done(&w));
    assert_int_equal(record_get_u8(&r, 0), 0xfe);
    assert_int_equal(record_get_u16(&r, 0), 0x1234);
    assert_int_equal(record_get_u32(&r, 0), 0x89abcdef);
    assert_true(record_get_u64(&r, 0) == 0x0123456789abcdefu);
    assert_true(record_get_bool(&r, false));
    assert_false(record_get_bool(&r, true));
    record_get_text(&r, text, sizeof(text));
    assert_string_equal(text, "seven77");
    octets = record_get_octets(&r);
    assert_int_equal(octets.len, 3);
    assert_memory_equal(octets.ptr, "\0\1\2", 3);
    assert_true(record_is_sound(&r));
    assert_int_equal(r.rest.len, 0);
}

/* FORMAT.md: numbers are little-endian, whatever the CPU. */
static void test_bytes_on_flash(void **state)
{
    static const uint8_t expected[] = {0x34, 0x12, 0x04, 0x03, 0x02, 0x01,
                                       1,    2,    0,    'a',  'b'};
    struct record_writer w;

    (void)state;
    record_writer_init(&w, bytes, sizeof(bytes));
    record_put_u16(&w, 0x1234);
    record_put_u32(&w, 0x01020304);
    record_put_bool(&w, true);
    record_put_text(&w, "ab");
    assert_int_equal(record_done(&w).len, sizeof(expected));
    assert_memory_equal(record_done(&w).ptr, expected, sizeof(expected));
}

static void test_a_shorter_older_record_gives_defaults(void **state)
{
    struct record_writer w;
    struct record_reader r;
    char text[8] = "kept";

    (void)state;
    record_writer_init(&w, bytes, sizeof(bytes));
    record_put_u16(&w, 7);
    record_reader_init(&r, record_done(&w));
    assert_int_equal(record_get_u16(&r, 1), 7);
    assert_int_equal(record_get_u8(&r, 2), 2);
    assert_int_equal(record_get_u16(&r, 3), 3);
    assert_int_equal(record_get_u32(&r, 4), 4);
    assert_true(record_get_u64(&r, 5) == 5);
    assert_true(record_get_bool(&r, true));
    assert_false(record_get_bool(&r, false));
    record_get_text(&r, text, sizeof(text));
    assert_string_equal(text, "kept");
    assert_null(record_get_octets(&r).ptr);
    assert_true(record_is_sound(&r));
}

static void test_a_longer_newer_record_is_sound(void **state)
{
    struct record_writer w;
    struct record_reader r;

    (void)state;
    record_writer_init(&w, bytes, sizeof(bytes));
    record_put_u16(&w, 7);
    record_put_text(&w, "appended later");
    record_reader_init(&r, record_done(&w));
    assert_int_equal(record_get_u16(&r, 1), 7);
    assert_true(record_is_sound(&r));
}

/* Cut a record in the middle of each field: bad, sticky, and the default or nothing. */
static void test_cut_fields(void **state)
{
    struct record_reader r;
    char text[8] = "kept";

    (void)state;
    record_reader_init(&r, span_of("\1", 1));
    assert_int_equal(record_get_u16(&r, 9), 9);
    assert_false(record_is_sound(&r));
    assert_int_equal(record_get_u8(&r, 5), 5); /* nothing is read after a bad field */
    record_reader_init(&r, span_of("\1\2\3", 3));
    assert_int_equal(record_get_u32(&r, 9), 9);
    assert_false(record_is_sound(&r));
    record_reader_init(&r, span_of("\1\2\3\4\5\6\7", 7));
    assert_true(record_get_u64(&r, 9) == 9);
    assert_false(record_is_sound(&r));
    record_reader_init(&r, span_of("\4", 1));
    record_get_text(&r, text, sizeof(text));
    assert_false(record_is_sound(&r));
    record_reader_init(&r, span_of("\4\0abc", 5));
    record_get_text(&r, text, sizeof(text));
    assert_false(record_is_sound(&r));
    record_reader_init(&r, span_of("\4\0abc", 5));
    assert_null(record_get_octets(&r).ptr);
    assert_false(record_is_sound(&r));
    assert_string_equal(text, "kept");
}

static void test_values_that_cannot_be(void **state)
{
    struct record_reader r;
    char text[4] = "old";

    (void)state;
    record_reader_init(&r, span_of("\2", 1));
    assert_true(record_get_bool(&r, true));
    assert_false(record_is_sound(&r));
    record_reader_init(&r, span_of("\4\0abcd", 6)); /* does not fit with its NUL */
    record_get_text(&r, text, sizeof(text));
    assert_false(record_is_sound(&r));
    record_reader_init(&r, span_of("\3\0a\0c", 5));
    record_get_text(&r, text, sizeof(text));
    assert_false(record_is_sound(&r));
    assert_string_equal(text, "old");
    record_reader_init(&r, span_of("\3\0abc", 5));
    record_get_text(&r, text, sizeof(text));
    assert_true(record_is_sound(&r));
    assert_string_equal(text, "abc");
}

static void test_what_does_not_fit_is_nothing(void **state)
{
    static uint8_t large[70000];
    struct record_writer w;

    (void)state;
    record_writer_init(&w, bytes, 4);
    record_put_u32(&w, 1);
    assert_int_equal(record_done(&w).len, 4);
    record_put_u8(&w, 1);
    assert_null(record_done(&w).ptr);
    record_writer_init(&w, large, sizeof(large));
    record_put_octets(&w, span_of(large, UINT16_MAX + 1));
    assert_null(record_done(&w).ptr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields_come_back),
        cmocka_unit_test(test_bytes_on_flash),
        cmocka_unit_test(test_a_shorter_older_record_gives_defaults),
        cmocka_unit_test(test_a_longer_newer_record_is_sound),
        cmocka_unit_test(test_cut_fields),
        cmocka_unit_test(test_values_that_cannot_be),
        cmocka_unit_test(test_what_does_not_fit_is_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
