/* SPDX-License-Identifier: ISC */
/* AMT_AuditLog, AMT_AuditPolicyRule, and what other providers write into the log. */
#include "unit.h"

#include "audit/audit.h"
#include "audit/audit_event.h"
#include "audit/audit_log.h"
#include "audit/audit_policy.h"
#include "base/sbuf.h"
#include "cim/schema.h"
#include "crypto/crypto.h"
#include "providers/host_double.h"
#include "settings/redir_settings.h"
#include "store/store.h"

enum { SECOND_US = 1000000, AUDIT_FAIL = 2075, STANDARD = 32768 };

static struct call_double test;
static struct cim_bag in;
static struct cim_bag out;
static const uint8_t peer[16] = {[10] = 0xff, 0xff, 192, 0, 2, 1};
static const struct cim_caller auditor = {
    .user = "auditor", .realms = UINT64_MAX, .peer = peer};

static int reset(void **state)
{
    (void)state;
    host_double_reset();
    assert_int_equal(crypto_start(), 0);
    assert_int_equal(store_start(), 0);
    assert_int_equal(audit_start(), 0);
    return 0;
}

static void begin(const struct cim_class *class, const char *method)
{
    call_double_begin(&test, class, method);
    test.call.caller = &auditor;
}

static uint32_t invoke(void)
{
    assert_int_equal(call_double_invoke(&test), CIM_OK);
    return test.call.return_value;
}

static uint64_t property(const struct cim_class *class, const char *name)
{
    const struct cim_path path = {.class = class};

    assert_int_equal(cim_get(&host_double_admin, &path, &out), CIM_OK);
    return cim_get_uint(&out, name, UINT64_MAX);
}

static uint64_t log_property(const char *name)
{
    return property(&AMT_AuditLog_class, name);
}

/* Application and event of a record: application * 100 + event, as consoles name them. */
static unsigned event_at(size_t index)
{
    struct span record = audit_log_at(index);

    assert_true(record.len > 4);
    return (unsigned)record.ptr[1] * 100 + record.ptr[3];
}

static unsigned last_event(void)
{
    return audit_log_count() == 0 ? 0 : event_at(audit_log_count() - 1);
}

static uint32_t read_records(uint32_t start)
{
    begin(&AMT_AuditLog_class, "ReadRecords");
    cim_set_uint(&test.in, "StartIndex", start);
    return invoke();
}

static uint32_t set_lock(uint32_t flag, uint32_t seconds, uint32_t handle)
{
    begin(&AMT_AuditLog_class, "SetAuditLock");
    cim_set_uint(&test.in, "Flag", flag);
    cim_set_uint(&test.in, "LockTimeoutInSeconds", seconds);
    cim_set_uint(&test.in, "Handle", handle);
    return invoke();
}

static uint32_t clear(void)
{
    begin(&AMT_AuditLog_class, "ClearLog");
    return invoke();
}

static uint32_t request_state(const struct cim_class *class, uint32_t state)
{
    begin(class, "RequestStateChange");
    cim_set_uint(&test.in, "RequestedState", state);
    return invoke();
}

static uint32_t set_policy(uint16_t id, bool is_enabled, bool is_critical)
{
    begin(&AMT_AuditPolicyRule_class, "SetAuditPolicy");
    cim_set_boolean(&test.in, "Enable", is_enabled);
    cim_set_uint(&test.in, "AuditedAppID", id >> 8);
    cim_set_uint(&test.in, "EventID", id & 0xff);
    cim_set_uint(&test.in, "PolicyType", is_critical ? 1 : 0);
    return invoke();
}

static int put_storage(uint8_t storage)
{
    const struct cim_path path = {.class = &AMT_AuditLog_class};

    cim_bag_init_instance(&in, &AMT_AuditLog_class);
    cim_set_uint(&in, "StoragePolicy", storage);
    return cim_put(&auditor, &path, &in, &out);
}

