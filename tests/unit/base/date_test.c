/* SPDX-License-Identifier: ISC */
/* base/date.c against the C library's calendar. */
#include "unit.h"

#include <time.h>

#include "base/date.h"

static void test_agrees_with_the_c_library(void **state)
{
    (void)state;
    for (int64_t t = 0; t < 253402300800; t += 86400 * 11 + 12345) {
        time_t when = (time_t)t;
        struct tm tm;
        struct date d;

        gmtime_r(&when, &tm);
        date_from_unix(t, &d);
        assert_int_equal(d.year, tm.tm_year + 1900);
        assert_int_equal(d.month, tm.tm_mon + 1);
        assert_int_equal(d.day, tm.tm_mday);
        assert_int_equal(d.hour, tm.tm_hour);
        assert_int_equal(d.minute, tm.tm_min);
        assert_int_equal(d.second, tm.tm_sec);
        assert_int_equal(d.weekday, tm.tm_wday);
        assert_int_equal(date_to_unix(&d), t);
    }
}

static void test_forms(void **state)
{
    uint8_t raw[64];
    struct sbuf b;

    (void)state;
    sbuf_init(&b, raw, sizeof(raw));
    date_put_http(&b, 1676674661);
    assert_sbuf_equal(b, "Fri, 17 Feb 2023 22:57:41 GMT");
    sbuf_reset(&b);
    date_put_iso(&b, 1669834260);
    assert_sbuf_equal(b, "2022-11-30T18:51:00Z");
}

static void test_parse(void **state)
{
    int64_t t = -1;

    (void)state;
    assert_true(date_parse_iso(span_str("2022-11-30T18:51:00Z"), &t));
    assert_int_equal(t, 1669834260);
    assert_true(date_parse_iso(span_str("2017-01-31T15:40:09.000Z"), &t));
    assert_int_equal(t, 1485877209);
    assert_true(date_parse_iso(span_str("2024-02-29T00:00:00"), &t));
    assert_false(date_parse_iso(span_str("2023-02-29T00:00:00Z"), &t));
    assert_false(date_parse_iso(span_str("2022-13-01T00:00:00Z"), &t));
    assert_false(date_parse_iso(span_str("2022-00-01T00:00:00Z"), &t));
    assert_false(date_parse_iso(span_str("2022-01-01T24:00:00Z"), &t));
    assert_false(date_parse_iso(span_str("2022-01-01T00:00:00Zx"), &t));
    assert_false(date_parse_iso(span_str("2022-01-01 00:00:00Z"), &t));
    assert_false(date_parse_iso(span_str("1969-12-31T23:59:59Z"), &t));
    assert_false(date_parse_iso(span_str("2022-01-01T00:00"), &t));
    assert_false(date_parse_iso(span_str(""), &t));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_agrees_with_the_c_library),
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_parse),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
