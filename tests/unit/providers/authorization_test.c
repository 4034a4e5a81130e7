/* SPDX-License-Identifier: ISC */
/* AMT_AuthorizationService: every method, every refusal, and who may what. */
#include "unit.h"

#include <stdio.h>

#include "account/account.h"
#include "audit/audit_event.h"
#include "audit/audit_log.h"
#include "audit/audit_policy.h"
#include "cim/schema.h"
#include "providers/host_double.h"
#include "setup/setup_world.h"
#include "store/flash_sim.h"

enum { BAD_NAME = 12, NOT_PERMITTED = 16, MAX_LIMIT = 23, BAD_INDEX = 35 };
enum { BAD_PARAMETER = 36, BAD_HANDLE = 2053, BAD_PASSWORD = 2054, BAD_REALM = 2055 };
enum { DUPLICATE = 2058, MAX_DOMAINS = 2065, AUDIT_FAIL = 2075 };
enum { FIRST = ACCOUNT_SYSTEM_COUNT + 1 };
#define REALM(r) ((uint64_t)1 << (r))

static const struct cim_class *const service = &AMT_AuthorizationService_class;
static const uint8_t ha1[ACCOUNT_HA1_LEN] = {1, 2, 3};
static const uint8_t other_ha1[ACCOUNT_HA1_LEN] = {4, 5, 6};
static struct call_double test;
static struct cim_caller clerk; /* realm ACL and remote control */

static int open_world(void **state)
{
    (void)state;
    setup_world_open(false);
    clerk = host_double_admin;
    clerk.user = "clerk";
    clerk.realms = REALM(ACCOUNT_REALM_ACL) | REALM(ACCOUNT_REALM_REMOTE_CONTROL);
    return setup_world_start();
}

static int close_world(void **state)
{
    (void)state;
    setup_world_close();
    return 0;
}

static void begin(const char *method)
{
    call_double_begin(&test, service, method);
}

static uint32_t invoke(void)
{
    assert_int_equal(call_double_invoke(&test), CIM_OK);
    return test.call.return_value;
}

static uint32_t on_handle(const char *method, uint32_t handle)
{
    begin(method);
    cim_set_uint(&test.in, "Handle", handle);
    return invoke();
}

static void set_user(const char *name, const uint8_t *hash, uint64_t access,
                     uint64_t realm)
{
    if (name != NULL) {
        cim_set_text(&test.in, "DigestUsername", name);
    }
    if (hash != NULL) {
        cim_set_octets(&test.in, "DigestPassword", span_of(hash, ACCOUNT_HA1_LEN));
    }
    cim_set_uint(&test.in, "AccessPermission", access);
    cim_set_uint(&test.in, "Realms", realm);
}

static uint32_t add(const char *name, uint64_t realm)
{
    begin("AddUserAclEntryEx");
    set_user(name, ha1, 2, realm);
    return invoke();
}

static uint32_t add_sid(uint8_t domain, uint8_t number, size_t len)
{
    uint8_t sid[40] = {1};

    sid[20] = domain;
    sid[24] = number;
    begin("AddUserAclEntryEx");
    cim_set_octets(&test.in, "KerberosUserSid", span_of(sid, len));
    set_user(NULL, NULL, 1, 2);
    return invoke();
}

static uint32_t update(uint32_t handle, const char *name, const uint8_t *hash,
                       uint64_t realm)
{
    begin("UpdateUserAclEntryEx");
    cim_set_uint(&test.in, "Handle", handle);
    set_user(name, hash, 2, realm);
    return invoke();
}

static uint64_t out(const char *name)
{
    return cim_get_uint(&test.out, name, UINT64_MAX);
}

