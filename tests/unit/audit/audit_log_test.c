/* SPDX-License-Identifier: ISC */
/* audit/audit and audit_log: how the log fills, what goes first, and what a reset
 * leaves. */
#include "audit/audit_world.h"
#include "unit.h"

#include "audit/audit_event.h"
#include "audit/audit_lock.h"
#include "audit/audit_log.h"
#include "audit/audit_policy.h"
#include "base/err.h"
#include "store/store.h"

enum { MANY = 2000, DAY_S = 86400 };

static const uint8_t peer[16] = {[10] = 0xff, 0xff, 10, 0, 0, 1};
static const struct audit_who who = {.user = "admin", .peer = peer};

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

/* Each with its number as data and as time. */
static int note(unsigned number)
{
    const uint8_t data[2] = {(uint8_t)(number >> 8), (uint8_t)number};

    audit_world.wall_s = 1700000000 + number;
    return audit_note(AUDIT_EVENT(AUDIT_RCO_RESET), &who, span_of(data, sizeof(data)));
}

static unsigned number_at(size_t index)
{
    struct audit_seen seen;

    audit_world_see(index, &seen);
    assert_int_equal(seen.app, AUDIT_APP_RCO);
    assert_int_equal(seen.data_len, 2);
    assert_int_equal(seen.time, 1700000000 + seen.data[0] * 256u + seen.data[1]);
    return seen.data[0] * 256u + seen.data[1];
}

/* The log holds first .. last, and nothing else. */
static void assert_holds(unsigned from, unsigned last)
{
    assert_int_equal(audit_log_count(), last - from + 1);
    for (unsigned i = from; i <= last; i++) {
        assert_int_equal(number_at(i - from), i);
    }
    assert_int_equal(audit_log_at(last - from + 1).len, 0);
}

static void set_storage(enum audit_storage storage, uint8_t days)
{
    struct audit_log_settings settings = audit_log_settings();

    settings.storage = storage;
    settings.days_to_keep = days;
    assert_int_equal(audit_log_set_settings(&settings), 0);
}

static void make_critical(uint16_t id)
{
    const struct audit_policy_entry entry = {
        .event = AUDIT_EVENT(id), .is_enabled = true, .is_critical = true};

    assert_int_equal(audit_policy_set(&entry, 1), 0);
}

static void test_empty(void **state)
{
    (void)state;
    assert_int_equal(audit_log_count(), 0);
    assert_int_equal(audit_log_at(0).len, 0);
    assert_int_equal(audit_log_free_percent(), 100);
    assert_int_equal(audit_log_last_time(), 0);
    assert_true(audit_log_settings().is_enabled);
    assert_int_equal(audit_log_settings().storage, AUDIT_STORAGE_ROLL_OVER);
}

static void test_records_in_their_order_after_each_reset(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 60; i++) {
        assert_int_equal(note(i), 0);
        if (i % 7 == 0) {
            audit_world_start();
        }
        assert_holds(0, i);
        assert_int_equal(audit_log_last_time(), 1700000000 + i);
    }
    assert_int_equal(audit_world.warnings, 0);
    assert_in_range(audit_log_free_percent(), 80, 99);
}

static void test_roll_over_drops_the_oldest(void **state)
{
    size_t least = MANY;

    (void)state;
    for (unsigned i = 0; i < MANY; i++) {
        assert_int_equal(note(i), 0);
        if (i > MANY / 2 && audit_log_count() < least) {
            least = audit_log_count();
        }
    }
    assert_true(least >= 400);
    assert_holds(MANY - (unsigned)audit_log_count(), MANY - 1);
    audit_world_start();
    assert_holds(MANY - (unsigned)audit_log_count(), MANY - 1);
    assert_false(audit_log_is_full());
    assert_int_equal(audit_world.warnings, 0);
}

static void test_full_without_roll_over(void **state)
{
    unsigned last = 0;

    (void)state;
    set_storage(AUDIT_STORAGE_NO_ROLL_OVER, 0);
    while (!audit_log_is_full()) {
        assert_int_equal(note(last++), 0);
        assert_true(last < MANY);
    }
    assert_true(last > 400);
    assert_in_range(audit_log_free_percent(), 0, 1);
    /* What still fits may still come; then no more. */
    while (audit_log_count() == last) {
        assert_int_equal(note(last++), 0);
    }
    last--;
    assert_true(audit_world.warnings > 0);
    assert_holds(0, last - 1);
    make_critical(AUDIT_RCO_RESET);
    assert_int_equal(note(1), ERR_FULL);
    assert_int_equal(note(2), ERR_FULL);
    assert_holds(0, last - 1);
    audit_world_start();
    assert_holds(0, last - 1);
    assert_int_equal(note(3), ERR_FULL); /* all of that is remembered */
    assert_int_equal(audit_log_clear(), 0);
    assert_int_equal(note(4), 0);
    assert_holds(4, 4);
}