/* No roll-over, and records until there is no room for one more. */
static void fill(void)
{
    const struct audit_who who = {.user = "filler"};

    assert_int_equal(put_storage(0), CIM_OK);
    while (!audit_log_is_full()) {
        audit_tell(AUDIT_EVENT(AUDIT_TIME_SET), &who, span_of("0123456789", 10));
    }
    for (int i = 0; i < 20; i++) {
        audit_tell(AUDIT_EVENT(AUDIT_TIME_SET), &who, span_of(NULL, 0));
    }
}

static void note_many(unsigned count)
{
    const struct audit_who who = {.user = "admin", .peer = peer};

    for (unsigned i = 0; i < count; i++) {
        const uint8_t number[4] = {0, 0, (uint8_t)(i >> 8), (uint8_t)i};
        audit_tell(AUDIT_EVENT(AUDIT_TIME_SET), &who, span_of(number, sizeof(number)));
    }
}

static void test_as_delivered(void **state)
{
    (void)state;
    assert_int_equal(log_property("AuditState"), 16);
    assert_int_equal(log_property("EnabledState"), 2);
    assert_int_equal(log_property("RequestedState"), 2);
    assert_int_equal(log_property("StoragePolicy"), 1);
    assert_int_equal(log_property("OverwritePolicy"), 2);
    assert_int_equal(log_property("PercentageFree"), 100);
    assert_int_equal(log_property("CurrentNumberOfRecords"), 0);
    assert_int_equal(log_property("MaxAllowedAuditors"), 1);
}

static void test_read_in_pieces(void **state)
{
    uint32_t at = 1;
    unsigned calls = 0;

    (void)state;
    assert_int_equal(read_records(1), 0);
    assert_int_equal(cim_get_uint(&test.out, "TotalRecordCount", 9), 0);
    assert_int_equal(cim_get_uint(&test.out, "RecordsReturned", 9), 0);
    note_many(25);
    while (at <= 25) {
        uint64_t count;

        assert_int_equal(read_records(at), 0);
        assert_int_equal(cim_get_uint(&test.out, "TotalRecordCount", 0), 25);
        count = cim_get_uint(&test.out, "RecordsReturned", 0);
        assert_int_equal(count, cim_bag_count(&test.out, "EventRecords"));
        assert_in_range(count, 1, 10);
        for (size_t i = 0; i < count; i++) {
            uint8_t text[256];
            struct sbuf expected;

            sbuf_init(&expected, text, sizeof(text));
            sbuf_put_base64(&expected, audit_log_at(at - 1 + i));
            assert_true(span_equal(cim_bag_get(&test.out, "EventRecords", i)->bytes,
                                   sbuf_span(&expected)));
        }
        at += (uint32_t)count;
        calls++;
    }
    assert_int_equal(calls, 3);
    assert_int_equal(read_records(0), 35);
    assert_int_equal(read_records(26), 35);
    assert_int_equal(read_records(UINT32_MAX), 35);
    assert_int_equal(log_property("CurrentNumberOfRecords"), 25);
}

static void test_clear_leaves_who_did_it(void **state)
{
    (void)state;
    note_many(25);
    assert_int_equal(clear(), 0);
    assert_int_equal(audit_log_count(), 1);
    assert_int_equal(last_event(), 2000);
    assert_memory_equal(audit_log_at(0).ptr + 6, "auditor", 7);
}

