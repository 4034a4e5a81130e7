/* SPDX-License-Identifier: ISC */
/* cim/cim_bag.c, cim_path.c, cim_schema.c: copies, limits, paths, look-ups. */
#include "unit.h"

#include "base/err.h"
#include "cim/cim_path.h"
#include "cim/schema.h"
#include "providers/host_double.h"

static struct cim_bag bag;
static struct cim_bag scratch;

static void test_text_is_copied(void **state)
{
    char text[] = "Flash";
    (void)state;
    cim_bag_init_instance(&bag, &CIM_SoftwareIdentity_class);
    cim_set_text(&bag, "InstanceID", text);
    cim_set_text(&bag, "VersionString", NULL);
    text[0] = 'X';
    assert_true(span_equal_str(cim_get_text(&bag, "InstanceID"), "Flash"));
    assert_int_equal(bag.count, 1);
    assert_int_equal(cim_get_text(&bag, "VersionString").len, 0);
}

static void test_arrays_keep_their_order(void **state)
{
    (void)state;
    cim_bag_init_instance(&bag, &AMT_BootSettingData_class);
    cim_set_uint(&bag, "BIOSLastStatus", 2);
    cim_set_boolean(&bag, "UseSOL", true);
    cim_set_uint(&bag, "BIOSLastStatus", 7);
    assert_int_equal(cim_bag_count(&bag, "BIOSLastStatus"), 2);
    assert_int_equal(cim_bag_get(&bag, "BIOSLastStatus", 1)->uint, 7);
    assert_null(cim_bag_get(&bag, "BIOSLastStatus", 2));
    assert_true(cim_get_boolean(&bag, "UseSOL", false));
    assert_true(cim_get_boolean(&bag, "UseIDER", true));
}

static void test_too_many_values_overflow(void **state)
{
    (void)state;
    cim_bag_init_instance(&bag, &AMT_BootSettingData_class);
    for (unsigned i = 0; i < CONFIG_CIM_VALUES; i++) {
        cim_set_uint(&bag, "BIOSLastStatus", i);
        assert_false(bag.overflow);
    }
    cim_set_uint(&bag, "BIOSLastStatus", 1);
    assert_true(bag.overflow);
    assert_int_equal(bag.count, CONFIG_CIM_VALUES);
}

/* A path within a path within ... `depth` times. */
static int add_nested(unsigned depth)
{
    static struct cim_path paths[8];
    struct cim_value value = {.kind = CIM_KIND_PATH, .path = &paths[0]};
    memset(paths, 0, sizeof(paths));
    for (unsigned i = 0; i + 1 < depth; i++) {
        paths[i].selector_count = 1;
        paths[i].selectors[0].name = span_str("N");
        paths[i].selectors[0].path = &paths[i + 1];
    }
    cim_bag_init_instance(&bag, &CIM_AssociatedPowerManagementService_class);
    return cim_bag_add(&bag, cim_schema_property(bag.class, span_str("UserOfService")),
                       &value);
}

static void test_paths_are_copied_to_a_bounded_depth(void **state)
{
    (void)state;
    assert_int_equal(add_nested(1), 0);
    assert_int_equal(add_nested(3), 0);
    const struct cim_path *path = bag.entries[0].value.path;
    assert_non_null(path->selectors[0].path->selectors[0].path);
    assert_int_equal(add_nested(4), ERR_FULL);
    assert_true(bag.overflow);
}

static void test_path_of_an_instance_has_its_keys(void **state)
{
    struct cim_path path;
    (void)state;
    cim_bag_init_instance(&bag, &CIM_BootService_class);
    cim_set_text(&bag, "Name", "n");
    cim_set_text(&bag, "ElementName", "no key");
    cim_set_text(&bag, "CreationClassName", "c");
    assert_int_equal(cim_bag_path(&bag, &path, &scratch), 0);
    assert_int_equal(path.selector_count, 2);
    assert_true(span_equal_str(cim_path_key(&path, "Name"), "n"));
    assert_true(span_equal_str(path.selectors[0].name, "CreationClassName"));
    assert_true(cim_path_matches(&path, &bag));
    path.selectors[0].text = span_str("d");
    assert_false(cim_path_matches(&path, &bag));
}

static void test_a_reference_names_an_object(void **state)
{
    struct cim_path object = {.class = &CIM_ComputerSystem_class, .selector_count = 2};
    struct cim_path reference = {.class = &CIM_ManagedElement_class};
    (void)state;
    object.selectors[0].name = span_str("CreationClassName");
    object.selectors[0].text = span_str("CIM_ComputerSystem");
    object.selectors[1].name = span_str("Name");
    object.selectors[1].text = span_str("ManagedSystem");
    assert_true(cim_path_refers(&reference, &object));
    reference.selector_count = 2;
    reference.selectors[0].name = span_str("__cimnamespace");
    reference.selectors[0].text = span_str("root/cimv2");
    reference.selectors[1] = object.selectors[1];
    assert_true(cim_path_refers(&reference, &object));
    /* A key that is a reference is compared by its own keys. */
    struct cim_path outer = {.class = &CIM_ComputerSystem_class, .selector_count = 1};
    struct cim_path asked = outer;
    outer.selectors[0] = (struct cim_selector){.name = span_str("X"), .path = &object};
    asked.selectors[0] = (struct cim_selector){.name = span_str("X"), .path = &reference};
    assert_true(cim_path_refers(&asked, &outer));
    reference.selectors[1].text = span_str("another");
    assert_false(cim_path_refers(&asked, &outer));
    reference.selectors[1] = object.selectors[1];
    reference.class = &CIM_Service_class;
    assert_false(cim_path_refers(&reference, &object));
    reference.class = NULL;
    assert_false(cim_path_refers(&reference, &object));
}

static void test_uris(void **state)
{
#define CIM_URI "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/"
#define AMT_URI "http://intel.com/wbem/wscim/1/amt-schema/1/"
    (void)state;
    assert_ptr_equal(cim_schema_from_uri(span_str(CIM_URI "CIM_BootService")),
                     &CIM_BootService_class);
    assert_ptr_equal(cim_schema_from_uri(span_str(AMT_URI "AMT_GeneralSettings")),
                     &AMT_GeneralSettings_class);
    assert_null(cim_schema_from_uri(span_str(AMT_URI "CIM_BootService")));
    assert_null(cim_schema_from_uri(span_str(CIM_URI "CIM_Bootservice")));
    assert_null(cim_schema_from_uri(span_str(CIM_URI)));
    assert_null(cim_schema_from_uri(span_str("CIM_BootService")));
    assert_string_equal(cim_schema_uri_prefix(&AMT_GeneralSettings_class), AMT_URI);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_is_copied),
        cmocka_unit_test(test_arrays_keep_their_order),
        cmocka_unit_test(test_too_many_values_overflow),
        cmocka_unit_test(test_paths_are_copied_to_a_bounded_depth),
        cmocka_unit_test(test_path_of_an_instance_has_its_keys),
        cmocka_unit_test(test_a_reference_names_an_object),
        cmocka_unit_test(test_uris),
    };
    host_double_reset();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
