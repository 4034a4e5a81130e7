/* SPDX-License-Identifier: ISC */
/* audit/audit_policy: what is audited. */
#include "audit/audit_world.h"
#include "unit.h"

#include "audit/audit_event.h"
#include "audit/audit_log.h"
#include "audit/audit_policy.h"
#include "base/err.h"
#include "store/store.h"

static const struct audit_who who = {.user = "admin"};

static int open_world(void **state)
{
    (void)state;
    audit_world_open();
    audit_world_start();
    return 0;
}

static int close_world(void **state)
{
    (void)state;
    audit_world_close();
    return 0;
}

static int set(uint16_t id, bool is_enabled, bool is_critical)
{
    const struct audit_policy_entry entry = {
        .event = AUDIT_EVENT(id), .is_enabled = is_enabled, .is_critical = is_critical};

    return audit_policy_set(&entry, 1);
}

static size_t recorded(uint16_t id)
{
    size_t before = audit_log_count();

    assert_int_equal(audit_note(AUDIT_EVENT(id), &who, span_of(NULL, 0)), 0);
    return audit_log_count() - before;
}

static void test_all_at_first(void **state)
{
    struct audit_policy_entry entry;
    struct audit_policy_entry found;
    size_t i;

    (void)state;
    for (i = 0; audit_policy_at(i, &entry); i++) {
        assert_true(entry.is_enabled && !entry.is_critical);
        assert_true(audit_policy_find(entry.event, &found));
        assert_int_equal(found.event.app, entry.event.app);
    }
    assert_int_equal(i, 98);
    assert_false(audit_policy_find((struct audit_event){.app = 16, .event = 20}, &found));
    assert_false(audit_policy_find((struct audit_event){.app = 31, .event = 0}, &found));
    assert_false(audit_policy_find((struct audit_event){.app = 33, .event = 0}, &found));
    assert_true(audit_policy_find((struct audit_event){.app = 33, .event = 2}, &found));
    assert_false(
        audit_policy_find((struct audit_event){.app = 16, .event = 65535}, &found));
}

static void test_what_is_off_is_not_recorded(void **state)
{
    (void)state;
    assert_int_equal(recorded(AUDIT_RCO_RESET), 1);
    assert_int_equal(set(AUDIT_RCO_RESET, false, true), 0);
    assert_int_equal(recorded(AUDIT_RCO_RESET), 0);
    assert_int_equal(recorded(AUDIT_RCO_POWER_UP), 1);
    audit_world_start();
    assert_int_equal(recorded(AUDIT_RCO_RESET), 0);
    assert_int_equal(recorded(AUDIT_RCO_POWER_UP), 1);
    assert_int_equal(set(AUDIT_RCO_RESET, true, true), 0);
    audit_world_start();
    assert_int_equal(recorded(AUDIT_RCO_RESET), 1);
}

static void test_all_or_none(void **state)
{
    const struct audit_policy_entry entries[] = {
        {.event = AUDIT_EVENT(AUDIT_SOL_OPENED)},
        {.event = {.app = 99, .event = 1}},
    };
    struct audit_policy_entry found;

    (void)state;
    assert_int_equal(audit_policy_set(entries, 2), ERR_NOT_FOUND);
    assert_true(audit_policy_find(entries[0].event, &found));
    assert_true(found.is_enabled);
    assert_int_equal(audit_policy_set(entries, 1), 0);
    assert_true(audit_policy_find(entries[0].event, &found));
    assert_false(found.is_enabled);
}

static void test_what_is_off_is_not_critical(void **state)
{
    struct audit_policy_entry found;

    (void)state;
    assert_int_equal(set(AUDIT_TIME_SET, true, true), 0);
    assert_true(audit_policy_find(AUDIT_EVENT(AUDIT_TIME_SET), &found));
    assert_true(found.is_critical);
    assert_int_equal(set(AUDIT_TIME_SET, false, true), 0);
    assert_true(audit_policy_find(AUDIT_EVENT(AUDIT_TIME_SET), &found));
    assert_false(found.is_critical);
}

/* A policy that cannot be read is the default one: everything is audited. */
static void test_stored_nonsense(void **state)
{
    uint8_t bytes[64];

    (void)state;
    memset(bytes, 0, sizeof(bytes));
    bytes[0] = AUDIT_APP_RCO;
    for (size_t len = 1; len < sizeof(bytes); len++) {
        /* A record may end after any field: an older image wrote it. */
        bool is_sound = len % 10 == 0 || len % 10 == 2 || len % 10 == 6;

        assert_int_equal(store_write("audit-policy", 1, span_of(bytes, len)), 0);
        assert_int_equal(audit_start(), is_sound ? 0 : ERR_IO);
        assert_int_equal(recorded(AUDIT_RCO_RESET), is_sound && len > 2 ? 0 : 1);
    }
    assert_int_equal(store_write("audit-policy", 2, span_of(bytes, 10)), 0);
    assert_int_equal(audit_start(), ERR_IO);
    assert_int_equal(recorded(AUDIT_RCO_RESET), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_all_at_first, open_world, close_world),
        cmocka_unit_test_setup_teardown(test_what_is_off_is_not_recorded, open_world,
                                        close_world),
        cmocka_unit_test_setup_teardown(test_all_or_none, open_world, close_world),
        cmocka_unit_test_setup_teardown(test_what_is_off_is_not_critical, open_world,
                                        close_world),
        cmocka_unit_test_setup_teardown(test_stored_nonsense, open_world, close_world),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