static void test_what_cannot_be_refused_is_told(void **state)
{
    (void)state;
    set_storage(AUDIT_STORAGE_NO_ROLL_OVER, 0);
    make_critical(AUDIT_RCO_RESET);
    for (unsigned i = 0; note(i) == 0; i++) {
        assert_true(i < MANY);
    }
    audit_world.warnings = 0;
    audit_tell(AUDIT_EVENT(AUDIT_RCO_RESET), &who, span_of(NULL, 0));
    assert_int_equal(audit_world.warnings, 1);
}

static void test_restricted_roll_over_keeps_days(void **state)
{
    unsigned count = 0;
    int64_t begin = 1700000000;

    (void)state;
    set_storage(AUDIT_STORAGE_RESTRICTED, 3);
    make_critical(AUDIT_RCO_RESET);
    while (note(count) == 0) {
        count++;
        assert_true(count < MANY);
    }
    audit_world.wall_s = begin + 3 * DAY_S - 1000;
    assert_true(audit_log_is_full());
    assert_int_equal(
        audit_note(AUDIT_EVENT(AUDIT_RCO_RESET), &who, span_of("long data", 9)),
        ERR_FULL);
    audit_world.wall_s = begin + 3 * DAY_S + 1000;
    assert_false(audit_log_is_full());
    assert_int_equal(
        audit_note(AUDIT_EVENT(AUDIT_RCO_RESET), &who, span_of("long data", 9)), 0);
}

static void test_lock_prevents_roll_over(void **state)
{
    unsigned count = 0;
    uint32_t handle = 0;

    (void)state;
    make_critical(AUDIT_RCO_RESET);
    assert_int_equal(audit_lock_take(AUDIT_LOCK_LOG, 60, 0, &handle), 0);
    while (note(count) == 0) {
        count++;
        assert_true(count < MANY);
    }
    assert_holds(0, count - 1);
    audit_world.now_us += 60000000;
    assert_int_equal(note(count), 0);
}

static void test_clear(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 100; i++) {
        assert_int_equal(note(i), 0);
    }
    assert_int_equal(audit_log_clear(), 0);
    assert_int_equal(audit_log_count(), 0);
    assert_int_equal(audit_log_free_percent(), 100);
    assert_int_equal(audit_log_last_time(), 1700000099);
    audit_world_start();
    assert_int_equal(audit_log_count(), 0);
    assert_int_equal(audit_log_last_time(), 1700000099);
    assert_int_equal(audit_world.warnings, 0); /* nothing was lost: it was cleared */
    assert_int_equal(note(7), 0);
    audit_world_start();
    assert_holds(7, 7);
    for (unsigned i = 8; i < MANY; i++) {
        assert_int_equal(note(i), 0);
    }
    assert_holds(MANY - (unsigned)audit_log_count(), MANY - 1);
}

static void test_settings_survive(void **state)
{
    struct audit_log_settings settings = {.storage = AUDIT_STORAGE_RESTRICTED,
                                          .days_to_keep = 9};

    (void)state;
    assert_int_equal(audit_log_set_settings(&settings), 0);
    audit_world_start();
    assert_false(audit_log_settings().is_enabled);
    assert_int_equal(audit_log_settings().storage, AUDIT_STORAGE_RESTRICTED);
    assert_int_equal(audit_log_settings().days_to_keep, 9);
    settings.storage = (enum audit_storage)3;
    assert_int_equal(audit_log_set_settings(&settings), ERR_INVALID);
    assert_int_equal(note(1), 0); /* disabled: nothing is audited */
    assert_int_equal(audit_log_count(), 0);
}

/* A chunk in the middle was damaged, so the store has dropped it: the others stay, and
 * the log says so. */
static void test_damaged_chunk(void **state)
{
    struct audit_seen seen;
    size_t count;

    (void)state;
    for (unsigned i = 0; i < 100; i++) {
        assert_int_equal(note(i), 0);
    }
    assert_int_equal(store_remove("audit.3"), 0);
    audit_world_start();
    count = audit_log_count();
    assert_in_range(count, 80, 99);
    assert_int_equal(number_at(0), 0);
    assert_int_equal(number_at(count - 2), 99);
    audit_world_see(count - 1, &seen);
    assert_int_equal(seen.app, AUDIT_APP_AUDIT);
    assert_int_equal(seen.event, 5);
    assert_int_equal(seen.initiator, 2);
    assert_true(audit_world.warnings > 0);
    for (unsigned i = 0; i < MANY; i++) { /* and it fills and rolls over as ever */
        assert_int_equal(note(i), 0);
    }
    assert_true(audit_log_count() >= 400);
    assert_holds(MANY - (unsigned)audit_log_count(), MANY - 1);
}

