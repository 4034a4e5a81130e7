/* SPDX-License-Identifier: ISC */
/*
 * Set-up as consoles see it: IPS_HostBasedSetupService, AMT_SetupAndConfigurationService,
 * provisioning records and hashes.
 */
#include "unit.h"

#include "account/account.h"
#include "audit/audit.h"
#include "audit/audit_event.h"
#include "audit/audit_lock.h"
#include "audit/audit_log.h"
#include "audit/audit_policy.h"
#include "cim/cim_provider.h"
#include "cim/schema.h"
#include "providers/calls.h"
#include "settings/tls_settings.h"
#include "setup/setup.h"
#include "setup/setup_chain.h"
#include "setup/setup_mebx.h"
#include "setup/setup_world.h"
#include "store/flash_sim.h"

enum { NOT_PERMITTED = 16, MAX_LIMIT = 23, FAILED = 25 };
enum { WRONG_STATE = 32, BAD_PARAMETER = 36, BAD_PASSWORD = 2054 };
enum { BAD_CERT = 2063, UNSUPPORTED = 2066, AUDIT_FAIL = 2075, BLOCKED = 2076 };
enum { STANDARD = 32768 };

static const uint8_t theirs[SETUP_CHAIN_NONCE_LEN] = {9, 8, 7};

static uint64_t state_of(const char *property)
{
    return calls_number(&AMT_SetupAndConfigurationService_class, property);
}

static uint64_t host_based(const char *property)
{
    return calls_number(&IPS_HostBasedSetupService_class, property);
}

static uint32_t add(const char *name, bool is_leaf, bool is_root)
{
    calls_begin(&IPS_HostBasedSetupService_class, "AddNextCertInChain");
    cim_set_octets(&calls.in, "NextCertificate", setup_world_der(name));
    cim_set_boolean(&calls.in, "IsLeafCertificate", is_leaf);
    cim_set_boolean(&calls.in, "IsRootCertificate", is_root);
    return calls_invoke();
}

static void add_chain(void)
{
    assert_int_equal(add("leaf", true, false), 0);
    assert_int_equal(host_based("CertChainStatus"), 1);
    assert_int_equal(add("inter", false, false), 0);
    assert_int_equal(add("root", false, true), 0);
    assert_int_equal(host_based("CertChainStatus"), 2);
}

/* As consoles do: the nonce comes from a Get. */
static void put_proof(void)
{
    uint8_t nonce[SETUP_CHAIN_NONCE_LEN];
    struct span their = span_of(theirs, sizeof(theirs));
    struct span ours;

    calls_get(&IPS_HostBasedSetupService_class);
    ours = cim_bag_get(&calls_bag, "ConfigurationNonce", 0)->bytes;
    assert_int_equal(ours.len, sizeof(nonce));
    memcpy(nonce, ours.ptr, sizeof(nonce));
    cim_set_octets(&calls.in, "McNonce", their);
    cim_set_uint(&calls.in, "SigningAlgorithm", 2);
    cim_set_octets(&calls.in, "DigitalSignature",
                   setup_world_sign_nonces(span_of(nonce, sizeof(nonce)), their));
}

static uint32_t set_up_admin(const char *password)
{
    calls_begin_setup("AdminSetup", 2, calls_ha1(password));
    put_proof();
    return calls_invoke();
}

static uint32_t upgrade(void)
{
    calls_begin(&IPS_HostBasedSetupService_class, "UpgradeClientToAdmin");
    put_proof();
    return calls_invoke();
}

static uint32_t unprovision(unsigned mode)
{
    calls_begin(&AMT_SetupAndConfigurationService_class, "Unprovision");
    cim_set_uint(&calls.in, "ProvisioningMode", mode);
    return calls_invoke();
}

static void assert_password(const char *password)
{
    uint8_t ha1[ACCOUNT_HA1_LEN];

    account_make_ha1(span_str("admin"), span_str(password), ha1);
    assert_non_null(account_admin());
    assert_memory_equal(account_admin()->ha1, ha1, sizeof(ha1));
}

