/* SPDX-License-Identifier: ISC */
/* cim/cim.c, cim_source.c, cim_enumerate.c, cim_invoke.c with the real providers. */
#include "unit.h"

#include "cim/cim_provider.h"
#include "cim/cim_source.h"
#include "cim/schema.h"
#include "providers/host_double.h"

static struct cim_bag bag;
static struct cim_bag scratch;
static struct cim_bag again;

static int reset(void **state)
{
    (void)state;
    host_double_reset();
    return 0;
}

static struct cim_selector key(const char *name, const char *text)
{
    return (struct cim_selector){.name = span_str(name), .text = span_str(text)};
}

static int get(const struct cim_class *class, size_t count,
               const struct cim_selector *keys)
{
    struct cim_path path = {.class = class, .selector_count = count};
    for (size_t i = 0; i < count; i++) {
        path.selectors[i] = keys[i];
    }
    return cim_get(&host_double_admin, &path, &bag);
}

static void assert_same_bag(const struct cim_bag *a, const struct cim_bag *b)
{
    assert_ptr_equal(a->class, b->class);
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        assert_ptr_equal(a->entries[i].field, b->entries[i].field);
    }
}

/* Every instance of a class: by its whole path, and by each of its keys alone if that is
 * enough. */
static size_t check_instances(const struct cim_class *base)
{
    struct cim_cursor cursor;
    size_t found = 0;
    if (cim_enumerate(&host_double_admin, base, &cursor) != CIM_OK) {
        return 0;
    }
    do {
        while (cim_page_next(&host_double_admin, &cursor, &bag) == 1) {
            struct cim_path path;
            assert_ptr_equal(bag.class, cursor.page);
            assert_true(cim_schema_is_a(bag.class, base));
            assert_false(bag.class->flags & CIM_CLASS_ABSTRACT);
            assert_int_equal(cim_bag_path(&bag, &path, &scratch), 0);
            assert_true(path.selector_count > 0);
            assert_int_equal(cim_get(&host_double_admin, &path, &again), CIM_OK);
            assert_same_bag(&bag, &again);
            path.class = base;
            assert_int_equal(cim_get(&host_double_admin, &path, &again), CIM_OK);
            assert_same_bag(&bag, &again);
            for (size_t i = 0; i < path.selector_count; i++) {
                struct cim_path one = {.class = bag.class, .selector_count = 1};
                one.selectors[0] = path.selectors[i];
                int result = cim_get(&host_double_admin, &one, &again);
                assert_true(result == CIM_OK || result == CIM_ERR_SELECTORS);
            }
            found++;
        }
    } while (cim_cursor_advance(&cursor, false));
    return found;
}

static void test_every_instance_is_found_by_its_path(void **state)
{
    size_t total = 0;
    size_t expected = 0;
    (void)state;
    for (size_t i = 0; i < cim_schema_class_count; i++) {
        const struct cim_class *class = cim_schema_classes[i];
        size_t found = check_instances(class);
        total += (class->flags & CIM_CLASS_ABSTRACT) == 0 ? found : 0;
        for (size_t j = 0;
             (class->flags & CIM_CLASS_ABSTRACT) == 0 && j < cim_schema_class_count;
             j++) {
            expected += cim_schema_is_a(cim_schema_classes[j], class)
                            ? cim_source_count(cim_schema_classes[j])
                            : 0;
        }
    }
    assert_true(total >=
                12 + 3 + 2 + 11 + 2 + 2); /* of tier T0, and the power packages */
    assert_int_equal(total, expected);
}

static void test_properties_are_in_wire_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < cim_schema_class_count; i++) {
        const struct cim_class *class = cim_schema_classes[i];
        for (size_t j = 1; j < class->property_count; j++) {
            assert_true(
                strcmp(class->properties[j - 1]->name, class->properties[j]->name) < 0);
        }
    }
}

static void test_get_without_selectors_needs_a_single_instance(void **state)
{
    (void)state;
    assert_int_equal(get(&CIM_BootService_class, 0, NULL), CIM_OK);
    assert_int_equal(get(&CIM_SoftwareIdentity_class, 0, NULL), CIM_ERR_SELECTORS);
    /* A superclass with one populated subclass is as good as the subclass. */
    assert_int_equal(get(&CIM_ServiceAvailableToElement_class, 0, NULL), CIM_OK);
    assert_ptr_equal(bag.class, &CIM_AssociatedPowerManagementService_class);
}

static void test_selectors(void **state)
{
    const struct cim_selector amt[] = {key("InstanceID", "AMT"),
                                       key("__cimnamespace", "x")};
    const struct cim_selector twice[] = {key("InstanceID", "AMT"),
                                         key("InstanceID", "AMT")};
    const struct cim_selector none = key("InstanceID", "amt");
    const struct cim_selector other = key("VersionString", "11.8.50");
    const struct cim_selector unknown = key("Nonsense", "1");
    (void)state;
    assert_int_equal(get(&CIM_SoftwareIdentity_class, 2, amt), CIM_OK);
    assert_true(span_equal_str(cim_get_text(&bag, "VersionString"), "11.8.50"));
    assert_int_equal(get(&CIM_SoftwareIdentity_class, 2, twice), CIM_ERR_SELECTORS);
    assert_int_equal(get(&CIM_SoftwareIdentity_class, 1, &none), CIM_ERR_NOT_FOUND);
    assert_int_equal(get(&CIM_SoftwareIdentity_class, 1, &other), CIM_ERR_SELECTORS);
    assert_int_equal(get(&CIM_SoftwareIdentity_class, 1, &unknown), CIM_ERR_SELECTORS);
}

