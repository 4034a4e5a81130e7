/* SPDX-License-Identifier: ISC */
/* account/account.c and account_store.c on a simulated flash: users, limits, what survives. */
#include "unit.h"

#include <stdio.h>

#include "account/account.h"
#include "account/account_lock.h"
#include "account/account_rule.h"
#include "audit/audit_log.h"
#include "base/err.h"
#include "providers/host_double.h"
#include "setup/setup.h"
#include "setup/setup_world.h"
#include "store/flash_sim.h"
#include "store/record.h"
#include "store/store.h"

enum { FIRST = ACCOUNT_SYSTEM_COUNT + 1 };
#define REALM(r) ((uint64_t)1 << (r))

static const uint8_t ha1[ACCOUNT_HA1_LEN] = {1, 2, 3};

static int open_world(void **state)
{
    (void)state;
    setup_world_open(false);
    return setup_world_start();
}

static int open_unprovisioned(void **state)
{
    (void)state;
    setup_world_open(true);
    return setup_world_start();
}

static int close_world(void **state)
{
    (void)state;
    setup_world_close();
    return 0;
}

static struct account user(const char *name)
{
    struct account a = {.realms = REALM(ACCOUNT_REALM_REMOTE_CONTROL),
                        .access = ACCOUNT_ACCESS_ANY,
                        .is_enabled = true};

    snprintf(a.name, sizeof(a.name), "%s", name);
    memcpy(a.ha1, ha1, sizeof(ha1));
    return a;
}

/* User `number` of a domain. */
static struct account sid(uint8_t domain, uint8_t number)
{
    struct account a = {.realms = REALM(ACCOUNT_REALM_REDIRECTION),
                        .access = ACCOUNT_ACCESS_NETWORK,
                        .is_enabled = true,
                        .sid_len = ACCOUNT_SID_CAP};

    a.sid[0] = 1;
    a.sid[20] = domain;
    a.sid[24] = number;
    return a;
}

static int add(struct account a)
{
    return account_add(&a);
}

static bool can_log_in(const char *name)
{
    return account_find(span_str(name)) != NULL;
}

static void test_users_survive_a_reset(void **state)
{
    struct account wanted = user("bob");

    (void)state;
    assert_int_equal(add(wanted), FIRST);
    assert_int_equal(add(user("carol")), FIRST + 1);
    assert_int_equal(add(sid(1, 1)), FIRST + 2);
    assert_int_equal(account_set_enabled(FIRST + 1, false), 0);
    wanted.realms = REALM(ACCOUNT_REALM_ACL);
    wanted.access = ACCOUNT_ACCESS_NETWORK;
    wanted.is_admin = true; /* nobody becomes that by asking */
    assert_int_equal(account_update(FIRST, &wanted), 0);
    for (int i = 0; i < 2; i++) {
        const struct account *bob = account_by_handle(FIRST);

        assert_int_equal(account_count(), FIRST + 2);
        assert_string_equal(bob->name, "bob");
        assert_true(bob->realms == wanted.realms && bob->access == wanted.access);
        assert_false(bob->is_admin);
        assert_memory_equal(bob->ha1, ha1, sizeof(ha1));
        assert_true(can_log_in("bob"));
        assert_false(can_log_in("carol"));
        assert_int_equal(account_at(FIRST + 1)->sid_len, ACCOUNT_SID_CAP);
        assert_int_equal(setup_world_start(), 0);
    }
    assert_int_equal(account_remove(FIRST), 0);
    assert_int_equal(setup_world_start(), 0);
    assert_null(account_by_handle(FIRST));
    assert_int_equal(account_count(), FIRST + 1);
    assert_int_equal(add(user("dave")), FIRST); /* the lowest free handle, in order */
    assert_int_equal(account_at(ACCOUNT_SYSTEM_COUNT)->handle, FIRST);
    assert_string_equal(account_at(ACCOUNT_SYSTEM_COUNT + 1)->name, "carol");
}

