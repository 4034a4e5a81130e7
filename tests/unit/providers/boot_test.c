/* SPDX-License-Identifier: ISC */
/* providers/boot_*.c: boot source, role, and the settings of the next start. */
#include "unit.h"

#include "cim/cim_provider.h"
#include "cim/schema.h"
#include "providers/host_double.h"
#include "settings/boot_options.h"

#define PXE  "Intel(r) AMT: Force PXE Boot"
#define DISK "Intel(r) AMT: Force Hard-drive Boot"
#define CD   "Intel(r) AMT: Force CD/DVD Boot"

static struct call_double test;
static struct cim_bag in;
static struct cim_bag out;

static int reset(void **state)
{
    (void)state;
    host_double_reset();
    return 0;
}

static void add_source(const char *id)
{
    cim_set_path(&test.in, "Source", &CIM_BootSourceSetting_class, "InstanceID", id,
                 (char *)NULL);
}

static uint32_t change_order(const char *id)
{
    call_double_begin(&test, &CIM_BootConfigSetting_class, "ChangeBootOrder");
    if (id != NULL) {
        add_source(id);
    }
    assert_int_equal(call_double_invoke(&test), CIM_OK);
    return test.call.return_value;
}

static uint32_t set_role(const char *config, unsigned role)
{
    call_double_begin(&test, &CIM_BootService_class, "SetBootConfigRole");
    cim_set_path(&test.in, "BootConfigSetting", &CIM_BootConfigSetting_class,
                 "InstanceID", config, (char *)NULL);
    cim_set_uint(&test.in, "Role", role);
    assert_int_equal(call_double_invoke(&test), CIM_OK);
    return test.call.return_value;
}

static void test_a_source_is_set_and_cleared(void **state)
{
    (void)state;
    assert_int_equal(change_order(PXE), 0);
    assert_int_equal(boot_options_next_device(), vamt_BootDevice_BOOT_DEVICE_NETWORK);
    assert_int_equal(change_order(DISK), 0);
    assert_int_equal(boot_options_next_device(), vamt_BootDevice_BOOT_DEVICE_DISK);
    assert_int_equal(change_order(CD), 0);
    assert_int_equal(boot_options_next_device(), vamt_BootDevice_BOOT_DEVICE_CD);
    assert_int_equal(change_order("Intel(r) AMT: Force Diagnostic Boot"), 32768 + 36);
    assert_int_equal(boot_options_next_device(), vamt_BootDevice_BOOT_DEVICE_CD);
    assert_int_equal(change_order(NULL), 0);
    assert_int_equal(boot_options_next_device(), vamt_BootDevice_BOOT_DEVICE_DEFAULT);
}

static void test_only_one_source(void **state)
{
    (void)state;
    call_double_begin(&test, &CIM_BootConfigSetting_class, "ChangeBootOrder");
    add_source(PXE);
    add_source(CD);
    assert_int_equal(call_double_invoke(&test), CIM_OK);
    assert_int_equal(test.call.return_value, 32768 + 36);
}

static void test_role_and_source_in_either_order(void **state)
{
    (void)state;
    assert_int_equal(set_role("Intel(r) AMT: Boot Configuration 0", 1), 0);
    assert_int_equal(change_order(PXE), 0);
    assert_int_equal(boot_options_next_device(), vamt_BootDevice_BOOT_DEVICE_NETWORK);
    assert_int_equal(set_role("Intel(r) AMT: Boot Configuration 0", 32768), 0);
    assert_int_equal(boot_options_next_device(), vamt_BootDevice_BOOT_DEVICE_DEFAULT);
    assert_int_equal(set_role("Intel(r) AMT: Boot Configuration 0", 1), 0);
    assert_int_equal(boot_options_next_device(), vamt_BootDevice_BOOT_DEVICE_NETWORK);
    assert_int_equal(set_role("Intel(r) AMT: Boot Configuration 0", 2), 32768 + 36);
    assert_int_equal(set_role("another", 1), 32768 + 36);
}

