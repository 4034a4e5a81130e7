/* SPDX-License-Identifier: ISC */
/* providers/ of the device itself: general, redirection, KVM, versions, set-up. */
#include "unit.h"

#include "cim/cim_provider.h"
#include "cim/schema.h"
#include "latency/latency.h"
#include "providers/host_double.h"
#include "settings/general_settings.h"
#include "settings/identity.h"
#include "settings/redir_settings.h"

static struct call_double test;
static struct cim_bag in;
static struct cim_bag out;

static int reset(void **state)
{
    (void)state;
    host_double_reset();
    return 0;
}

static void get(const struct cim_class *class)
{
    const struct cim_path path = {.class = class};
    assert_int_equal(cim_get(&host_double_admin, &path, &out), CIM_OK);
}

static int put(const struct cim_class *class)
{
    const struct cim_path path = {.class = class};
    return cim_put(&host_double_admin, &path, &in, &out);
}

static uint32_t request_state(const struct cim_class *class, unsigned state)
{
    call_double_begin(&test, class, "RequestStateChange");
    cim_set_uint(&test.in, "RequestedState", state);
    assert_int_equal(call_double_invoke(&test), CIM_OK);
    return test.call.return_value;
}

static void test_realm_is_that_of_the_login(void **state)
{
    (void)state;
    identity_start();
    get(&AMT_GeneralSettings_class);
    assert_true(span_equal_str(cim_get_text(&out, "DigestRealm"), identity_get()->realm));
    assert_int_equal(cim_get_text(&out, "DigestRealm").len, 7 + 32);
}

static void test_general_settings_are_stored(void **state)
{
    char long_name[65];
    (void)state;
    cim_bag_init_instance(&in, &AMT_GeneralSettings_class);
    cim_set_text(&in, "HostName", "box");
    cim_set_uint(&in, "IdleWakeTimeout", 3);
    cim_set_boolean(&in, "PingResponseEnabled", false);
    cim_set_text(&in, "DigestRealm", "Digest:other"); /* passed over */
    assert_int_equal(put(&AMT_GeneralSettings_class), CIM_OK);
    assert_true(span_equal_str(cim_get_text(&out, "HostName"), "box"));
    assert_int_equal(cim_get_uint(&out, "IdleWakeTimeout", 0), 3);
    assert_false(cim_get_boolean(&out, "PingResponseEnabled", true));
    assert_true(span_equal_str(cim_get_text(&out, "DigestRealm"), identity_get()->realm));

    memset(long_name, 'a', sizeof(long_name) - 1);
    long_name[sizeof(long_name) - 1] = '\0';
    cim_bag_init_instance(&in, &AMT_GeneralSettings_class);
    cim_set_text(&in, "HostName", long_name);
    cim_set_uint(&in, "IdleWakeTimeout", 9);
    assert_int_equal(put(&AMT_GeneralSettings_class), CIM_ERR_REPRESENTATION);
    get(&AMT_GeneralSettings_class);
    assert_int_equal(cim_get_uint(&out, "IdleWakeTimeout", 0), 3); /* nothing was taken */
}

static int put_idle(uint32_t minutes)
{
    cim_bag_init_instance(&in, &AMT_GeneralSettings_class);
    cim_set_uint(&in, "IdleWakeTimeout", minutes);
    return put(&AMT_GeneralSettings_class);
}

static uint64_t idle(void)
{
    get(&AMT_GeneralSettings_class);
    return cim_get_uint(&out, "IdleWakeTimeout", 0);
}

static void test_idle_time_is_the_profile_s_until_written(void **state)
{
    struct latency_profile profile;
    (void)state;
    assert_int_equal(general_settings_reset(false), 0);
    latency_profile_init(&profile);
    latency_use(&profile);
    assert_int_equal(idle(), 65535);
    profile.idle_min = 1;
    latency_use(&profile);
    assert_int_equal(idle(), 1);
    cim_bag_init_instance(&in, &AMT_GeneralSettings_class);
    cim_set_text(&in, "HostName", "box"); /* says nothing of it */
    assert_int_equal(put(&AMT_GeneralSettings_class), CIM_OK);
    assert_false(general_settings_get()->has_idle_min);
    assert_int_equal(put_idle(7), CIM_OK);
    assert_true(general_settings_get()->has_idle_min);
    assert_int_equal(idle(), 7);
    profile.idle_min = 2;
    latency_use(&profile);
    assert_int_equal(idle(), 7);
    assert_int_equal(put_idle(0), CIM_ERR_REPRESENTATION);
    assert_int_equal(put_idle(65536), CIM_ERR_REPRESENTATION);
    assert_int_equal(idle(), 7);
    assert_int_equal(put_idle(65535), CIM_OK);
    assert_int_equal(idle(), 65535);
}