static void test_the_administrator_survives_a_reset(void **state)
{
    (void)state;
    assert_int_equal(account_set_admin(span_str("root"), ha1), 0);
    for (int i = 0; i < 2; i++) {
        assert_string_equal(account_admin()->name, "root");
        assert_memory_equal(account_admin()->ha1, ha1, sizeof(ha1));
        assert_true(account_admin()->is_admin);
        assert_true(can_log_in("root"));
        assert_false(can_log_in("admin"));
        assert_int_equal(setup_world_start(), 0);
    }
    host_double_set_seed("admin-password", "Another1!"); /* the store counts */
    assert_int_equal(setup_world_start(), 0);
    assert_memory_equal(account_admin()->ha1, ha1, sizeof(ha1));
}

static void test_limits(void **state)
{
    char name[ACCOUNT_SID_CAP];

    (void)state;
    for (int i = 0; i < CONFIG_ACCOUNT_USERS; i++) {
        snprintf(name, sizeof(name), "user%d", i);
        assert_int_equal(add(user(name)), FIRST + i);
    }
    assert_int_equal(add(user("onemore")), ERR_FULL);
    for (uint8_t i = 0; i < CONFIG_ACCOUNT_DOMAINS; i++) {
        assert_true(add(sid(i, 0)) > 0);
    }
    assert_int_equal(add(sid(CONFIG_ACCOUNT_DOMAINS, 0)), ERR_TOO_BIG);
    for (int i = CONFIG_ACCOUNT_DOMAINS; i < CONFIG_ACCOUNT_KERBEROS; i++) {
        assert_true(add(sid(0, (uint8_t)i)) > 0);
    }
    assert_int_equal(add(sid(0, 200)), ERR_FULL);
    assert_int_equal(add(user("onemore")), ERR_FULL);
    assert_int_equal(setup_world_start(), 0);
    assert_int_equal(account_count(), ACCOUNT_SYSTEM_COUNT + CONFIG_ACCOUNT_USERS +
                                          CONFIG_ACCOUNT_KERBEROS);
    assert_int_equal(account_remove(FIRST), 0);
    assert_int_equal(add(user("onemore")), FIRST);
}

static void test_names_and_sids_are_unique(void **state)
{
    struct account bob = user("bob");

    (void)state;
    assert_int_equal(add(bob), FIRST);
    assert_int_equal(add(bob), ERR_EXISTS);
    assert_int_equal(add(user("admin")), ERR_EXISTS);
    assert_int_equal(add(user("Bob")), FIRST + 1);
    assert_int_equal(add(sid(1, 1)), FIRST + 2);
    assert_int_equal(add(sid(1, 1)), ERR_EXISTS);
    assert_int_equal(account_update(FIRST + 1, &bob), ERR_EXISTS);
    assert_int_equal(account_update(FIRST, &bob), 0);
    assert_int_equal(account_set_admin(span_str("bob"), ha1), ERR_EXISTS);
    bob = user("admin");
    assert_int_equal(account_update(FIRST, &bob), ERR_EXISTS);
}

static void test_bad_entries_are_refused(void **state)
{
    static const char *const names[] = {"",      "a:b",        "a,b",  "a\"b", "a\\b",
                                        "a<b",   "a>b",        "a&b",  " ab",  "ab ",
                                        "$$uns", "a\xc3\xa4-", "a\tb", "$$"};
    struct account a;

    (void)state;
    for (size_t i = 0; i < UTIL_COUNT(names); i++) {
        assert_int_equal(add(user(names[i])), ERR_INVALID);
        assert_int_equal(account_set_admin(span_str(names[i]), ha1), ERR_INVALID);
    }
    assert_int_equal(account_set_admin(span_str("seventeen letters"), ha1), ERR_INVALID);
    a = user("bob");
    a.realms = 0;
    assert_int_equal(add(a), ERR_INVALID);
    for (unsigned realm = 0; realm < 64; realm++) {
        a.realms = REALM(realm);
        assert_int_equal(account_realm_is_valid(realm), realm >= 2 && realm <= 21);
        if (!account_realm_is_valid(realm)) {
            assert_int_equal(add(a), ERR_INVALID);
        }
    }
    a = user("bob");
    a.access = (enum account_access)3;
    assert_int_equal(add(a), ERR_INVALID);
    a = sid(1, 1);
    a.sid_len = 27;
    assert_int_equal(add(a), ERR_INVALID);
    snprintf(a.name, sizeof(a.name), "both");
    a.sid_len = 28;
    assert_int_equal(add(a), ERR_INVALID);
    assert_int_equal(account_count(), ACCOUNT_SYSTEM_COUNT);
}