static void test_lock(void **state)
{
    uint32_t handle;

    (void)state;
    note_many(5);
    assert_int_equal(set_lock(2, 0, 1), 19);
    assert_int_equal(set_lock(0, 30, 0), 0);
    handle = (uint32_t)cim_get_uint(&test.out, "Handle", 0);
    assert_true(handle != 0);
    assert_int_equal(log_property("AuditState"), 16 | 2);
    assert_int_equal(set_lock(0, 30, 0), 18);
    assert_int_equal(cim_get_uint(&test.out, "Handle", 0), 0);
    assert_int_equal(set_lock(2, 0, handle + 2), 2053);
    assert_int_equal(set_lock(3, 10, handle), 36);
    assert_int_equal(set_lock(1, 0, 0), 36);
    assert_int_equal(clear(), STANDARD + 18);
    assert_int_equal(audit_log_count(), 5);
    assert_int_equal(set_lock(2, 0, handle), 0);
    assert_int_equal(log_property("AuditState"), 16);
    assert_int_equal(set_lock(0, 30, 0), 0);
    host_double_now_us += 30ull * SECOND_US;
    assert_int_equal(log_property("AuditState"), 16);
    assert_int_equal(clear(), 0);
}

static void test_off_and_on(void **state)
{
    (void)state;
    assert_int_equal(request_state(&AMT_AuditLog_class, 3), 0);
    assert_int_equal(last_event(), 2002);
    assert_int_equal(log_property("EnabledState"), 3);
    assert_int_equal(log_property("AuditState"), 16 | 1);
    note_many(3);
    assert_int_equal(audit_log_count(), 1);
    assert_int_equal(request_state(&AMT_AuditLog_class, 2), 0);
    assert_int_equal(last_event(), 2003);
    assert_int_equal(audit_log_count(), 2);
    assert_int_equal(request_state(&AMT_AuditLog_class, 9), STANDARD + 36);
}

static void test_storage_policy(void **state)
{
    (void)state;
    assert_int_equal(put_storage(0), CIM_OK);
    assert_int_equal(last_event(), 2001);
    assert_int_equal(log_property("StoragePolicy"), 0);
    assert_int_equal(log_property("OverwritePolicy"), 7);
    assert_int_equal(put_storage(3), CIM_ERR_REPRESENTATION);
    assert_int_equal(put_storage(2), CIM_OK);
    assert_int_equal(log_property("MinDaysToKeep"), 0);
}

static void test_nearly_full_and_full(void **state)
{
    bool was_nearly = false;
    const struct audit_who who = {.user = "filler"};

    (void)state;
    assert_int_equal(put_storage(0), CIM_OK);
    while (!audit_log_is_full()) {
        unsigned percent;

        audit_tell(AUDIT_EVENT(AUDIT_TIME_SET), &who, span_of("0123456789", 10));
        percent = (unsigned)log_property("PercentageFree");
        if (audit_log_is_full()) {
            break;
        }
        assert_int_equal(log_property("AuditState"), percent <= 15 ? 16 | 4 : 16);
        was_nearly = was_nearly || percent <= 15;
    }
    assert_true(was_nearly);
    assert_int_equal(log_property("AuditState"), 16 | 8);
}

/* What cannot be recorded and must be is not done. */
static void test_critical_events_are_refused(void **state)
{
    bool is_enabled = redir_settings_get()->sol_enabled;
    uint32_t state_now = (uint32_t)property(&AMT_RedirectionService_class,
                                            "EnabledState");
    const struct cim_path path = {.class = &AMT_RedirectionService_class};

    (void)state;
    assert_int_equal(set_policy(AUDIT_RCO_RESET, true, true), 0);
    assert_int_equal(set_policy(AUDIT_SOL_DISABLED, true, true), 0);
    assert_int_equal(set_policy(AUDIT_SOL_ENABLED, true, true), 0);
    assert_int_equal(set_policy(AUDIT_POLICY_MODIFIED, true, true), 0);
    fill();
    begin(&CIM_PowerManagementService_class, "RequestPowerStateChange");
    cim_set_uint(&test.in, "PowerState", 10);
    cim_set_path(&test.in, "ManagedElement", &CIM_ComputerSystem_class,
                 "CreationClassName", "CIM_ComputerSystem", "Name", "ManagedSystem",
                 (char *)NULL);
    assert_int_equal(invoke(), STANDARD + AUDIT_FAIL);
    assert_int_equal(host_double_requests, 0);
    assert_int_equal(request_state(&AMT_RedirectionService_class, state_now ^ 2),
                     STANDARD + AUDIT_FAIL);
    cim_bag_init_instance(&in, &AMT_RedirectionService_class);
    cim_set_uint(&in, "EnabledState", state_now ^ 2);
    assert_int_equal(cim_put(&auditor, &path, &in, &out), CIM_ERR_AUDIT);
    assert_int_equal(redir_settings_get()->sol_enabled, is_enabled);
    assert_int_equal(set_policy(AUDIT_RCO_RESET, false, false), AUDIT_FAIL);
    assert_int_equal(clear(), 0); /* who clears it makes room */
    assert_int_equal(request_state(&AMT_RedirectionService_class, state_now ^ 2), 0);
    assert_int_equal(redir_settings_get()->sol_enabled, !is_enabled);
}

