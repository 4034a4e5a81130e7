/* SPDX-License-Identifier: ISC */
/* cim/cim_text.c: lexical forms and ranges, and that what is written can be read. */
#include "unit.h"

#include "base/err.h"
#include "cim/cim_text.h"
#include "providers/host_double.h"

static struct cim_bag bag;
static struct cim_field field = {.name = "X"};
static const struct cim_class class = {.name = "CIM_Test"};

static int parse(uint8_t type, const char *text, bool is_interval)
{
    cim_bag_init_instance(&bag, &class);
    field.type = type;
    return cim_text_parse(&bag, &field, span_str(text), is_interval);
}

static void assert_round(uint8_t type, const char *text, bool is_interval,
                         const char *back)
{
    uint8_t buffer[64];
    struct sbuf out;
    assert_int_equal(parse(type, text, is_interval), 0);
    sbuf_init(&out, buffer, sizeof(buffer));
    cim_text_put(&out, &bag.entries[0].value);
    assert_sbuf_equal(out, back);
}

static void assert_bad(uint8_t type, const char *text, bool is_interval)
{
    assert_int_equal(parse(type, text, is_interval), ERR_INVALID);
    assert_int_equal(bag.count, 0);
}

static void test_booleans(void **state)
{
    (void)state;
    assert_round(CIM_TYPE_BOOLEAN, "true", false, "true");
    assert_round(CIM_TYPE_BOOLEAN, " 0 ", false, "false");
    assert_round(CIM_TYPE_BOOLEAN, "1", false, "true");
    assert_bad(CIM_TYPE_BOOLEAN, "TRUE", false);
    assert_bad(CIM_TYPE_BOOLEAN, "", false);
    assert_bad(CIM_TYPE_BOOLEAN, "true", true);
}