static void test_options_that_we_lack_cannot_be_switched_on(void **state)
{
    (void)state;
    call_double_begin(&test, &CIM_BootService_class, "RequestStateChange");
    cim_set_uint(&test.in, "RequestedState", 32768);
    assert_int_equal(call_double_invoke(&test), CIM_OK);
    assert_int_equal(test.call.return_value, 0);
    call_double_begin(&test, &CIM_BootService_class, "RequestStateChange");
    cim_set_uint(&test.in, "RequestedState", 32769);
    assert_int_equal(call_double_invoke(&test), CIM_OK);
    assert_int_equal(test.call.return_value, 32768 + 2066);
}

static int put(void)
{
    const struct cim_path path = {.class = &AMT_BootSettingData_class};
    return cim_put(&host_double_admin, &path, &in, &out);
}

static void test_settings_are_stored_until_the_next_start(void **state)
{
    (void)state;
    cim_bag_init_instance(&in, &AMT_BootSettingData_class);
    cim_set_boolean(&in, "UseSOL", true);
    cim_set_boolean(&in, "BIOSSetup", true);
    cim_set_uint(&in, "IDERBootDevice", 1);
    cim_set_boolean(&in, "RPEEnabled", false); /* read only, but passed over */
    assert_int_equal(put(), CIM_OK);
    assert_true(cim_get_boolean(&out, "UseSOL", false));
    assert_false(cim_get_boolean(&out, "UseIDER", true));
    assert_int_equal(cim_get_uint(&out, "IDERBootDevice", 0), 1);
    assert_false(cim_get_boolean(&out, "OptionsCleared", true));
    boot_options_consume();
    cim_bag_init_instance(&in, &AMT_BootSettingData_class);
    const struct cim_path path = {.class = &AMT_BootSettingData_class};
    assert_int_equal(cim_get(&host_double_admin, &path, &out), CIM_OK);
    assert_false(cim_get_boolean(&out, "UseSOL", true));
    assert_true(cim_get_boolean(&out, "OptionsCleared", false));
}

static void test_read_only_settings_are_refused(void **state)
{
    static const char *const flags[] = {"WinREBootEnabled", "UEFILocalPBABootEnabled",
                                        "UEFIHTTPSBootEnabled",
                                        "SecureBootControlEnabled", "OptionsCleared"};
    (void)state;
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        cim_bag_init_instance(&in, &AMT_BootSettingData_class);
        cim_set_boolean(&in, "UseSOL", true);
        cim_set_boolean(&in, flags[i], false);
        assert_int_equal(put(), CIM_ERR_REPRESENTATION);
        assert_false(boot_options_get()->use_sol);
    }
    cim_bag_init_instance(&in, &AMT_BootSettingData_class);
    cim_set_uint(&in, "BIOSLastStatus", 0);
    assert_int_equal(put(), CIM_ERR_REPRESENTATION);
    cim_bag_init_instance(&in, &AMT_BootSettingData_class);
    cim_set_uint(&in, "BootguardStatus", 0);
    assert_int_equal(put(), CIM_ERR_REPRESENTATION);
    cim_bag_init_instance(&in, &AMT_BootSettingData_class);
    cim_set_octets(&in, "UefiBootParametersArray", span_str("x"));
    assert_int_equal(put(), CIM_ERR_REPRESENTATION);
    cim_bag_init_instance(&in, &AMT_BootSettingData_class);
    cim_set_uint(&in, "FirmwareVerbosity", 4);
    assert_int_equal(put(), CIM_ERR_REPRESENTATION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_a_source_is_set_and_cleared, reset),
        cmocka_unit_test_setup(test_only_one_source, reset),
        cmocka_unit_test_setup(test_role_and_source_in_either_order, reset),
        cmocka_unit_test_setup(test_options_that_we_lack_cannot_be_switched_on, reset),
        cmocka_unit_test_setup(test_settings_are_stored_until_the_next_start, reset),
        cmocka_unit_test_setup(test_read_only_settings_are_refused, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