static void test_add_and_get(void **state)
{
    (void)state;
    begin("AddUserAclEntryEx");
    set_user("bob", ha1, 1, 5);
    cim_set_uint(&test.in, "Realms", 2);
    assert_int_equal(invoke(), 0);
    assert_int_equal(out("Handle"), FIRST);
    assert_int_equal(on_handle("GetUserAclEntryEx", FIRST), 0);
    assert_true(span_equal_str(cim_get_text(&test.out, "DigestUsername"), "bob"));
    assert_int_equal(out("AccessPermission"), 1);
    assert_int_equal(cim_bag_count(&test.out, "Realms"), 2);
    assert_int_equal(cim_bag_get(&test.out, "Realms", 0)->uint, 2);
    assert_int_equal(cim_bag_get(&test.out, "Realms", 1)->uint, 5);
    assert_int_equal(cim_bag_count(&test.out, "DigestPassword"), 0); /* nobody reads it */
    assert_int_equal(cim_bag_count(&test.out, "KerberosUserSid"), 0);
    assert_memory_equal(account_by_handle(FIRST)->ha1, ha1, sizeof(ha1));
    assert_int_equal(add_sid(1, 1, 28), 0);
    assert_int_equal(on_handle("GetUserAclEntryEx", FIRST + 1), 0);
    assert_int_equal(cim_bag_get(&test.out, "KerberosUserSid", 0)->bytes.len, 28);
    assert_int_equal(cim_bag_count(&test.out, "DigestUsername"), 0);
    assert_int_equal(on_handle("GetUserAclEntryEx", 99), BAD_HANDLE);
}

static void test_add_is_refused(void **state)
{
    static const uint8_t zeros[ACCOUNT_HA1_LEN];

    (void)state;
    assert_int_equal(add("a:b", 5), BAD_NAME);
    assert_int_equal(add("$$x", 5), BAD_NAME);
    assert_int_equal(add("seventeen-letters", 5), BAD_NAME);
    assert_int_equal(add("", 5), BAD_NAME);
    assert_int_equal(add("admin", 5), DUPLICATE);
    assert_int_equal(add("bob", 0), BAD_REALM);
    assert_int_equal(add("bob", 1), BAD_REALM);
    assert_int_equal(add("bob", 22), BAD_REALM);
    assert_int_equal(add("bob", 24), BAD_REALM);
    assert_int_equal(add("bob", 66), BAD_REALM);
    assert_int_equal(add("bob", 4294967295), BAD_REALM);
    begin("AddUserAclEntryEx"); /* no password */
    set_user("bob", NULL, 2, 5);
    assert_int_equal(invoke(), BAD_PASSWORD);
    begin("AddUserAclEntryEx");
    set_user("bob", zeros, 2, 5);
    assert_int_equal(invoke(), BAD_PASSWORD);
    begin("AddUserAclEntryEx"); /* the password itself, as one library sends it */
    set_user("bob", NULL, 2, 5);
    cim_set_octets(&test.in, "DigestPassword", span_str("P@ssw0rd"));
    assert_int_equal(invoke(), BAD_PASSWORD);
    begin("AddUserAclEntryEx");
    set_user("bob", ha1, 3, 5);
    assert_int_equal(invoke(), BAD_PARAMETER);
    begin("AddUserAclEntryEx"); /* neither name nor SID */
    set_user(NULL, ha1, 2, 5);
    assert_int_equal(invoke(), BAD_NAME);
    assert_int_equal(add_sid(1, 1, 27), BAD_PARAMETER);
    assert_int_equal(add_sid(1, 1, 32), BAD_PARAMETER);
    assert_int_equal(add_sid(1, 1, 0), BAD_PARAMETER);
    assert_int_equal(account_count(), ACCOUNT_SYSTEM_COUNT);
    assert_int_equal(add("bob", 5), 0);
    assert_int_equal(add("bob", 5), DUPLICATE);
}

static void test_limits(void **state)
{
    char name[16];

    (void)state;
    for (int i = 0; i < CONFIG_ACCOUNT_USERS; i++) {
        snprintf(name, sizeof(name), "u%d", i);
        assert_int_equal(add(name, 5), 0);
    }
    assert_int_equal(add("more", 5), MAX_LIMIT);
    for (uint8_t i = 0; i < CONFIG_ACCOUNT_DOMAINS; i++) {
        assert_int_equal(add_sid(i, 1, 28), 0);
    }
    assert_int_equal(add_sid(CONFIG_ACCOUNT_DOMAINS, 1, 28), MAX_DOMAINS);
    for (uint8_t i = CONFIG_ACCOUNT_DOMAINS; i < CONFIG_ACCOUNT_KERBEROS; i++) {
        assert_int_equal(add_sid(0, (uint8_t)(100 + i), 28), 0);
    }
    assert_int_equal(add_sid(0, 99, 28), MAX_LIMIT);
}