static void test_client_control(void **state)
{
    (void)state;
    assert_int_equal(state_of("ProvisioningState"), 0);
    assert_int_equal(host_based("CurrentControlMode"), 0);
    calls_get(&IPS_HostBasedSetupService_class);
    assert_int_equal(cim_bag_count(&calls_bag, "AllowedControlModes"), 2);
    assert_int_equal(calls_set_up("P@ssw0rd!"), 0);
    assert_password("P@ssw0rd!");
    assert_int_equal(state_of("ProvisioningState"), 2);
    assert_int_equal(state_of("ProvisioningMode"), 4);
    assert_int_equal(host_based("CurrentControlMode"), 1);
    assert_int_equal(calls_set_up("0ther-P@ss"), NOT_PERMITTED);
    add_chain();
    assert_int_equal(set_up_admin("0ther-P@ss"), NOT_PERMITTED);
    assert_password("P@ssw0rd!");
    assert_int_equal(calls_audited(AUDIT_PROVISIONING_STARTED), 1);
    assert_int_equal(calls_audited(AUDIT_PROVISIONING_COMPLETED), 1);
}

static void test_admin_control(void **state)
{
    (void)state;
    add_chain();
    assert_int_equal(set_up_admin("P@ssw0rd!"), 0);
    assert_password("P@ssw0rd!");
    assert_int_equal(state_of("ProvisioningMode"), 1);
    assert_int_equal(host_based("CurrentControlMode"), 2);
    assert_int_equal(host_based("CertChainStatus"), 0);
    assert_int_equal(add("leaf", true, false), NOT_PERMITTED);
    assert_int_equal(upgrade(), NOT_PERMITTED);
    assert_int_equal(calls_set_up("0ther-P@ss"), NOT_PERMITTED);
    calls_get(&IPS_AdminProvisioningRecord_class);
    assert_true(span_equal_str(cim_get_text(&calls_bag, "CertificateCN"),
                               "provision.corp.example.com"));
}

static void test_upgrade(void **state)
{
    (void)state;
    assert_int_equal(upgrade(), NOT_PERMITTED);
    assert_int_equal(calls_set_up("P@ssw0rd!"), 0);
    assert_int_equal(upgrade(), BAD_PARAMETER); /* no chain */
    add_chain();
    assert_int_equal(upgrade(), 0);
    assert_int_equal(host_based("CurrentControlMode"), 2);
    assert_password("P@ssw0rd!");
    assert_int_equal(calls_audited(AUDIT_UPGRADED_TO_ADMIN), 1);
}

static void test_parameters_of_set_up(void **state)
{
    (void)state;
    calls_begin_setup("Setup", 0, calls_ha1("P@ssw0rd!"));
    assert_int_equal(calls_invoke(), BAD_PARAMETER);
    calls_begin_setup("Setup", 2, "P@ssw0rd!");
    assert_int_equal(calls_invoke(), BAD_PARAMETER);
    calls_begin_setup("Setup", 2, "00112233445566778899aabbccddeef");
    assert_int_equal(calls_invoke(), BAD_PARAMETER);
    calls_begin_setup("Setup", 2, "00112233445566778899aabbccddeeffg");
    assert_int_equal(calls_invoke(), BAD_PARAMETER);
    calls_begin_setup("Setup", 2, "0011223344556677-899aabbccddeeff");
    assert_int_equal(calls_invoke(), BAD_PARAMETER);
    calls_begin(&IPS_HostBasedSetupService_class, "Setup");
    assert_int_equal(call_double_invoke(&calls), CIM_ERR_SCHEMA);
    assert_int_equal(state_of("ProvisioningState"), 0);
    calls_begin_setup("Setup", 2, "00112233445566778899AABBCCDDEEFF");
    assert_int_equal(calls_invoke(), 0);
}

static void test_proofs_that_fail(void **state)
{
    (void)state;
    calls_begin_setup("AdminSetup", 2, calls_ha1("P@ssw0rd!"));
    assert_int_equal(calls_invoke(), BAD_PARAMETER);            /* nothing at all */
    assert_int_equal(set_up_admin("P@ssw0rd!"), BAD_PARAMETER); /* no chain */
    add_chain();
    calls_begin_setup("AdminSetup", 2, calls_ha1("P@ssw0rd!"));
    put_proof();
    cim_bag_init_call(&calls.in, &IPS_HostBasedSetupService_class, calls.call.method);
    cim_set_uint(&calls.in, "NetAdminPassEncryptionType", 2);
    cim_set_text(&calls.in, "NetworkAdminPassword", calls_ha1("P@ssw0rd!"));
    cim_set_uint(&calls.in, "SigningAlgorithm", 1);
    assert_int_equal(calls_invoke(), BAD_PARAMETER);
    add_chain();
    calls_begin_setup("AdminSetup", 2, calls_ha1("P@ssw0rd!"));
    cim_set_octets(&calls.in, "McNonce", span_of(theirs, sizeof(theirs)));
    cim_set_uint(&calls.in, "SigningAlgorithm", 2);
    cim_set_octets(&calls.in, "DigitalSignature", span_of(theirs, sizeof(theirs)));
    assert_int_equal(calls_invoke(), FAILED);
    assert_int_equal(host_based("CertChainStatus"), 0);
    assert_int_equal(state_of("ProvisioningState"), 0);
    assert_null(account_admin());
    assert_int_equal(calls_audited(AUDIT_PROVISIONING_STARTED), 0);
}

