/* SPDX-License-Identifier: ISC */
/* providers/power_package and element_setting: choosing a power package and finding the
 * current one as consoles do. */
#include "unit.h"

#include "cim/cim_provider.h"
#include "cim/schema.h"
#include "providers/host_double.h"
#include "settings/power_scheme.h"

static struct call_double test;
static struct cim_bag out;
static struct cim_bag other;

static int reset(void **state)
{
    (void)state;
    host_double_reset();
    assert_int_equal(power_scheme_set(POWER_SCHEME_S0_TO_S5), 0);
    return 0;
}

static uint32_t choose(const char *key, const char *value)
{
    call_double_begin(&test, &AMT_SystemPowerScheme_class, "SetPowerScheme");
    test.path.selector_count = 1;
    test.path.selectors[0].name = span_str(key);
    test.path.selectors[0].text = span_str(value);
    assert_int_equal(call_double_invoke(&test), CIM_OK);
    return test.call.return_value;
}

/* Description of what CIM_ElementSettingData calls current, into `out`. */
static void find_current(const char *description)
{
    struct cim_cursor cursor;
    size_t count = 0;
    size_t current = 0;
    assert_int_equal(
        cim_enumerate(&host_double_admin, &CIM_ElementSettingData_class, &cursor),
        CIM_OK);
    while (cim_page_next(&host_double_admin, &cursor, &out) == 1) {
        const struct cim_path *scheme = cim_bag_get(&out, "SettingData", 0)->path;
        const struct cim_path *owner = cim_bag_get(&out, "ManagedElement", 0)->path;
        assert_int_equal(cim_get(&host_double_admin, owner, &other), CIM_OK);
        assert_true(span_equal_str(cim_get_text(&other, "Name"), "Intel(r) AMT"));
        assert_int_equal(scheme->selector_count, 2); /* both keys: consoles use either */
        assert_int_equal(cim_get(&host_double_admin, scheme, &other), CIM_OK);
        count++;
        if (cim_get_uint(&out, "IsCurrent", 0) == 1) {
            current++;
            assert_true(span_equal_str(cim_get_text(&other, "Description"), description));
        } else {
            assert_int_equal(cim_get_uint(&out, "IsCurrent", 0), 2);
        }
    }
    assert_int_equal(count, 2);
    assert_int_equal(current, 1);
}

static void test_packages_of_a_desktop(void **state)
{
    static const char *const texts[] = {"Desktop: ON in S0",
                                        "Desktop: ON in S0, ME Wake in S3, S4-5"};
    static const char *const guids[] = {"lE+DEvsQT9yWjh4jKwyQZQ==",
                                        "cyJzRiPcQy+pihPTeYLYVQ=="};
    struct cim_cursor cursor;
    size_t count = 0;
    (void)state;
    assert_int_equal(
        cim_enumerate(&host_double_admin, &AMT_SystemPowerScheme_class, &cursor), CIM_OK);
    while (cim_page_next(&host_double_admin, &cursor, &out) == 1) {
        assert_true(count < 2);
        assert_true(span_equal_str(cim_get_text(&out, "Description"), texts[count]));
        assert_true(span_equal_str(cim_get_text(&out, "SchemeGUID"), guids[count]));
        count++;
    }
    assert_int_equal(count, 2);
}

static void test_choosing(void **state)
{
    (void)state;
    find_current("Desktop: ON in S0, ME Wake in S3, S4-5"); /* as delivered */
    assert_int_equal(choose("InstanceID", "SCHEME 0"), 0);
    assert_int_equal(power_scheme_get(), POWER_SCHEME_S0);
    find_current("Desktop: ON in S0");
    assert_int_equal(choose("SchemeGUID", "cyJzRiPcQy+pihPTeYLYVQ=="), 0);
    assert_int_equal(power_scheme_get(), POWER_SCHEME_S0_TO_S5);
    find_current("Desktop: ON in S0, ME Wake in S3, S4-5");
}

static void test_which_one_must_be_said(void **state)
{
    (void)state;
    call_double_begin(&test, &AMT_SystemPowerScheme_class, "SetPowerScheme");
    assert_int_equal(call_double_invoke(&test), CIM_ERR_SELECTORS);
    test.path.selector_count = 1;
    test.path.selectors[0].name = span_str("InstanceID");
    test.path.selectors[0].text = span_str("SCHEME 2");
    assert_int_equal(call_double_invoke(&test), CIM_ERR_NOT_FOUND);
    assert_int_equal(power_scheme_get(), POWER_SCHEME_S0_TO_S5);
}

static void test_a_reader_may_not_choose(void **state)
{
    static const struct cim_caller reader = {.user = "reader", .realms = 1u << 13};
    const struct cim_path path = {
        .class = &AMT_SystemPowerScheme_class,
        .selectors = {{.name = {(const uint8_t *)"InstanceID", 10},
                       .text = {(const uint8_t *)"SCHEME 0", 8}}},
        .selector_count = 1};
    (void)state;
    assert_int_equal(cim_get(&reader, &path, &out), CIM_OK);
    call_double_begin(&test, &AMT_SystemPowerScheme_class, "SetPowerScheme");
    test.path = path;
    test.call.caller = &reader;
    assert_int_equal(call_double_invoke(&test), CIM_ERR_DENIED);
    assert_int_equal(power_scheme_get(), POWER_SCHEME_S0_TO_S5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_packages_of_a_desktop, reset),
        cmocka_unit_test_setup(test_choosing, reset),
        cmocka_unit_test_setup(test_which_one_must_be_said, reset),
        cmocka_unit_test_setup(test_a_reader_may_not_choose, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
