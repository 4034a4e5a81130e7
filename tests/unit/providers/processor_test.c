/* SPDX-License-Identifier: ISC */
/* providers/processor: one processor, chip and association per socket of the inventory. */
#include "unit.h"

#include "cim/cim_provider.h"
#include "cim/schema.h"
#include "providers/host_double.h"

static const struct cim_class *const classes[] = {&CIM_Processor_class, &CIM_Chip_class,
                                                  &CIM_Realizes_class};

static struct cim_bag out;

static int reset(void **state)
{
    (void)state;
    host_double_reset();
    host_double.has_inventory = true;
    host_double.inventory.has_processor = true;
    host_double.inventory.processor = (vamt_Processor){.model = "Skylake-Client-IBRS",
                                                       .vendor = "GenuineIntel",
                                                       .sockets = 2,
                                                       .cores = 4,
                                                       .threads = 2,
                                                       .mhz = 3400};
    return 0;
}

static size_t instances(const struct cim_class *class)
{
    struct cim_cursor cursor;
    size_t count = 0;
    assert_int_equal(cim_enumerate(&host_double_admin, class, &cursor), CIM_OK);
    while (cim_page_next(&host_double_admin, &cursor, &out) == 1) {
        count++;
    }
    return count;
}

static int get(const struct cim_class *class, const char *key, const char *value)
{
    struct cim_path path = {.class = class, .selector_count = 1};
    path.selectors[0].name = span_str(key);
    path.selectors[0].text = span_str(value);
    return cim_get(&host_double_admin, &path, &out);
}

static void assert_text(const char *name, const char *text)
{
    if (!span_equal_str(cim_get_text(&out, name), text)) {
        fail_msg("%s is \"%.*s\"", name, (int)cim_get_text(&out, name).len,
                 cim_get_text(&out, name).ptr);
    }
}

static void assert_all(size_t count)
{
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        assert_int_equal(instances(classes[i]), count);
    }
}

static void test_one_per_socket(void **state)
{
    (void)state;
    assert_all(2);
    host_double.inventory.processor.sockets = 1;
    assert_all(1);
}

static void test_nothing_before_the_inventory(void **state)
{
    (void)state;
    host_double.inventory.has_processor = false;
    assert_all(0);
    host_double.inventory.has_processor = true;
    host_double.has_inventory = false;
    assert_all(0);
}

/* Whatever the link says, a search over the instances ends. */
static void test_sockets_are_bounded(void **state)
{
    (void)state;
    host_double.inventory.processor.sockets = UINT32_MAX;
    assert_all(64);
    assert_int_equal(get(&CIM_Chip_class, "Tag", "CPU 63"), CIM_OK);
    host_double.inventory.processor.sockets = 0;
    assert_all(0);
}

static void test_facts(void **state)
{
    (void)state;
    assert_int_equal(get(&CIM_Processor_class, "DeviceID", "CPU 1"), CIM_OK);
    assert_int_equal(cim_get_uint(&out, "MaxClockSpeed", 0), 3400);
    assert_int_equal(cim_get_uint(&out, "CurrentClockSpeed", 0), 3400);
    assert_text("CreationClassName", "CIM_Processor");
    assert_text("SystemName", "ManagedSystem");
    assert_text("Role", "Central");
    assert_int_equal(get(&CIM_Chip_class, "Tag", "CPU 1"), CIM_OK);
    assert_text("Version", "Skylake-Client-IBRS");
    assert_text("Manufacturer", "GenuineIntel");
    assert_int_equal(get(&CIM_Chip_class, "Tag", "CPU 2"), CIM_ERR_NOT_FOUND);
}

/* Properties that real firmware was seen to send, all of them and in this order on the wire. */
static void test_properties_of_a_processor(void **state)
{
    static const char *const seen[] = {
        "CPUStatus",    "CreationClassName", "CurrentClockSpeed",       "DeviceID",
        "ElementName",  "EnabledState",      "ExternalBusClockSpeed",   "Family",
        "HealthState",  "MaxClockSpeed",     "OperationalStatus",       "RequestedState",
        "Role",         "Stepping",          "SystemCreationClassName", "SystemName",
        "UpgradeMethod"};
    size_t at = 0;
    (void)state;
    assert_int_equal(get(&CIM_Processor_class, "DeviceID", "CPU 0"), CIM_OK);
    for (size_t i = 0; i < CIM_Processor_class.property_count; i++) {
        const char *name = CIM_Processor_class.properties[i]->name;
        if (cim_bag_get(&out, name, 0) != NULL) {
            assert_true(at < sizeof(seen) / sizeof(seen[0]));
            assert_string_equal(name, seen[at++]);
        }
    }
    assert_int_equal(at, sizeof(seen) / sizeof(seen[0]));
}

/* Each reference leads to exactly one instance, the two ends to the same socket. */
static void test_ends_of_the_association(void **state)
{
    static struct cim_bag end;
    struct cim_cursor cursor;
    static const char *const names[] = {"CPU 0", "CPU 1"};
    size_t index = 0;
    (void)state;
    assert_int_equal(cim_enumerate(&host_double_admin, &CIM_Realizes_class, &cursor),
                     CIM_OK);
    while (cim_page_next(&host_double_admin, &cursor, &out) == 1) {
        const struct cim_path *chip = cim_bag_get(&out, "Antecedent", 0)->path;
        const struct cim_path *processor = cim_bag_get(&out, "Dependent", 0)->path;
        assert_int_equal(cim_get(&host_double_admin, chip, &end), CIM_OK);
        assert_true(span_equal_str(cim_get_text(&end, "Tag"), names[index]));
        assert_int_equal(chip->selector_count, 2);
        assert_int_equal(cim_get(&host_double_admin, processor, &end), CIM_OK);
        assert_true(span_equal_str(cim_get_text(&end, "DeviceID"), names[index]));
        assert_int_equal(processor->selector_count, 4);
        index++;
    }
    assert_int_equal(index, 2);
}

static void test_a_host_that_is_off_has_them_too(void **state)
{
    (void)state;
    host_double_set(vamt_PowerState_POWER_STATE_OFF, vamt_PowerAction_POWER_ACTION_ON,
                    vamt_PowerAction_POWER_ACTION_NONE);
    assert_all(2);
    test_properties_of_a_processor(NULL);
    test_facts(NULL);
}

static void test_methods_do_nothing(void **state)
{
    static struct call_double test;
    (void)state;
    host_double.inventory.processor.sockets = 1;
    call_double_begin(&test, &CIM_Processor_class, "RequestStateChange");
    cim_set_uint(&test.in, "RequestedState", 3);
    assert_int_equal(call_double_invoke(&test), CIM_OK);
    assert_int_equal(test.call.return_value, 32768 + 2066);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_one_per_socket, reset),
        cmocka_unit_test_setup(test_nothing_before_the_inventory, reset),
        cmocka_unit_test_setup(test_sockets_are_bounded, reset),
        cmocka_unit_test_setup(test_facts, reset),
        cmocka_unit_test_setup(test_properties_of_a_processor, reset),
        cmocka_unit_test_setup(test_ends_of_the_association, reset),
        cmocka_unit_test_setup(test_a_host_that_is_off_has_them_too, reset),
        cmocka_unit_test_setup(test_methods_do_nothing, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