static void test_amts_own_entries_stay(void **state)
{
    struct account bob = user("bob");

    (void)state;
    assert_string_equal(account_by_handle(1)->name, "$$uns");
    assert_string_equal(account_by_handle(2)->name, "$$OsAdmin");
    for (uint32_t handle = 1; handle <= 2; handle++) {
        assert_int_equal(account_update(handle, &bob), ERR_DENIED);
        assert_int_equal(account_remove(handle), ERR_DENIED);
        assert_int_equal(account_set_enabled(handle, false), ERR_DENIED);
    }
    assert_int_equal(account_remove(0), ERR_NOT_FOUND);
    assert_int_equal(account_remove(FIRST), ERR_NOT_FOUND);
    assert_int_equal(account_update(FIRST, &bob), ERR_NOT_FOUND);
    assert_int_equal(account_set_enabled(FIRST, true), ERR_NOT_FOUND);
    assert_null(account_by_handle(0));
    assert_null(account_at(ACCOUNT_SYSTEM_COUNT));
}

/* Local access, disabled entries, Kerberos and AMT's own: none of them over the network. */
static void test_who_may_log_in(void **state)
{
    struct account local = user("local");
    struct account network = user("network");

    (void)state;
    local.access = ACCOUNT_ACCESS_LOCAL;
    network.access = ACCOUNT_ACCESS_NETWORK;
    assert_int_equal(add(local), FIRST);
    assert_int_equal(add(network), FIRST + 1);
    assert_int_equal(add(sid(1, 1)), FIRST + 2);
    assert_false(can_log_in("local"));
    assert_true(can_log_in("network"));
    assert_false(can_log_in(""));
    assert_false(can_log_in("$$OsAdmin"));
    assert_false(can_log_in("$$uns"));
    assert_int_equal(account_set_enabled(FIRST + 1, false), 0);
    assert_false(can_log_in("network"));
    assert_int_equal(account_set_enabled(FIRST + 1, true), 0);
    assert_true(can_log_in("network"));
}

static void test_unprovisioned_admits_the_local_system_only(void **state)
{
    uint8_t expected[ACCOUNT_HA1_LEN];

    (void)state;
    account_make_ha1(span_str("$$OsAdmin"), span_str("L0cal-Passw0rd!"), expected);
    assert_memory_equal(account_find(span_str("$$OsAdmin"))->ha1, expected,
                        sizeof(expected));
    assert_true(account_realms(account_find(span_str("$$OsAdmin"))) ==
                REALM(ACCOUNT_REALM_LOCAL_SYSTEM));
    assert_int_equal(account_set_admin(span_str("admin"), ha1), 0);
    assert_int_equal(add(user("bob")), FIRST);
    assert_false(can_log_in("admin"));
    assert_false(can_log_in("bob"));
    assert_true(can_log_in("$$OsAdmin"));
    assert_int_equal(setup_activate(SETUP_MODE_CLIENT, ha1), 0);
    assert_true(can_log_in("admin"));
    assert_true(can_log_in("bob"));
    assert_false(can_log_in("$$OsAdmin"));
    assert_int_equal(setup_unprovision(true), 0);
    assert_null(account_admin());
    assert_int_equal(account_count(), ACCOUNT_SYSTEM_COUNT);
    host_double_set_seed("local-password", NULL); /* first boot only */
    assert_int_equal(setup_world_start(), 0);
    assert_true(can_log_in("$$OsAdmin"));
}