static void test_update(void **state)
{
    (void)state;
    assert_int_equal(add("bob", 5), 0);
    assert_int_equal(update(FIRST, "bob", NULL, 2), 0); /* the password stays */
    assert_memory_equal(account_by_handle(FIRST)->ha1, ha1, sizeof(ha1));
    assert_true(account_by_handle(FIRST)->realms == REALM(2));
    assert_int_equal(update(FIRST, NULL, NULL, 5), 0); /* and the name */
    assert_string_equal(account_by_handle(FIRST)->name, "bob");
    assert_int_equal(update(FIRST, "bob", other_ha1, 5), 0);
    assert_memory_equal(account_by_handle(FIRST)->ha1, other_ha1, sizeof(ha1));
    /* A hash belongs to a name: with a new one the old is worth nothing. */
    assert_int_equal(update(FIRST, "rob", NULL, 5), BAD_PASSWORD);
    assert_string_equal(account_by_handle(FIRST)->name, "bob");
    assert_int_equal(update(FIRST, "rob", ha1, 5), 0);
    assert_string_equal(account_by_handle(FIRST)->name, "rob");
    assert_int_equal(update(FIRST, "admin", ha1, 5), DUPLICATE);
    assert_int_equal(update(FIRST, "$$OsAdmin", ha1, 5), BAD_NAME);
    assert_int_equal(update(FIRST, "rob", ha1, 23), BAD_REALM);
    assert_int_equal(update(99, "rob", ha1, 5), BAD_HANDLE);
    assert_int_equal(update(1, "rob", ha1, 5), NOT_PERMITTED);
    assert_int_equal(add_sid(1, 1, 28), 0);
    assert_int_equal(update(FIRST + 1, "digest", ha1, 5), BAD_NAME);
    assert_int_equal(update(FIRST + 1, NULL, NULL, 5), 0);
    assert_int_equal(account_by_handle(FIRST + 1)->sid_len, 28);
}

static void test_enumerate(void **state)
{
    (void)state;
    begin("EnumerateUserAclEntries");
    cim_set_uint(&test.in, "StartIndex", 1);
    assert_int_equal(invoke(), 0);
    assert_int_equal(out("TotalCount"), 2); /* one console needs two or none */
    assert_int_equal(out("HandlesCount"), 2);
    assert_int_equal(cim_bag_get(&test.out, "Handles", 0)->uint, 1);
    assert_int_equal(cim_bag_get(&test.out, "Handles", 1)->uint, 2);
    assert_int_equal(add("bob", 5), 0);
    begin("EnumerateUserAclEntries");
    cim_set_uint(&test.in, "StartIndex", 3);
    assert_int_equal(invoke(), 0);
    assert_int_equal(out("TotalCount"), 3);
    assert_int_equal(out("HandlesCount"), 1);
    assert_int_equal(cim_bag_get(&test.out, "Handles", 0)->uint, FIRST);
    for (int i = 0; i < 2; i++) {
        begin("EnumerateUserAclEntries");
        cim_set_uint(&test.in, "StartIndex", i == 0 ? 0 : 4);
        assert_int_equal(invoke(), BAD_INDEX);
    }
}

static void test_enabled_state(void **state)
{
    (void)state;
    assert_int_equal(add("bob", 5), 0);
    assert_int_equal(on_handle("GetAclEnabledState", FIRST), 0);
    assert_true(cim_get_boolean(&test.out, "Enabled", false));
    begin("SetAclEnabledState");
    cim_set_uint(&test.in, "Handle", FIRST);
    cim_set_boolean(&test.in, "Enabled", false);
    assert_int_equal(invoke(), 0);
    assert_int_equal(on_handle("GetAclEnabledState", FIRST), 0);
    assert_false(cim_get_boolean(&test.out, "Enabled", true));
    assert_null(account_find(span_str("bob")));
    assert_int_equal(on_handle("GetAclEnabledState", 77), BAD_HANDLE);
    begin("SetAclEnabledState");
    cim_set_uint(&test.in, "Handle", 2);
    cim_set_boolean(&test.in, "Enabled", false);
    assert_int_equal(invoke(), NOT_PERMITTED);
}

