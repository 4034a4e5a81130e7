/* SPDX-License-Identifier: ISC */
/* Consent as consoles see it: IPS_OptInService, and boot options that need it. */
#include "unit.h"

#include <stdlib.h>

#include "audit/audit_event.h"
#include "cim/schema.h"
#include "providers/calls.h"
#include "setup/consent.h"
#include "setup/setup.h"
#include "setup/setup_world.h"
#include "store/flash_sim.h"

enum { NOT_READY = 2, NOT_PERMITTED = 16, BAD_PARAMETER = 36 };
enum { UNSUPPORTED = 2066, CONSENT_REQUIRED = 2081, STANDARD = 32768 };

static uint32_t opt_in(const char *method)
{
    return calls_run(&IPS_OptInService_class, method);
}

static uint32_t send_code(uint32_t code)
{
    calls_begin(&IPS_OptInService_class, "SendOptInCode");
    cim_set_uint(&calls.in, "OptInCode", code);
    return calls_invoke();
}

static uint32_t shown(void)
{
    assert_non_null(consent_code());
    return (uint32_t)strtoul(consent_code(), NULL, 10);
}

static uint64_t opt_in_state(void)
{
    return calls_number(&IPS_OptInService_class, "OptInState");
}

static int put_policy(uint32_t policy)
{
    const struct cim_path path = {.class = &IPS_OptInService_class};

    cim_bag_init_instance(&calls.in, &IPS_OptInService_class);
    cim_set_uint(&calls.in, "OptInRequired", policy);
    return cim_put(&host_double_admin, &path, &calls.in, &calls_bag);
}

static void test_consent(void **state)
{
    (void)state;
    assert_int_equal(opt_in("StartOptIn"), NOT_PERMITTED); /* unprovisioned */
    assert_int_equal(calls_set_up("P@ssw0rd!"), 0);
    assert_int_equal(calls_number(&IPS_OptInService_class, "OptInRequired"), 0xffffffff);
    assert_int_equal(calls_number(&IPS_OptInService_class, "CanModifyOptInPolicy"), 0);
    assert_int_equal(calls_number(&IPS_OptInService_class, "OptInCodeTimeout"), 120);
    assert_int_equal(put_policy(0), CIM_ERR_DENIED);
    assert_int_equal(opt_in_state(), 0);
    assert_int_equal(send_code(1), NOT_READY);
    assert_int_equal(opt_in("CancelOptIn"), NOT_READY);
    assert_int_equal(opt_in("StartOptIn"), 0);
    assert_int_equal(opt_in_state(), 2);
    assert_int_equal(opt_in("StartOptIn"), NOT_READY);
    assert_int_equal(send_code((shown() + 1) % 1000000), UNSUPPORTED);
    assert_int_equal(send_code(1000000), BAD_PARAMETER);
    assert_int_equal(send_code(shown()), 0);
    assert_int_equal(opt_in_state(), 3);
    assert_int_equal(opt_in("CancelOptIn"), 0);
    assert_int_equal(opt_in_state(), 0);
    assert_int_equal(calls_audited(AUDIT_OPT_IN_CODE), 1);
}

static void test_guesses(void **state)
{
    (void)state;
    assert_int_equal(calls_set_up("P@ssw0rd!"), 0);
    assert_int_equal(opt_in("StartOptIn"), 0);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(send_code((shown() + 1) % 1000000), UNSUPPORTED);
    }
    assert_int_equal(opt_in_state(), 0);
    assert_int_equal(calls_audited(AUDIT_OPT_IN_CODE), 1);
    assert_int_equal(opt_in("StartOptIn"), NOT_PERMITTED);
    assert_int_equal(calls_audited(AUDIT_OPT_IN_BLOCKED), 1);
}

static void test_policy(void **state)
{
    (void)state;
    assert_int_equal(calls_number(&IPS_OptInService_class, "CanModifyOptInPolicy"), 1);
    assert_int_equal(calls_number(&IPS_OptInService_class, "OptInRequired"), 0);
    assert_int_equal(put_policy(1), CIM_OK);
    assert_int_equal(cim_get_uint(&calls_bag, "OptInRequired", 0), 1);
    assert_int_equal(put_policy(2), CIM_ERR_REPRESENTATION);
    assert_int_equal(put_policy(0xffffffff), CIM_OK);
    assert_int_equal(calls_number(&IPS_OptInService_class, "OptInRequired"), 0xffffffff);
    assert_int_equal(calls_audited(AUDIT_OPT_IN_POLICY), 2);
}

static uint32_t boot_from(const char *source)
{
    calls_begin(&CIM_BootConfigSetting_class, "ChangeBootOrder");
    if (source != NULL) {
        cim_set_path(&calls.in, "Source", &CIM_BootSourceSetting_class, "InstanceID",
                     source, (char *)NULL);
    }
    return calls_invoke();
}

static int put_bios_setup(bool wanted)
{
    const struct cim_path path = {.class = &AMT_BootSettingData_class};

    cim_bag_init_instance(&calls.in, &AMT_BootSettingData_class);
    cim_set_boolean(&calls.in, "BIOSSetup", wanted);
    return cim_put(&host_double_admin, &path, &calls.in, &calls_bag);
}

static void test_boot_options_need_consent(void **state)
{
    static const char pxe[] = "Intel(r) AMT: Force PXE Boot";

    (void)state;
    assert_int_equal(calls_set_up("P@ssw0rd!"), 0);
    assert_int_equal(boot_from(NULL), 0); /* what comes before plain power control */
    assert_int_equal(put_bios_setup(false), CIM_OK);
    assert_int_equal(boot_from(pxe), STANDARD + CONSENT_REQUIRED);
    assert_int_equal(put_bios_setup(true), CIM_ERR_DENIED);
    assert_int_equal(opt_in("StartOptIn"), 0);
    assert_int_equal(boot_from(pxe), STANDARD + CONSENT_REQUIRED);
    assert_int_equal(send_code(shown()), 0);
    assert_int_equal(boot_from(pxe), 0);
    assert_int_equal(put_bios_setup(true), CIM_OK);
    host_double_now_us += 120000000;
    assert_int_equal(boot_from(pxe), STANDARD + CONSENT_REQUIRED);
    assert_int_equal(boot_from(NULL), 0);
    assert_int_equal(setup_upgrade(), 0);
    assert_int_equal(boot_from(pxe), 0);
}

#define PROVISIONED(name) \
    cmocka_unit_test_setup_teardown(name, calls_open_provisioned, calls_close)
#define UNPROVISIONED(name) \
    cmocka_unit_test_setup_teardown(name, calls_open_unprovisioned, calls_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNPROVISIONED(test_consent),
        UNPROVISIONED(test_guesses),
        PROVISIONED(test_policy),
        UNPROVISIONED(test_boot_options_need_consent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