static void test_certificates_that_are_refused(void **state)
{
    (void)state;
    assert_int_equal(add("inter", false, false), BAD_PARAMETER);
    assert_int_equal(add("leaf-web", true, false), BAD_CERT);
    assert_int_equal(add("leaf-deep", true, false), 0);
    assert_int_equal(add("d1", false, false), 0);
    assert_int_equal(add("d2", false, false), 0);
    assert_int_equal(add("d3", false, false), 0);
    assert_int_equal(add("d4", false, false), MAX_LIMIT);
    assert_int_equal(add("leaf", true, false), 0);
    assert_int_equal(add("inter-evil", false, false), 0);
    assert_int_equal(add("root", false, true), BAD_CERT);
    calls_begin(&IPS_HostBasedSetupService_class, "AddNextCertInChain");
    assert_int_equal(call_double_invoke(&calls), CIM_ERR_SCHEMA);
}

/* Who sets up in client mode may leave a certificate; then it must be theirs. */
static void test_a_certificate_of_client_control(void **state)
{
    (void)state;
    calls_begin_setup("Setup", 2, calls_ha1("P@ssw0rd!"));
    put_proof();
    cim_set_octets(&calls.in, "Certificate", setup_world_der("inter"));
    assert_int_equal(calls_invoke(), FAILED);
    calls_begin_setup("Setup", 2, calls_ha1("P@ssw0rd!"));
    cim_set_octets(&calls.in, "Certificate", setup_world_der("leaf"));
    assert_int_equal(calls_invoke(), BAD_PARAMETER);
    assert_int_equal(state_of("ProvisioningState"), 0);
    calls_begin_setup("Setup", 2, calls_ha1("P@ssw0rd!"));
    put_proof();
    cim_set_octets(&calls.in, "Certificate", setup_world_der("leaf"));
    assert_int_equal(calls_invoke(), 0);
    calls_get(&IPS_ClientProvisioningRecord_class);
    assert_int_equal(cim_bag_get(&calls_bag, "ProvCertificateHash", 0)->bytes.len, 32);
    assert_int_equal(cim_get_uint(&calls_bag, "HashAlgorithm", 0), 2);
}

/* F-Secure 2018: nobody gets in with AMT's default password "admin", wherever it is set. */
static void f_secure_2018_default_password_is_refused(void **state)
{
    (void)state;
    assert_int_equal(calls_set_up("admin"), BAD_PASSWORD);
    add_chain();
    assert_int_equal(set_up_admin("admin"), BAD_PASSWORD);
    assert_int_equal(state_of("ProvisioningState"), 0);
    assert_int_equal(host_based("CertChainStatus"), 2); /* the proof is not used up */
    assert_int_equal(set_up_admin("P@ssw0rd!"), 0);
    calls_begin(&AMT_SetupAndConfigurationService_class, "SetMEBxPassword");
    cim_set_text(&calls.in, "Password", "admin");
    assert_int_equal(calls_invoke(), BAD_PASSWORD);
}

static void test_mebx_password(void **state)
{
    (void)state;
    calls_begin(&AMT_SetupAndConfigurationService_class, "SetMEBxPassword");
    cim_set_text(&calls.in, "Password", "Mebx-P@ss1");
    assert_int_equal(calls_invoke(), NOT_PERMITTED);
    assert_int_equal(calls_set_up("P@ssw0rd!"), 0);
    calls_begin(&AMT_SetupAndConfigurationService_class, "SetMEBxPassword");
    cim_set_text(&calls.in, "Password", "Mebx-P@ss1");
    assert_int_equal(calls_invoke(), NOT_PERMITTED);
    assert_int_equal(setup_upgrade(), 0);
    calls_begin(&AMT_SetupAndConfigurationService_class, "SetMEBxPassword");
    cim_set_text(&calls.in, "Password", "Mebx-P@ss1");
    assert_int_equal(calls_invoke(), 0);
    assert_true(setup_mebx_is(span_str("Mebx-P@ss1")));
    calls_begin(&AMT_SetupAndConfigurationService_class, "SetMEBxPassword");
    assert_int_equal(calls_invoke(), BAD_PASSWORD);
}

