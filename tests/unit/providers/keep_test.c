/* SPDX-License-Identifier: ISC */
/*
 * A store that cannot keep what a console sets: the console is told, and nothing changes. Methods
 * answer with AMT's status (internal error, or the limit of writes to the flash if it is full), a Put
 * with a fault.
 */
#include "unit.h"

#include "base/err.h"
#include "cim/cim_provider.h"
#include "cim/schema.h"
#include "providers/host_double.h"
#include "settings/boot_options.h"
#include "settings/general_settings.h"
#include "settings/power_scheme.h"
#include "settings/redir_settings.h"
#include "settings/settings.h"
#include "store/store_priv.h"

static struct call_double test;
static struct cim_bag in;
static struct cim_bag out;
static int result_of_write;
static unsigned writes;

static int no_view(const char *name, uint16_t *version, struct span *content)
{
    (void)name;
    (void)version;
    (void)content;
    return ERR_NOT_FOUND;
}

static int write_fails(const char *name, uint16_t version, struct span content)
{
    (void)name;
    (void)version;
    (void)content;
    writes++;
    return result_of_write;
}

static int remove_fails(const char *name)
{
    (void)name;
    return result_of_write;
}

static const struct store_engine engine = {
    .view = no_view, .write = write_fails, .remove = remove_fails};

static int fill(void **state)
{
    (void)state;
    result_of_write = 0;
    store_use(STORE_GOOD, &engine);
    host_double_reset();
    settings_start();
    writes = 0;
    return 0;
}

static int empty(void **state)
{
    (void)state;
    store_use(STORE_NONE, NULL);
    return 0;
}

static int put(const struct cim_class *class)
{
    const struct cim_path path = {.class = class};
    return cim_put(&host_double_admin, &path, &in, &out);
}

static uint32_t invoke(void)
{
    assert_int_equal(call_double_invoke(&test), CIM_OK);
    return test.call.return_value;
}

static uint32_t request_state(const struct cim_class *class, unsigned state)
{
    call_double_begin(&test, class, "RequestStateChange");
    cim_set_uint(&test.in, "RequestedState", state);
    return invoke();
}

static uint32_t choose_package(void)
{
    call_double_begin(&test, &AMT_SystemPowerScheme_class, "SetPowerScheme");
    test.path.selector_count = 1;
    test.path.selectors[0].name = span_str("InstanceID");
    test.path.selectors[0].text = span_str("SCHEME 0");
    return invoke();
}

static uint32_t change_order(void)
{
    call_double_begin(&test, &CIM_BootConfigSetting_class, "ChangeBootOrder");
    cim_set_path(&test.in, "Source", &CIM_BootSourceSetting_class, "InstanceID",
                 "Intel(r) AMT: Force PXE Boot", (char *)NULL);
    return invoke();
}

static uint32_t set_role(unsigned role)
{
    call_double_begin(&test, &CIM_BootService_class, "SetBootConfigRole");
    cim_set_path(&test.in, "BootConfigSetting", &CIM_BootConfigSetting_class,
                 "InstanceID", "Intel(r) AMT: Boot Configuration 0", (char *)NULL);
    cim_set_uint(&test.in, "Role", role);
    return invoke();
}

static void assert_methods_say(uint32_t pt_status, uint32_t standard)
{
    assert_int_equal(request_state(&AMT_RedirectionService_class, 32771), standard);
    assert_int_equal(request_state(&CIM_KVMRedirectionSAP_class, 2), standard);
    assert_int_equal(choose_package(), pt_status);
    assert_int_equal(change_order(), standard);
    assert_int_equal(set_role(32768), standard);
}

static void assert_nothing_changed(void)
{
    assert_false(redir_settings_get()->sol_enabled);
    assert_false(redir_settings_get()->kvm_enabled);
    assert_int_equal(power_scheme_get(), POWER_SCHEME_S0_TO_S5);
    assert_int_equal(boot_options_next_device(), vamt_BootDevice_BOOT_DEVICE_DEFAULT);
}

static void test_methods(void **state)
{
    (void)state;
    result_of_write = ERR_IO;
    assert_methods_say(1, 32768 + 1);
    assert_nothing_changed();
    result_of_write = ERR_FULL;
    assert_methods_say(38, 32768 + 38);
    assert_nothing_changed();
    assert_int_equal(writes, 10);
    result_of_write = 0;
    assert_methods_say(0, 0);
    assert_true(redir_settings_get()->sol_enabled);
    assert_true(redir_settings_get()->kvm_enabled);
    assert_int_equal(power_scheme_get(), POWER_SCHEME_S0);
    assert_int_equal(writes, 15);
}

static int put_host_name(void)
{
    cim_bag_init_instance(&in, &AMT_GeneralSettings_class);
    cim_set_text(&in, "HostName", "box");
    return put(&AMT_GeneralSettings_class);
}

static int put_listener(void)
{
    cim_bag_init_instance(&in, &AMT_RedirectionService_class);
    cim_set_boolean(&in, "ListenerEnabled", true);
    return put(&AMT_RedirectionService_class);
}

static int put_rfb_password(void)
{
    cim_bag_init_instance(&in, &IPS_KVMRedirectionSettingData_class);
    cim_set_text(&in, "RFBPassword", "P@ssw0rd");
    return put(&IPS_KVMRedirectionSettingData_class);
}

static int put_boot_settings(void)
{
    cim_bag_init_instance(&in, &AMT_BootSettingData_class);
    cim_set_boolean(&in, "BIOSSetup", true);
    return put(&AMT_BootSettingData_class);
}

static void test_puts(void **state)
{
    (void)state;
    result_of_write = ERR_IO;
    assert_int_equal(put_host_name(), CIM_ERR_INTERNAL);
    assert_int_equal(put_listener(), CIM_ERR_INTERNAL);
    assert_int_equal(put_rfb_password(), CIM_ERR_INTERNAL);
    assert_int_equal(put_boot_settings(), CIM_ERR_INTERNAL);
    assert_string_equal(general_settings_get()->host_name, "");
    assert_false(redir_settings_get()->listener_enabled);
    assert_string_equal(redir_settings_get()->rfb_password, "");
    assert_false(boot_options_get()->bios_setup);
    result_of_write = 0;
    assert_int_equal(put_host_name(), CIM_OK);
    assert_int_equal(put_listener(), CIM_OK);
    assert_int_equal(put_rfb_password(), CIM_OK);
    assert_int_equal(put_boot_settings(), CIM_OK);
    assert_string_equal(general_settings_get()->host_name, "box");
    assert_true(redir_settings_get()->listener_enabled);
    assert_string_equal(redir_settings_get()->rfb_password, "P@ssw0rd");
    assert_true(boot_options_get()->bios_setup);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_methods, fill, empty),
        cmocka_unit_test_setup_teardown(test_puts, fill, empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