static void test_no_local_password_no_local_system(void **state)
{
    (void)state;
    setup_world_close();
    setup_world_open(true);
    host_double_set_seed("local-password", "weak");
    assert_int_equal(setup_world_start(), 0);
    assert_false(can_log_in("$$OsAdmin"));
    host_double_set_seed("local-password", NULL);
    assert_int_equal(setup_world_start(), 0);
    assert_false(can_log_in("$$OsAdmin"));
}

static void test_realms_in_force(void **state)
{
    const uint64_t all = ACCOUNT_REALMS_ALL;
    const uint64_t auditor = REALM(ACCOUNT_REALM_AUDIT_LOG);
    struct account boss = user("boss");
    struct account bob = user("bob");

    (void)state;
    boss.realms = REALM(ACCOUNT_REALM_ADMINISTRATION);
    assert_int_equal(add(boss), FIRST);
    assert_true(account_realms(account_admin()) == all);
    assert_true(account_realms(account_by_handle(FIRST)) == all);
    bob.realms |= auditor;
    assert_int_equal(add(bob), FIRST + 1);
    assert_true(account_realms(account_by_handle(FIRST + 1)) == bob.realms);
    assert_true(account_realms(account_admin()) == (all & ~auditor));
    assert_true(account_realms(account_by_handle(FIRST)) == (all & ~auditor));
    assert_int_equal(account_set_enabled(FIRST + 1, false), 0);
    assert_true(account_realms(account_admin()) == all);
}

static void test_unreadable_accounts_are_dropped(void **state)
{
    uint8_t bytes[4096];
    struct span content;
    uint16_t version;

    (void)state;
    assert_int_equal(add(user("bob")), FIRST);
    assert_int_equal(store_view("accounts", &version, &content), 0);
    memcpy(bytes, content.ptr, content.len);
    bytes[content.len - 1 - 0] ^= 0x5a;
    for (size_t len = 0; len < content.len; len += len < 40 ? 1 : 7) {
        struct span cut = span_of(bytes, len);

        assert_int_equal(store_write("accounts", 1, cut), 0);
        assert_int_equal(setup_world_start(), 0);
        assert_int_equal(account_count(), ACCOUNT_SYSTEM_COUNT);
        assert_true(can_log_in("admin")); /* the seed's */
    }
}

/* Nothing in a stored list is trusted: each byte of it changed in turn. */
static void test_a_changed_record_opens_no_door(void **state)
{
    uint8_t good[4096];
    struct span content;
    uint16_t version;
    size_t len;

    (void)state;
    assert_int_equal(add(user("bob")), FIRST);
    assert_int_equal(store_view("accounts", &version, &content), 0);
    len = content.len;
    memcpy(good, content.ptr, len);
    for (size_t i = 0; i < len; i++) {
        uint8_t bytes[4096];

        memcpy(bytes, good, len);
        bytes[i] ^= 0xff;
        assert_int_equal(store_write("accounts", 1, span_of(bytes, len)), 0);
        (void)!account_start();
        assert_true(account_count() <= ACCOUNT_SYSTEM_COUNT + 1);
        for (size_t j = ACCOUNT_SYSTEM_COUNT; j < account_count(); j++) {
            assert_int_equal(account_rule_check(account_at(j)), 0);
            assert_true(account_at(j)->handle > ACCOUNT_SYSTEM_COUNT);
        }
        assert_false(can_log_in(""));
        assert_false(can_log_in("$$OsAdmin"));
    }
}

/* Somebody who tries on leaves a few records, not one for each try. */
static void test_guessers_are_audited_sparingly(void **state)
{
    static const uint8_t peer[ACCOUNT_PEER_LEN] = {0x20, 1};
    size_t before = audit_log_count();

    (void)state;
    for (int i = 0; i < 1000; i++) {
        account_lock_failure(span_str("admin"), peer, host_double_now_us);
    }
    assert_int_equal(audit_log_count(), before + 1);
}