static void test_unprovision(void **state)
{
    static const unsigned modes[] = {0, 1, 2};

    (void)state;
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        assert_int_equal(unprovision(modes[i]), WRONG_STATE);
        assert_int_equal(calls_set_up("P@ssw0rd!"), 0);
        assert_int_equal(unprovision(3), BAD_PARAMETER);
        assert_int_equal(host_double_resets, i);
        assert_int_equal(unprovision(modes[i]), 0);
        assert_int_equal(host_double_resets, i + 1);
        assert_int_equal(state_of("ProvisioningState"), 0);
        assert_null(account_admin());
    }
    assert_int_equal(calls_audited(AUDIT_UNPROVISIONING_STARTED), 3);
}

static void test_partial_unprovision(void **state)
{
    static const struct cim_class *const class = &AMT_SetupAndConfigurationService_class;

    (void)state;
    assert_int_equal(calls_run(class, "PartialUnprovision"), WRONG_STATE);
    assert_int_equal(calls_set_up("P@ssw0rd!"), 0);
    assert_int_equal(calls_run(class, "PartialUnprovision"), NOT_PERMITTED);
    assert_int_equal(setup_upgrade(), 0);
    assert_int_equal(calls_run(class, "PartialUnprovision"), 0);
    assert_int_equal(state_of("ProvisioningState"), 0);
}

static void test_the_auditor_can_forbid_to_unprovision(void **state)
{
    static const struct cim_class *const class = &AMT_SetupAndConfigurationService_class;
    uint32_t handle;

    (void)state;
    assert_int_equal(calls_run(class, "GetUnprovisionBlockingComponents"), 0);
    assert_int_equal(cim_bag_count(&calls.out, "Component"), 0);
    assert_int_equal(audit_lock_take(AUDIT_LOCK_UNPROVISIONING, 60, 0, &handle), 0);
    assert_int_equal(calls_run(class, "GetUnprovisionBlockingComponents"), 0);
    assert_int_equal(cim_get_uint(&calls.out, "Component", 0), 1);
    assert_int_equal(unprovision(1), BLOCKED);
    assert_int_equal(calls_run(class, "PartialUnprovision"), BLOCKED);
    assert_int_equal(state_of("ProvisioningState"), 2);
    assert_int_equal(host_double_resets, 0);
    assert_int_equal(audit_lock_release(handle), 0);
    assert_int_equal(unprovision(1), 0);
}

static void make_critical(uint16_t id)
{
    const struct audit_policy_entry entry = {AUDIT_EVENT(id), true, true};

    assert_int_equal(audit_policy_set(&entry, 1), 0);
}

/* What must be audited and cannot be is not done. */
static void test_no_room_in_the_audit_log(void **state)
{
    struct audit_log_settings settings = audit_log_settings();
    const struct audit_who who = {.user = "admin"};

    (void)state;
    make_critical(AUDIT_PROVISIONING_STARTED);
    make_critical(AUDIT_UPGRADED_TO_ADMIN);
    make_critical(AUDIT_UNPROVISIONING_STARTED);
    settings.is_enabled = true;
    settings.storage = AUDIT_STORAGE_NO_ROLL_OVER;
    assert_int_equal(audit_log_set_settings(&settings), 0);
    while (audit_note(AUDIT_EVENT(AUDIT_PROVISIONING_STARTED), &who, span_of(NULL, 0)) ==
           0) {
    }
    assert_int_equal(calls_set_up("P@ssw0rd!"), AUDIT_FAIL);
    assert_int_equal(setup_state(), SETUP_PRE);
    assert_int_equal(
        setup_activate(SETUP_MODE_CLIENT, (const uint8_t[ACCOUNT_HA1_LEN]){1}), 0);
    add_chain();
    assert_int_equal(upgrade(), AUDIT_FAIL);
    assert_int_equal(setup_mode(), SETUP_MODE_CLIENT);
    assert_int_equal(unprovision(1), AUDIT_FAIL);
    assert_int_equal(setup_state(), SETUP_POST);
}

static void test_client_control_is_forbidden(void **state)
{
    static const struct cim_class *const class = &IPS_HostBasedSetupService_class;

    (void)state;
    assert_int_equal(calls_run(class, "DisableClientControlMode"), NOT_PERMITTED);
    add_chain();
    assert_int_equal(set_up_admin("P@ssw0rd!"), 0);
    assert_int_equal(calls_run(class, "DisableClientControlMode"), 0);
    calls_get(class);
    assert_int_equal(cim_bag_count(&calls_bag, "AllowedControlModes"), 1);
    assert_int_equal(cim_get_uint(&calls_bag, "AllowedControlModes", 0), 2);
    assert_int_equal(setup_unprovision(false), 0);
    assert_int_equal(calls_set_up("P@ssw0rd!"), NOT_PERMITTED);
    assert_int_equal(state_of("ProvisioningState"), 0);
}