static void test_integers_keep_to_their_range(void **state)
{
    static const struct {
        uint8_t type;
        const char *last;
        const char *beyond;
    } cases[] = {
        {CIM_TYPE_UINT8, "255", "256"},
        {CIM_TYPE_UINT16, "65535", "65536"},
        {CIM_TYPE_UINT32, "4294967295", "4294967296"},
        {CIM_TYPE_UINT64, "18446744073709551615", "18446744073709551616"},
        {CIM_TYPE_SINT8, "127", "128"},
        {CIM_TYPE_SINT8, "-128", "-129"},
        {CIM_TYPE_SINT16, "-32768", "-32769"},
        {CIM_TYPE_SINT32, "-2147483648", "-2147483649"},
        {CIM_TYPE_SINT64, "-9223372036854775808", "-9223372036854775809"},
        {CIM_TYPE_SINT64, "9223372036854775807", "9223372036854775808"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_round(cases[i].type, cases[i].last, false, cases[i].last);
        assert_bad(cases[i].type, cases[i].beyond, false);
    }
    assert_round(CIM_TYPE_UINT8, "+007", false, "7");
    assert_bad(CIM_TYPE_UINT8, "-1", false);
    assert_bad(CIM_TYPE_UINT8, "", false);
    assert_bad(CIM_TYPE_UINT8, "0x1", false);
    assert_bad(CIM_TYPE_UINT8, "+-1", false);
    assert_bad(CIM_TYPE_SINT8, "1.0", false);
}

static void test_base64_is_strict(void **state)
{
    (void)state;
    assert_round(CIM_TYPE_OCTETS, "", false, "");
    assert_round(CIM_TYPE_OCTETS, "AQL/", false, "AQL/");
    assert_round(CIM_TYPE_OCTETS, "AQI=", false, "AQI=");
    assert_round(CIM_TYPE_OCTETS, "AQ==", false, "AQ==");
    assert_bad(CIM_TYPE_OCTETS, "AQ=", false);
    assert_bad(CIM_TYPE_OCTETS, "AR==", false); /* bits that no byte takes */
    assert_bad(CIM_TYPE_OCTETS, "AQJ=", false);
    assert_bad(CIM_TYPE_OCTETS, "====", false);
    assert_bad(CIM_TYPE_OCTETS, "A===", false);
    assert_bad(CIM_TYPE_OCTETS, "AQ==AQ==", false);
    assert_bad(CIM_TYPE_OCTETS, "AQL_", false);
    assert_bad(CIM_TYPE_OCTETS, "AQ L", false);
}

static void test_dates(void **state)
{
    (void)state;
    assert_round(CIM_TYPE_DATETIME, "2022-11-30T18:51:00Z", false,
                 "2022-11-30T18:51:00Z");
    assert_round(CIM_TYPE_DATETIME, "2022-11-30T18:51:00.123Z", false,
                 "2022-11-30T18:51:00Z");
    assert_bad(CIM_TYPE_DATETIME, "2022-13-30T18:51:00Z", false);
    assert_bad(CIM_TYPE_DATETIME, "2022-11-30", false);
    assert_bad(CIM_TYPE_DATETIME, "", false);
}

static void test_intervals(void **state)
{
    (void)state;
    assert_round(CIM_TYPE_DATETIME, "P1DT2H3M", true, "P1DT2H3M0S");
    assert_round(CIM_TYPE_DATETIME, "PT90S", true, "P0DT0H1M30S");
    assert_round(CIM_TYPE_DATETIME, "PT1.5S", true, "P0DT0H0M1S");
    assert_round(CIM_TYPE_DATETIME, "P2D", true, "P2DT0H0M0S");
    /* What consoles send for "no timeout" (CIM_KVMRedirectionSAP.RequestStateChange). */
    assert_round(CIM_TYPE_DATETIME, "0", false, "P0DT0H0M0S");
    assert_bad(CIM_TYPE_DATETIME, "P", true);
    assert_bad(CIM_TYPE_DATETIME, "PT", true);
    assert_bad(CIM_TYPE_DATETIME, "P1DT", true);
    assert_bad(CIM_TYPE_DATETIME, "P1Y", true);
    assert_bad(CIM_TYPE_DATETIME, "-P1D", true);
    assert_bad(CIM_TYPE_DATETIME, "PT1M1H", true);
    assert_bad(CIM_TYPE_DATETIME, "P100000000D", true);
    assert_bad(CIM_TYPE_DATETIME, "PT99999999999999999999S", true);
    assert_bad(CIM_TYPE_DATETIME, "PT1.S", true);
}

static void test_text_is_taken_as_it_is(void **state)
{
    (void)state;
    assert_round(CIM_TYPE_STRING, " a b ", false, " a b ");
    assert_bad(CIM_TYPE_REFERENCE, "x", false);
    assert_bad(CIM_TYPE_EMBEDDED, "x", false);
}

static void test_second_value_and_full_bag(void **state)
{
    static char text[CONFIG_CIM_TEXT_CAP + 2];
    (void)state;
    assert_int_equal(parse(CIM_TYPE_UINT8, "1", false), 0);
    assert_int_equal(cim_text_parse(&bag, &field, span_str("2"), false), ERR_EXISTS);
    memset(text, 'a', sizeof(text) - 1);
    assert_int_equal(parse(CIM_TYPE_STRING, text, false), ERR_FULL);
    assert_true(bag.overflow);
    memset(text, 'A', sizeof(text) - 1);
    cim_bag_init_instance(&bag, &class);
    field.type = CIM_TYPE_OCTETS;
    static char long_text[CONFIG_CIM_TEXT_CAP / 3 * 4 + 9];
    memset(long_text, 'A', sizeof(long_text) - 1);
    size_t len = (sizeof(long_text) - 1) / 4 * 4;
    assert_int_equal(cim_text_parse(&bag, &field, span_of(long_text, len), false),
                     ERR_FULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_booleans),
        cmocka_unit_test(test_integers_keep_to_their_range),
        cmocka_unit_test(test_base64_is_strict),
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_intervals),
        cmocka_unit_test(test_text_is_taken_as_it_is),
        cmocka_unit_test(test_second_value_and_full_bag),
    };
    host_double_reset();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