static struct flash_ops broken;

static int refuse(struct flash *flash, uint32_t at, struct span bytes)
{
    (void)flash;
    (void)at;
    (void)bytes;
    return ERR_IO;
}

static int refuse_erase(struct flash *flash, uint32_t at)
{
    (void)flash;
    (void)at;
    return ERR_IO;
}

static void test_nothing_changes_that_cannot_be_kept(void **state)
{
    const struct flash_ops *good = setup_world_sim.flash.ops;
    struct account bob = user("bob");
    struct account other = user("other");

    (void)state;
    assert_int_equal(add(bob), FIRST);
    broken = *good;
    broken.program = refuse;
    broken.erase = refuse_erase;
    setup_world_sim.flash.ops = &broken;
    assert_int_equal(add(other), ERR_IO);
    assert_int_equal(account_update(FIRST, &other), ERR_IO);
    assert_int_equal(account_set_enabled(FIRST, false), ERR_IO);
    assert_int_equal(account_remove(FIRST), ERR_IO);
    assert_int_equal(account_set_admin(span_str("root"), ha1), ERR_IO);
    assert_true(can_log_in("admin"));
    assert_true(can_log_in("bob"));
    assert_false(can_log_in("other"));
    assert_int_equal(account_count(), FIRST);
    setup_world_sim.flash.ops = good;
    assert_int_equal(account_update(FIRST, &other), 0);
}

/* Power goes at each flash operation of a change: the old list or the new one. */
static void test_power_cuts(void **state)
{
    struct flash_sim from;
    struct account other = user("other");
    bool is_through = false;
    unsigned olds = 0;

    (void)state;
    assert_int_equal(add(user("bob")), FIRST);
    flash_sim_open(&from, 4096, setup_world_sim.flash.block_count, 0xff);
    flash_sim_copy(&from, &setup_world_sim);
    for (uint32_t at = 1; !is_through; at++) {
        flash_sim_copy(&setup_world_sim, &from);
        assert_int_equal(setup_world_start(), 0);
        setup_world_sim.operations = 0;
        setup_world_sim.cut = FLASH_SIM_CUT_HALF;
        setup_world_sim.cut_at = at;
        if (setjmp(setup_world_sim.powerless) == 0) {
            assert_int_equal(account_update(FIRST, &other), 0);
            is_through = true;
        }
        setup_world_sim.cut_at = 0;
        assert_int_equal(setup_world_start(), 0);
        assert_int_equal(account_count(), FIRST);
        assert_true(can_log_in("admin"));
        assert_int_equal(can_log_in("bob") + can_log_in("other"), 1);
        olds += can_log_in("bob");
        assert_in_range(at, 1, 2000);
    }
    assert_true(can_log_in("other"));
    assert_true(olds > 0);
    flash_sim_close(&from);
}

int main(void)
{
#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, open_world, close_world)
    const struct CMUnitTest tests[] = {
        IN_WORLD(test_users_survive_a_reset),
        IN_WORLD(test_the_administrator_survives_a_reset),
        IN_WORLD(test_limits),
        IN_WORLD(test_names_and_sids_are_unique),
        IN_WORLD(test_bad_entries_are_refused),
        IN_WORLD(test_amts_own_entries_stay),
        IN_WORLD(test_who_may_log_in),
        cmocka_unit_test_setup_teardown(test_unprovisioned_admits_the_local_system_only,
                                        open_unprovisioned, close_world),
        IN_WORLD(test_no_local_password_no_local_system),
        IN_WORLD(test_realms_in_force),
        IN_WORLD(test_unreadable_accounts_are_dropped),
        IN_WORLD(test_a_changed_record_opens_no_door),
        IN_WORLD(test_guessers_are_audited_sparingly),
        IN_WORLD(test_nothing_changes_that_cannot_be_kept),
        IN_WORLD(test_power_cuts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