/* The oldest chunk: also noticed. */
static void test_damaged_oldest_chunk(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 50; i++) {
        assert_int_equal(note(i), 0);
    }
    assert_int_equal(store_remove("audit.1"), 0);
    audit_world_start();
    assert_true(audit_world.warnings > 0);
    assert_in_range(audit_log_count(), 30, 45);
    assert_true(number_at(0) > 0);
}

/* Chunks that are well sealed and are no chunks: somebody has the key and a sense of
 * humour. */
static void test_stored_nonsense(void **state)
{
    static const uint8_t samples[][16] = {
        {0},
        {1, 0, 0, 0},
        {1, 0, 0, 0, 9, 0, 1, 2, 3},
        {1, 0, 0, 0, 2, 0, 1, 99},
        {0xff, 0xff, 0xff, 0xff, 0, 0},
        {1, 0, 0, 0x80, 0, 0},
        {2, 0, 0, 0, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        for (size_t len = 0; len <= 9; len++) {
            assert_int_equal(store_write("audit.1", 1, span_of(samples[i], len)), 0);
            audit_world_start();
            assert_true(audit_log_count() <= 1);
            assert_int_equal(note(5), 0);
            assert_int_equal(number_at(audit_log_count() - 1), 5);
            assert_int_equal(audit_log_clear(), 0);
            assert_int_equal(store_remove("audit.1"), 0);
            assert_int_equal(store_remove("audit.2"), 0);
            assert_int_equal(store_remove("audit"), 0);
        }
    }
}

static void test_nonsense_for_settings(void **state)
{
    static const uint8_t wild[] = {1, 7, 0, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4, 5};

    (void)state;
    for (size_t len = 1; len <= sizeof(wild); len++) {
        assert_int_equal(store_write("audit", 1, span_of(wild, len)), 0);
        audit_world.warnings = 0;
        assert_int_equal(store_start(), 0);
        assert_true(audit_start() == 0 || audit_start() == ERR_IO);
        assert_true(audit_log_settings().is_enabled);
        assert_int_equal(note(5), 0);
        assert_int_equal(number_at(0), 5);
    }
}

static int refuse_program(struct flash *flash, uint32_t at, struct span bytes)
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

/* Without a working flash nothing critical happens unseen; the rest goes on. */
static void test_broken_flash(void **state)
{
    const struct flash_ops *good = audit_world.sim.flash.ops;
    struct flash_ops broken = *good;

    (void)state;
    broken.program = refuse_program;
    broken.erase = refuse_erase;
    assert_int_equal(note(1), 0);
    audit_world.sim.flash.ops = &broken;
    assert_int_equal(note(2), 0);
    assert_true(audit_world.warnings > 0);
    assert_holds(1, 1);
    assert_int_equal(audit_log_clear(), ERR_IO);
    assert_holds(1, 1);
    audit_world.sim.flash.ops = good;
    audit_world_start();
    make_critical(AUDIT_RCO_RESET);
    audit_world.sim.flash.ops = &broken;
    assert_int_equal(note(3), ERR_FULL);
    audit_world.sim.flash.ops = good;
    audit_world_start();
    assert_int_equal(note(4), 0);
    assert_int_equal(number_at(audit_log_count() - 1), 4);
}

static void test_board_without_flash(void **state)
{
    (void)state;
    audit_world.has_flash = false;
    audit_world_start();
    for (unsigned i = 0; i < MANY; i++) {
        assert_int_equal(note(i), 0);
    }
    assert_holds(MANY - (unsigned)audit_log_count(), MANY - 1);
    audit_world_start();
    assert_int_equal(audit_log_count(), 0);
}

/* What one event costs the flash. */
static void test_an_event_writes_little(void **state)
{
    uint32_t before;

    (void)state;
    for (unsigned i = 0; i < 100; i++) {
        assert_int_equal(note(i), 0);
    }
    before = audit_world.sim.program_bytes;
    for (unsigned i = 100; i < 300; i++) {
        assert_int_equal(note(i), 0);
    }
    print_message("%u bytes programmed per event\n",
                  (audit_world.sim.program_bytes - before) / 200);
    assert_true((audit_world.sim.program_bytes - before) / 200 < 2048);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_empty),
        TEST(test_records_in_their_order_after_each_reset),
        TEST(test_roll_over_drops_the_oldest),
        TEST(test_full_without_roll_over),
        TEST(test_what_cannot_be_refused_is_told),
        TEST(test_restricted_roll_over_keeps_days),
        TEST(test_lock_prevents_roll_over),
        TEST(test_clear),
        TEST(test_settings_survive),
        TEST(test_damaged_chunk),
        TEST(test_damaged_oldest_chunk),
        TEST(test_stored_nonsense),
        TEST(test_nonsense_for_settings),
        TEST(test_broken_flash),
        TEST(test_board_without_flash),
        TEST(test_an_event_writes_little),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