static void test_remove(void **state)
{
    (void)state;
    assert_int_equal(add("bob", 5), 0);
    assert_int_equal(on_handle("RemoveUserAclEntry", FIRST), 0);
    assert_int_equal(on_handle("RemoveUserAclEntry", FIRST), BAD_HANDLE);
    assert_int_equal(on_handle("RemoveUserAclEntry", 1), NOT_PERMITTED);
    assert_int_equal(on_handle("RemoveUserAclEntry", 0), BAD_HANDLE);
}

static uint32_t set_admin(const char *name, struct span hash)
{
    begin("SetAdminAclEntryEx");
    cim_set_text(&test.in, "Username", name);
    cim_set_octets(&test.in, "DigestPassword", hash);
    return invoke();
}

static void test_administrator(void **state)
{
    static const uint8_t zeros[ACCOUNT_HA1_LEN];

    (void)state;
    assert_int_equal(add("bob", 5), 0);
    assert_int_equal(set_admin("", span_of(ha1, 16)), BAD_NAME);
    assert_int_equal(set_admin("$$admin", span_of(ha1, 16)), BAD_NAME);
    assert_int_equal(set_admin("bob", span_of(ha1, 16)), DUPLICATE);
    assert_int_equal(set_admin("root", span_of(ha1, 15)), BAD_PASSWORD);
    assert_int_equal(set_admin("root", span_of(zeros, 16)), BAD_PASSWORD);
    assert_string_equal(account_admin()->name, "admin");
    assert_int_equal(set_admin("root", span_of(ha1, 16)), 0);
    assert_memory_equal(account_admin()->ha1, ha1, sizeof(ha1));
    begin("GetAdminAclEntry");
    assert_int_equal(invoke(), 0);
    assert_true(span_equal_str(cim_get_text(&test.out, "Username"), "root"));
    begin("GetAdminAclEntryStatus");
    assert_int_equal(invoke(), 0);
    assert_false(cim_get_boolean(&test.out, "IsDefault", true));
    begin("GetAdminNetAclEntryStatus");
    assert_int_equal(invoke(), 0);
    assert_false(cim_get_boolean(&test.out, "IsDefault", true));
}

/* ---- who may what ---- */

static int invoke_as(const struct cim_caller *caller)
{
    test.call.caller = caller;
    return cim_invoke(&test.call);
}

static uint32_t as_clerk(void)
{
    assert_int_equal(invoke_as(&clerk), CIM_OK);
    return test.call.return_value;
}

static void prepare(const char *method, uint32_t handle, const char *name, uint64_t realm)
{
    begin(method);
    if (handle > 0) {
        cim_set_uint(&test.in, "Handle", handle);
    }
    if (name != NULL) {
        set_user(name, ha1, 2, realm);
    }
}

static void test_nobody_gives_away_what_he_has_not(void **state)
{
    (void)state;
    assert_int_equal(add("boss", ACCOUNT_REALM_ADMINISTRATION), 0);
    assert_int_equal(add("rc", ACCOUNT_REALM_REMOTE_CONTROL), 0);
    prepare("AddUserAclEntryEx", 0, "new", ACCOUNT_REALM_REMOTE_CONTROL);
    assert_int_equal(as_clerk(), 0);
    prepare("AddUserAclEntryEx", 0, "new2", ACCOUNT_REALM_REDIRECTION);
    assert_int_equal(as_clerk(), NOT_PERMITTED);
    prepare("AddUserAclEntryEx", 0, "new2", ACCOUNT_REALM_ADMINISTRATION);
    assert_int_equal(as_clerk(), NOT_PERMITTED);
    prepare("UpdateUserAclEntryEx", FIRST + 1, "rc", ACCOUNT_REALM_ADMINISTRATION);
    assert_int_equal(as_clerk(), NOT_PERMITTED);
    /* nor does he become the boss by giving the boss a new password */
    prepare("UpdateUserAclEntryEx", FIRST, "boss", ACCOUNT_REALM_REMOTE_CONTROL);
    assert_int_equal(as_clerk(), NOT_PERMITTED);
    prepare("RemoveUserAclEntry", FIRST, NULL, 0);
    assert_int_equal(as_clerk(), NOT_PERMITTED);
    prepare("SetAclEnabledState", FIRST, NULL, 0);
    cim_set_boolean(&test.in, "Enabled", false);
    assert_int_equal(as_clerk(), NOT_PERMITTED);
    prepare("RemoveUserAclEntry", FIRST + 1, NULL, 0);
    assert_int_equal(as_clerk(), 0);
    prepare("GetUserAclEntryEx", FIRST, NULL, 0);
    assert_int_equal(as_clerk(), 0);
}