static void test_a_reference_selects(void **state)
{
    struct cim_path host = {.class = &CIM_ComputerSystem_class, .selector_count = 1};
    struct cim_selector user = {.name = span_str("UserOfService"), .path = &host};
    (void)state;
    host.selectors[0] = key("Name", "ManagedSystem");
    assert_int_equal(get(&CIM_AssociatedPowerManagementService_class, 1, &user), CIM_OK);
    host.selectors[0] = key("Name", "Intel(r) AMT");
    assert_int_equal(get(&CIM_AssociatedPowerManagementService_class, 1, &user),
                     CIM_ERR_NOT_FOUND);
    user = key("UserOfService", "ManagedSystem"); /* text where a reference belongs */
    assert_int_equal(get(&CIM_AssociatedPowerManagementService_class, 1, &user),
                     CIM_ERR_SELECTORS);
}

static void test_classes_that_nobody_serves(void **state)
{
    struct cim_cursor cursor;
    (void)state;
    assert_int_equal(get(&CIM_ConcreteJob_class, 0, NULL), CIM_ERR_NOT_FOUND);
    assert_int_equal(get(NULL, 0, NULL), CIM_ERR_NOT_FOUND);
    assert_int_equal(cim_enumerate(&host_double_admin, &CIM_ConcreteJob_class, &cursor),
                     CIM_ERR_NOT_FOUND);
    assert_int_equal(cim_enumerate(&host_double_admin, NULL, &cursor), CIM_ERR_NOT_FOUND);
}

/* Classes derived from it, or itself, that have instances. */
static size_t count_classes(const struct cim_class *base)
{
    size_t count = 0;
    for (size_t i = 0; i < cim_schema_class_count; i++) {
        count += cim_schema_is_a(cim_schema_classes[i], base) &&
                         cim_source_count(cim_schema_classes[i]) > 0
                     ? 1
                     : 0;
    }
    return count;
}

static void test_a_page_per_concrete_class(void **state)
{
    struct cim_cursor cursor;
    size_t pages = 1;
    (void)state;
    assert_int_equal(cim_enumerate(&host_double_admin, &CIM_Service_class, &cursor),
                     CIM_OK);
    while (cim_cursor_advance(&cursor, true)) {
        const struct cim_class *before = cursor.page;
        assert_true(cim_cursor_advance(&cursor, false));
        assert_ptr_not_equal(cursor.page, before);
        pages++;
    }
    assert_false(cim_cursor_advance(&cursor, false));
    assert_true(pages >= 4);
    assert_int_equal(pages, count_classes(&CIM_Service_class));

    assert_int_equal(
        cim_enumerate(&host_double_admin, &CIM_ServiceAvailableToElement_class, &cursor),
        CIM_OK);
    assert_ptr_equal(cursor.page, &CIM_AssociatedPowerManagementService_class);
    assert_false(cim_cursor_advance(&cursor, true));
}

static void test_no_page_is_passed_over(void **state)
{
    struct cim_cursor cursor;
    size_t expected = count_classes(&CIM_ManagedElement_class);
    size_t pages = 0;
    (void)state;
    assert_int_equal(
        cim_enumerate(&host_double_admin, &CIM_ManagedElement_class, &cursor), CIM_OK);
    do {
        pages++;
    } while (cim_cursor_advance(&cursor, false));
    /* tier T0 without its association and superclass, and the power packages */
    assert_true(expected >= 14 + 1);
    assert_int_equal(pages, expected);
}

static void test_realms_are_needed(void **state)
{
    const struct cim_caller nobody = {.user = "nobody", .realms = 1 << 4};
    const struct cim_caller reader = {.user = "reader", .realms = 1 << 13};
    const struct cim_path boot = {.class = &CIM_BootService_class};
    const struct cim_path power = {.class = &CIM_AssociatedPowerManagementService_class};
    struct cim_cursor cursor;
    (void)state;
    assert_int_equal(cim_get(&nobody, &boot, &bag), CIM_ERR_DENIED);
    assert_int_equal(cim_get(&nobody, &power, &bag), CIM_ERR_DENIED);
    assert_int_equal(cim_get(&reader, &boot, &bag), CIM_ERR_DENIED);
    assert_int_equal(cim_get(&reader, &power, &bag), CIM_OK);
    assert_int_equal(cim_enumerate(&nobody, &CIM_Service_class, &cursor), CIM_ERR_DENIED);
    assert_int_equal(cim_enumerate(&reader, &CIM_SettingData_class, &cursor), CIM_OK);
    assert_ptr_equal(cursor.page, &AMT_GeneralSettings_class);
    assert_true(cim_cursor_advance(&cursor, false));
    assert_ptr_equal(cursor.page, &AMT_SystemPowerScheme_class);
    assert_false(cim_cursor_advance(&cursor, true));
}

