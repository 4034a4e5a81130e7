/* SPDX-License-Identifier: ISC */
/* Times as text, both ways. */
#include "latency/latency_time.h"

#include "base/err.h"
#include "unit.h"

static int parse(const char *text, uint32_t us[5], const char **why)
{
    *why = NULL;
    return latency_time_parse(span_str(text), us, 5, why);
}

static void test_one(void **state)
{
    static const struct {
        const char *text;
        uint32_t us;
    } cases[] = {
        {"70 ms", 70000},
        {"70ms", 70000},
        {"  70\t ms ", 70000},
        {"0 s", 0},
        {"1 us", 1},
        {"0.001 ms", 1},
        {"1.7 s", 1700000},
        {"0.000001 s", 1},
        {"75.25 ms", 75250},
        {"10 min", 600000000},
        {"1.5 min", 90000000},
        {"0.333333 min", 19999980},
        {"600000000 us", 600000000},
        {"600 s", 600000000},
        {"007 ms", 7000},
        {"1.500000 s", 1500000},
    };
    const char *why;
    uint32_t us[5];

    (void)state;
    for (size_t i = 0; i < UTIL_COUNT(cases); i++) {
        assert_int_equal(parse(cases[i].text, us, &why), 1);
        assert_int_equal(us[0], cases[i].us);
    }
}

static void test_several(void **state)
{
    const char *why;
    uint32_t us[5];

    (void)state;
    assert_int_equal(parse("66 68 70.5  72\t76ms", us, &why), 5);
    assert_int_equal(us[0], 66000);
    assert_int_equal(us[2], 70500);
    assert_int_equal(us[4], 76000);
    assert_int_equal(parse("1 2 s", us, &why), 2);
}

static void test_refused(void **state)
{
    static const struct {
        const char *text;
        const char *why;
    } cases[] = {
        {"", "ends in a unit"},
        {"70", "ends in a unit"},
        {"70 m", "ends in a unit"},
        {"70 ms 80", "ends in a unit"},
        {"70 MS", "ends in a unit"},
        {"70 hours", "ends in a unit"},
        {"ms", "no number"},
        {"1 ms 2 ms", "numbers and one unit"},
        {"-1 ms", "numbers and one unit"},
        {"1e3 ms", "numbers and one unit"},
        {"1,5 s", "numbers and one unit"},
        {"0x10 ms", "numbers and one unit"},
        {".5 s", "is no number"},
        {"1. s", "1 to 6 decimals"},
        {"1.0000000 s", "1 to 6 decimals"},
        {"1.2.3 s", "is no number"},
        {"0.5 us", "finer than 1 us"},
        {"0.0005 ms", "finer than 1 us"},
        {"600000001 us", "longer than 10 min"},
        {"600.000001 s", "longer than 10 min"},
        {"10.000001 min", "longer than 10 min"},
        {"99999999999999999999999 us", "is no number"},
        {"18446744073709551615 min", "longer than 10 min"},
        {"72057594037927936 min", "longer than 10 min"}, /* 2^64 us, times something */
        {"1 2 3 4 5 6 ms", "too many"},
    };
    const char *why;
    uint32_t us[5];

    (void)state;
    for (size_t i = 0; i < UTIL_COUNT(cases); i++) {
        assert_int_equal(parse(cases[i].text, us, &why), ERR_INVALID);
        assert_non_null(why);
        if (strstr(why, cases[i].why) == NULL) {
            fail_msg("%s: %s", cases[i].text, why);
        }
    }
}

static void test_write(void **state)
{
    static const struct {
        uint32_t us[5];
        size_t count;
        const char *text;
    } cases[] = {
        {{0}, 1, "0 us"},
        {{999}, 1, "999 us"},
        {{1000}, 1, "1 ms"},
        {{70500}, 1, "70.5 ms"},
        {{70001}, 1, "70.001 ms"},
        {{1000000}, 1, "1 s"},
        {{1000001}, 1, "1.000001 s"},
        {{1010100}, 1, "1.0101 s"},
        {{600000000}, 1, "600 s"},
        {{10, 20, 30, 40, 50}, 5, "10 20 30 40 50 us"},
        {{0, 20, 3000, 3010, 40000}, 5, "0 0.02 3 3.01 40 ms"},
        {{0, 20, 3000, 3010, 4000000}, 5, "0 0.00002 0.003 0.00301 4 s"},
    };
    char text[100];
    struct sbuf out;

    (void)state;
    for (size_t i = 0; i < UTIL_COUNT(cases); i++) {
        const char *why;
        uint32_t us[5];

        sbuf_init(&out, text, sizeof(text));
        latency_time_write(cases[i].us, cases[i].count, &out);
        assert_sbuf_equal(out, cases[i].text);
        assert_int_equal(latency_time_parse(sbuf_span(&out), us, 5, &why),
                         cases[i].count);
        assert_memory_equal(us, cases[i].us, cases[i].count * sizeof(us[0]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one),
        cmocka_unit_test(test_several),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_write),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