static uint32_t power(unsigned wanted)
{
    begin(&CIM_PowerManagementService_class, "RequestPowerStateChange");
    cim_set_uint(&test.in, "PowerState", wanted);
    cim_set_path(&test.in, "ManagedElement", &CIM_ComputerSystem_class,
                 "CreationClassName", "CIM_ComputerSystem", "Name", "ManagedSystem",
                 (char *)NULL);
    if (call_double_invoke(&test) == CIM_PENDING) {
        host_double_answer(vamt_Status_STATUS_OK);
    }
    return test.call.return_value;
}

static void test_power_is_audited(void **state)
{
    static const struct {
        unsigned state;
        unsigned event;
    } cases[] = {{5, 1702}, {8, 1701}, {10, 1703}, {11, 1709}, {12, 1705}, {14, 1706}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(power(cases[i].state), 0);
        assert_int_equal(last_event(), cases[i].event);
        assert_int_equal(audit_log_count(), i + 1);
    }
    assert_int_not_equal(power(2), 0); /* it is on: nothing happens, nothing is noted */
    assert_int_equal(audit_log_count(), sizeof(cases) / sizeof(cases[0]));
}

static void test_redirection_is_audited(void **state)
{
    const struct cim_class *service = &AMT_RedirectionService_class;

    (void)state;
    assert_int_equal(request_state(service, 32768), 0);
    assert_int_equal(clear(), 0);
    assert_int_equal(request_state(service, 32771), 0);
    assert_int_equal(event_at(1), 1802);
    assert_int_equal(event_at(2), 1806);
    assert_int_equal(request_state(service, 32769), 0);
    assert_int_equal(last_event(), 1807);
    assert_int_equal(request_state(service, 32769), 0); /* as it is already */
    assert_int_equal(audit_log_count(), 4);
    assert_int_equal(request_state(&CIM_KVMRedirectionSAP_class, 3), 0);
    assert_int_equal(request_state(&CIM_KVMRedirectionSAP_class, 2), 0);
    assert_int_equal(last_event(), 1810);
}

static void test_policy_rule(void **state)
{
    size_t count;

    (void)state;
    (void)property(&AMT_AuditPolicyRule_class, "Enabled");
    count = cim_bag_count(&out, "AuditApplicationEventID");
    assert_int_equal(count, 98);
    assert_int_equal(cim_bag_get(&out, "AuditApplicationEventID", 0)->uint, 16 << 16);
    assert_int_equal(set_policy(AUDIT_PROVISIONING_STARTED, false, false), 0);
    assert_int_equal(last_event(), 2001);
    assert_int_equal(set_policy(AUDIT_ID(16, 1), true, true), 0);
    (void)property(&AMT_AuditPolicyRule_class, "Enabled");
    assert_int_equal(cim_bag_count(&out, "PolicyType"), 97);
    assert_int_equal(cim_bag_get(&out, "AuditApplicationEventID", 0)->uint, 16 << 16 | 1);
    assert_int_equal(cim_bag_get(&out, "PolicyType", 0)->uint, 1);
    assert_int_equal(set_policy(AUDIT_ID(16, 20), true, false), 36);
    assert_int_equal(set_policy(AUDIT_ID(31, 0), true, false), 36);
    begin(&AMT_AuditPolicyRule_class, "SetAuditPolicy");
    cim_set_boolean(&test.in, "Enable", true);
    cim_set_uint(&test.in, "AuditedAppID", 16);
    cim_set_uint(&test.in, "EventID", 0);
    cim_set_uint(&test.in, "PolicyType", 2);
    assert_int_equal(invoke(), 36);
}