/* Whoever may read need not be the one who may write; nor call each method. */
static void test_realms_of_writing_and_of_methods(void **state)
{
    const struct cim_caller reader = {.user = "reader", .realms = 1 << 13};
    const struct cim_caller chief = {.user = "chief", .realms = 1 << 3};
    struct cim_path path = {.class = &AMT_GeneralSettings_class};
    static struct cim_bag in;
    static struct call_double call;
    (void)state;
    assert_int_equal(cim_get(&reader, &path, &bag), CIM_OK);
    cim_bag_init_instance(&in, &AMT_GeneralSettings_class);
    cim_set_boolean(&in, "PingResponseEnabled", true);
    assert_int_equal(cim_put(&reader, &path, &in, &bag), CIM_ERR_DENIED);
    assert_int_equal(cim_put(&chief, &path, &in, &bag), CIM_OK);

    path.class = &AMT_AuthorizationService_class;
    assert_int_equal(cim_get(&reader, &path, &bag), CIM_OK);
    call_double_begin(&call, &AMT_AuthorizationService_class, "GetAdminAclEntry");
    call.call.caller = &reader;
    assert_int_equal(cim_invoke(&call.call), CIM_ERR_DENIED);
    call.call.caller = &chief;
    assert_int_equal(cim_invoke(&call.call), CIM_OK);
}

static void test_put(void **state)
{
    struct cim_path path = {.class = &AMT_RedirectionService_class};
    static struct cim_bag in;
    (void)state;
    cim_bag_init_instance(&in, &AMT_RedirectionService_class);
    cim_set_uint(&in, "EnabledState", 32770);
    cim_set_text(&in, "Name", "Intel(r) AMT Redirection Service");
    assert_int_equal(cim_put(&host_double_admin, &path, &in, &bag), CIM_OK);
    assert_int_equal(cim_get_uint(&bag, "EnabledState", 0), 32770);

    cim_bag_init_instance(&in, &AMT_RedirectionService_class);
    cim_set_text(&in, "Name", "another");
    assert_int_equal(cim_put(&host_double_admin, &path, &in, &bag), CIM_ERR_NOT_FOUND);

    path.class = &CIM_BootService_class; /* read only */
    cim_bag_init_instance(&in, &CIM_BootService_class);
    assert_int_equal(cim_put(&host_double_admin, &path, &in, &bag), CIM_ERR_UNSUPPORTED);
    path.class = &CIM_SettingData_class; /* not concrete */
    assert_int_equal(cim_put(&host_double_admin, &path, &in, &bag), CIM_ERR_NOT_FOUND);
    path.class = &AMT_RedirectionService_class; /* body of another class */
    assert_int_equal(cim_put(&host_double_admin, &path, &in, &bag), CIM_ERR_SCHEMA);
}

static void test_invoke_checks_its_input(void **state)
{
    static struct call_double call;
    (void)state;
    call_double_begin(&call, &CIM_BootService_class, "SetBootConfigRole");
    cim_set_uint(&call.in, "Role", 1);
    assert_int_equal(call_double_invoke(&call),
                     CIM_ERR_SCHEMA); /* no BootConfigSetting */
    cim_set_path(&call.in, "BootConfigSetting", &CIM_BootConfigSetting_class,
                 "InstanceID", "Intel(r) AMT: Boot Configuration 0", (char *)NULL);
    assert_int_equal(call_double_invoke(&call), CIM_OK);
    assert_int_equal(call.call.return_value, 0);
    cim_set_path(&call.in, "Job", &CIM_ConcreteJob_class, (char *)NULL); /* output only */
    assert_int_equal(call_double_invoke(&call), CIM_ERR_SCHEMA);

    call_double_begin(&call, &CIM_BootService_class, "SetBootConfigRole");
    call.call.method = NULL;
    assert_int_equal(call_double_invoke(&call), CIM_ERR_NO_METHOD);

    call_double_begin(&call, &CIM_BootService_class, "StartService");
    call.path.selectors[0] = key("Name", "another");
    call.path.selector_count = 1;
    assert_int_equal(call_double_invoke(&call), CIM_ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_every_instance_is_found_by_its_path, reset),
        cmocka_unit_test(test_properties_are_in_wire_order),
        cmocka_unit_test_setup(test_get_without_selectors_needs_a_single_instance, reset),
        cmocka_unit_test_setup(test_selectors, reset),
        cmocka_unit_test_setup(test_a_reference_selects, reset),
        cmocka_unit_test_setup(test_classes_that_nobody_serves, reset),
        cmocka_unit_test_setup(test_a_page_per_concrete_class, reset),
        cmocka_unit_test_setup(test_no_page_is_passed_over, reset),
        cmocka_unit_test_setup(test_realms_are_needed, reset),
        cmocka_unit_test_setup(test_realms_of_writing_and_of_methods, reset),
        cmocka_unit_test_setup(test_put, reset),
        cmocka_unit_test_setup(test_invoke_checks_its_input, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