static void test_redirection_states(void **state)
{
    (void)state;
    for (unsigned value = 32768; value <= 32771; value++) {
        assert_int_equal(request_state(&AMT_RedirectionService_class, value), 0);
        get(&AMT_RedirectionService_class);
        assert_int_equal(cim_get_uint(&out, "EnabledState", 0), value);
    }
    assert_int_equal(request_state(&AMT_RedirectionService_class, 2), 32768 + 36);
    assert_int_equal(request_state(&AMT_RedirectionService_class, 32772), 32768 + 36);
    cim_bag_init_instance(&in, &AMT_RedirectionService_class);
    cim_set_uint(&in, "EnabledState", 5);
    assert_int_equal(put(&AMT_RedirectionService_class), CIM_ERR_REPRESENTATION);
}

static void test_kvm_states(void **state)
{
    (void)state;
    assert_int_equal(request_state(&CIM_KVMRedirectionSAP_class, 2), 0);
    get(&CIM_KVMRedirectionSAP_class);
    assert_int_equal(cim_get_uint(&out, "EnabledState", 0), 6);
    assert_int_equal(cim_get_uint(&out, "RequestedState", 0), 2);
    assert_int_equal(request_state(&CIM_KVMRedirectionSAP_class, 3), 0);
    get(&CIM_KVMRedirectionSAP_class);
    assert_int_equal(cim_get_uint(&out, "EnabledState", 0), 3);
    assert_int_equal(request_state(&CIM_KVMRedirectionSAP_class, 4), 32768 + 36);
}

static int put_password(const char *password)
{
    cim_bag_init_instance(&in, &IPS_KVMRedirectionSettingData_class);
    cim_set_text(&in, "RFBPassword", password);
    cim_set_boolean(&in, "Is5900PortEnabled", true);
    return put(&IPS_KVMRedirectionSettingData_class);
}

static void test_rfb_password(void **state)
{
    static const char *const weak[] = {"P@ssw0r",  "P@ssw0rd1", "Passw0rd", "p@ssw0rd",
                                       "P@SSW0RD", "P@ssword",  "P@ss 0rd"};
    (void)state;
    for (size_t i = 0; i < sizeof(weak) / sizeof(weak[0]); i++) {
        assert_int_equal(put_password(weak[i]), CIM_ERR_REPRESENTATION);
        assert_false(redir_settings_get()->kvm_port_5900);
    }
    assert_int_equal(put_password("P@ssw0rd"), CIM_OK);
    assert_string_equal(redir_settings_get()->rfb_password, "P@ssw0rd");
    assert_int_equal(cim_get_text(&out, "RFBPassword").len, 0); /* never told */
    assert_true(cim_get_boolean(&out, "Is5900PortEnabled", false));
    assert_int_equal(put_password(""), CIM_OK);
    assert_string_equal(redir_settings_get()->rfb_password, "P@ssw0rd");
}

static void test_uuid_lies_as_in_smbios(void **state)
{
    static const uint8_t uuid[16] = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
                                     0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};
    static const uint8_t wire[16] = {0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66,
                                     0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};
    (void)state;
    call_double_begin(&test, &AMT_SetupAndConfigurationService_class, "GetUuid");
    assert_int_equal(call_double_invoke(&test), CIM_OK);
    assert_int_equal(test.call.return_value, 2);
    host_double.has_inventory = true;
    memcpy(host_double.inventory.uuid, uuid, sizeof(uuid));
    assert_int_equal(call_double_invoke(&test), CIM_OK);
    assert_int_equal(test.call.return_value, 0);
    assert_memory_equal(cim_bag_get(&test.out, "UUID", 0)->bytes.ptr, wire, sizeof(wire));
}

static void test_state_of_the_systems(void **state)
{
    struct cim_path path = {.class = &CIM_ComputerSystem_class, .selector_count = 1};
    (void)state;
    path.selectors[0].name = span_str("Name");
    path.selectors[0].text = span_str("ManagedSystem");
    assert_int_equal(cim_get(&host_double_admin, &path, &out), CIM_OK);
    assert_int_equal(cim_get_uint(&out, "EnabledState", 0), 2);
    host_double.power = vamt_PowerState_POWER_STATE_OFF;
    assert_int_equal(cim_get(&host_double_admin, &path, &out), CIM_OK);
    assert_int_equal(cim_get_uint(&out, "EnabledState", 0), 3);
    path.selectors[0].text = span_str("Intel(r) AMT");
    assert_int_equal(cim_get(&host_double_admin, &path, &out), CIM_OK);
    assert_int_equal(cim_get_uint(&out, "EnabledState", 0), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_realm_is_that_of_the_login, reset),
        cmocka_unit_test_setup(test_general_settings_are_stored, reset),
        cmocka_unit_test_setup(test_idle_time_is_the_profile_s_until_written, reset),
        cmocka_unit_test_setup(test_redirection_states, reset),
        cmocka_unit_test_setup(test_kvm_states, reset),
        cmocka_unit_test_setup(test_rfb_password, reset),
        cmocka_unit_test_setup(test_uuid_lies_as_in_smbios, reset),
        cmocka_unit_test_setup(test_state_of_the_systems, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