static void test_policy_in_bulk(void **state)
{
    (void)state;
    begin(&AMT_AuditPolicyRule_class, "SetAuditPolicyBulk");
    for (unsigned i = 0; i < 20; i++) {
        cim_set_boolean(&test.in, "Enable", false);
        cim_set_uint(&test.in, "AuditedAppID", 16);
        cim_set_uint(&test.in, "EventID", i);
        cim_set_uint(&test.in, "PolicyType", 0);
    }
    assert_int_equal(invoke(), 0);
    (void)property(&AMT_AuditPolicyRule_class, "Enabled");
    assert_int_equal(cim_bag_count(&out, "PolicyType"), 78);

    begin(&AMT_AuditPolicyRule_class, "SetAuditPolicyBulk"); /* arrays of other lengths */
    cim_set_boolean(&test.in, "Enable", true);
    cim_set_boolean(&test.in, "Enable", true);
    cim_set_uint(&test.in, "AuditedAppID", 16);
    cim_set_uint(&test.in, "EventID", 0);
    cim_set_uint(&test.in, "PolicyType", 0);
    assert_int_equal(invoke(), 36);
    (void)property(&AMT_AuditPolicyRule_class, "Enabled");
    assert_int_equal(cim_bag_count(&out, "PolicyType"), 78);
}

static void test_signatures_need_a_key(void **state)
{
    (void)state;
    begin(&AMT_AuditLog_class, "ExportAuditLogSignature");
    cim_set_uint(&test.in, "SigningMechanism", 1);
    assert_int_equal(invoke(), 2060);
}

/* Only an auditor's realm opens it. */
static void test_realm(void **state)
{
    static const struct cim_caller other = {.user = "other",
                                            .realms = UINT64_MAX & ~(1ull << 20)};
    const struct cim_path log = {.class = &AMT_AuditLog_class};
    const struct cim_path rule = {.class = &AMT_AuditPolicyRule_class};

    (void)state;
    assert_int_equal(cim_get(&other, &log, &out), CIM_ERR_DENIED);
    assert_int_equal(cim_get(&other, &rule, &out), CIM_ERR_DENIED);
    begin(&AMT_AuditLog_class, "ClearLog");
    test.call.caller = &other;
    assert_int_equal(call_double_invoke(&test), CIM_ERR_DENIED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_as_delivered, reset),
        cmocka_unit_test_setup(test_read_in_pieces, reset),
        cmocka_unit_test_setup(test_clear_leaves_who_did_it, reset),
        cmocka_unit_test_setup(test_lock, reset),
        cmocka_unit_test_setup(test_off_and_on, reset),
        cmocka_unit_test_setup(test_storage_policy, reset),
        cmocka_unit_test_setup(test_nearly_full_and_full, reset),
        cmocka_unit_test_setup(test_critical_events_are_refused, reset),
        cmocka_unit_test_setup(test_power_is_audited, reset),
        cmocka_unit_test_setup(test_redirection_is_audited, reset),
        cmocka_unit_test_setup(test_policy_rule, reset),
        cmocka_unit_test_setup(test_policy_in_bulk, reset),
        cmocka_unit_test_setup(test_signatures_need_a_key, reset),
        cmocka_unit_test_setup(test_realm, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