static void test_other_methods(void **state)
{
    static const struct cim_class *const class = &AMT_SetupAndConfigurationService_class;

    (void)state;
    calls_begin(class, "ExtendProvisioningPeriod");
    cim_set_uint(&calls.in, "Duration", 1);
    assert_int_equal(calls_invoke(), WRONG_STATE);
    assert_int_equal(calls_run(class, "CommitChanges"), 0);
    assert_int_equal(calls_run(class, "StartService"), STANDARD + UNSUPPORTED);
    assert_int_equal(calls_run(&IPS_HostBasedSetupService_class, "StartService"),
                     STANDARD + UNSUPPORTED);
    assert_int_equal(calls_run(&IPS_OptInService_class, "StopService"),
                     STANDARD + UNSUPPORTED);
    assert_int_equal(calls_run(&IPS_ProvisioningRecordLog_class, "ClearLog"),
                     STANDARD + UNSUPPORTED);
    tls_settings_staged()->is_enabled = false;
    tls_settings_staged()->accepts_plain = false;
    assert_int_not_equal(calls_run(class, "CommitChanges"), 0);
}

static void test_hashes(void **state)
{
    (void)state;
    calls_bag.count = 0;
    struct cim_path path = {.class = &AMT_ProvisioningCertificateHash_class,
                            .selectors = {{.name = span_str("InstanceID"),
                                           .text = span_str("Intel(r) AMT Certificate "
                                                            "Hash 1")}},
                            .selector_count = 1};

    assert_int_equal(cim_get(&host_double_admin, &path, &calls_bag), CIM_OK);
    assert_true(span_equal_str(cim_get_text(&calls_bag, "Description"), "Test d9"));
    assert_int_equal(cim_bag_get(&calls_bag, "HashData", 0)->bytes.len, 32);
    path.selectors[0].text = span_str("Intel(r) AMT Certificate Hash 2");
    assert_int_equal(cim_get(&host_double_admin, &path, &calls_bag), CIM_ERR_NOT_FOUND);
}

static void test_record_log(void **state)
{
    struct cim_cursor cursor;

    (void)state;
    calls_get(&IPS_ManualProvisioningRecord_class);
    assert_int_equal(
        calls_number(&IPS_ProvisioningRecordLog_class, "CurrentNumberOfRecords"), 1);
    assert_int_equal(setup_unprovision(true), 0);
    assert_int_equal(calls_set_up("P@ssw0rd!"), 0);
    assert_int_equal(
        calls_number(&IPS_ProvisioningRecordLog_class, "CurrentNumberOfRecords"), 2);
    calls_get(&IPS_ClientProvisioningRecord_class);
    assert_true(span_equal_str(cim_get_text(&calls_bag, "RecordID"), "2"));
    assert_null(cim_bag_get(&calls_bag, "ProvCertificateHash", 0));
    assert_int_equal(
        cim_enumerate(&host_double_admin, &IPS_TLSProvisioningRecord_class, &cursor),
        CIM_OK);
    assert_null(cursor.page);
}

#define PROVISIONED(name) \
    cmocka_unit_test_setup_teardown(name, calls_open_provisioned, calls_close)
#define UNPROVISIONED(name) \
    cmocka_unit_test_setup_teardown(name, calls_open_unprovisioned, calls_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNPROVISIONED(test_client_control),
        UNPROVISIONED(test_admin_control),
        UNPROVISIONED(test_upgrade),
        UNPROVISIONED(test_parameters_of_set_up),
        UNPROVISIONED(test_proofs_that_fail),
        UNPROVISIONED(test_certificates_that_are_refused),
        UNPROVISIONED(test_a_certificate_of_client_control),
        UNPROVISIONED(f_secure_2018_default_password_is_refused),
        UNPROVISIONED(test_mebx_password),
        UNPROVISIONED(test_unprovision),
        UNPROVISIONED(test_partial_unprovision),
        PROVISIONED(test_the_auditor_can_forbid_to_unprovision),
        UNPROVISIONED(test_no_room_in_the_audit_log),
        UNPROVISIONED(test_client_control_is_forbidden),
        PROVISIONED(test_other_methods),
        UNPROVISIONED(test_hashes),
        PROVISIONED(test_record_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