static void test_realms_of_methods(void **state)
{
    struct cim_caller reader = clerk;
    struct cim_path path = {.class = service};
    static struct cim_bag bag;

    (void)state;
    begin("SetAdminAclEntryEx");
    cim_set_text(&test.in, "Username", "clerk");
    cim_set_octets(&test.in, "DigestPassword", span_of(ha1, 16));
    assert_int_equal(invoke_as(&clerk), CIM_ERR_DENIED);
    reader.realms = REALM(ACCOUNT_REALM_GENERAL_INFO);
    assert_int_equal(cim_get(&reader, &path, &bag), CIM_OK);
    prepare("GetUserAclEntryEx", 1, NULL, 0);
    assert_int_equal(invoke_as(&reader), CIM_ERR_DENIED);
    begin("GetAdminAclEntry");
    assert_int_equal(invoke_as(&reader), CIM_ERR_DENIED);
    prepare("AddUserAclEntryEx", 0, "new", ACCOUNT_REALM_GENERAL_INFO);
    assert_int_equal(invoke_as(&reader), CIM_ERR_DENIED);
    reader.realms = REALM(ACCOUNT_REALM_REMOTE_CONTROL);
    assert_int_equal(cim_get(&reader, &path, &bag), CIM_ERR_DENIED);
    reader.realms = REALM(ACCOUNT_REALM_LOCAL_SYSTEM);
    assert_int_equal(cim_get(&reader, &path, &bag), CIM_ERR_DENIED);
    assert_string_equal(account_admin()->name, "admin");
}

static void make_critical(uint16_t id)
{
    const struct audit_policy_entry entry = {
        .event = AUDIT_EVENT(id), .is_enabled = true, .is_critical = true};

    assert_int_equal(audit_policy_set(&entry, 1), 0);
}

static struct flash_ops broken;

static int refuse_program(struct flash *flash, uint32_t at, struct span bytes)
{
    (void)flash;
    (void)at;
    (void)bytes;
    return -1;
}

/* What must be recorded and cannot be is not done. */
static void test_audit_comes_first(void **state)
{
    const struct flash_ops *good = setup_world_sim.flash.ops;

    (void)state;
    assert_int_equal(add("bob", 5), 0);
    make_critical(AUDIT_ACL_ADDED);
    make_critical(AUDIT_ACL_MODIFIED);
    make_critical(AUDIT_ACL_REMOVED);
    make_critical(AUDIT_ACL_STATE);
    broken = *good;
    broken.program = refuse_program;
    setup_world_sim.flash.ops = &broken;
    assert_int_equal(add("eve", 5), AUDIT_FAIL);
    assert_int_equal(update(FIRST, "bob", other_ha1, 5), AUDIT_FAIL);
    assert_int_equal(on_handle("RemoveUserAclEntry", FIRST), AUDIT_FAIL);
    assert_int_equal(set_admin("root", span_of(ha1, 16)), AUDIT_FAIL);
    prepare("SetAclEnabledState", FIRST, NULL, 0);
    cim_set_boolean(&test.in, "Enabled", false);
    assert_int_equal(invoke(), AUDIT_FAIL);
    setup_world_sim.flash.ops = good;
    assert_string_equal(account_admin()->name, "admin");
    assert_true(account_by_handle(FIRST)->is_enabled);
    assert_memory_equal(account_by_handle(FIRST)->ha1, ha1, sizeof(ha1));
    assert_int_equal(account_count(), FIRST);
}

int main(void)
{
#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, open_world, close_world)
    const struct CMUnitTest tests[] = {
        IN_WORLD(test_add_and_get),
        IN_WORLD(test_add_is_refused),
        IN_WORLD(test_limits),
        IN_WORLD(test_update),
        IN_WORLD(test_enumerate),
        IN_WORLD(test_enabled_state),
        IN_WORLD(test_remove),
        IN_WORLD(test_administrator),
        IN_WORLD(test_nobody_gives_away_what_he_has_not),
        IN_WORLD(test_realms_of_methods),
        IN_WORLD(test_audit_comes_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
