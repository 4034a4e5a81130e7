/* SPDX-License-Identifier: ISC */
/*
 * The power goes in the middle of every operation on the flash while the log fills,
 * rolls over and is cleared. After the restart the log ends with the last event that
 * was noted, or with the one being noted, and nothing between is missing; a log being
 * cleared is whole or empty.
 */
#include "audit/audit_world.h"
#include "unit.h"

#include "audit/audit_event.h"
#include "audit/audit_log.h"
#include "base/err.h"

/* Large records, so that the log rolls over soon. */
enum { EVENTS = 180, CLEAR_AT = 165, DATA_LEN = 96, FULL = 140, STEP = 9 };

static const struct audit_who who = {.user = "an-administrator"};
/* Not in a frame: longjmp passes by. */
static unsigned noted;
static bool is_clearing;
static bool was_cleared;

static unsigned number_at(size_t index)
{
    struct audit_seen seen;

    audit_world_see(index, &seen);
    assert_int_equal(seen.data_len, DATA_LEN);
    return seen.data[0] * 256u + seen.data[1];
}

static bool run(void)
{
    if (setjmp(audit_world.sim.powerless) != 0) {
        return false;
    }
    while (noted < EVENTS) {
        uint8_t data[DATA_LEN] = {(uint8_t)(noted >> 8), (uint8_t)noted};

        if (noted == CLEAR_AT && !was_cleared) {
            is_clearing = true;
            assert_int_equal(audit_log_clear(), 0);
            is_clearing = false;
            was_cleared = true;
        }
        assert_int_equal(
            audit_note(AUDIT_EVENT(AUDIT_RCO_RESET), &who, span_of(data, sizeof(data))),
            0);
        noted++;
    }
    return true;
}

static void check(void)
{
    size_t count = audit_log_count();

    if (is_clearing && count == 0) {
        was_cleared = true;
    }
    is_clearing = false;
    for (size_t i = 1; i < count; i++) {
        assert_int_equal(number_at(i), number_at(i - 1) + 1);
    }
    if (count == 0) {
        assert_true(noted == 0 || was_cleared);
    } else {
        unsigned last = number_at(count - 1);
        assert_true(last + 1 == noted || last == noted);
        noted = last + 1;
    }
    if (noted > FULL && !was_cleared) {
        assert_true(count >= FULL * 3 / 4);
    }
}

static void restart(void)
{
    audit_world.sim.cut_at = 0;
    audit_world_start();
    assert_int_equal(audit_world.warnings, 0); /* nothing was lost */
}

/* Cut at operation `first` after a start, then again and again some operations on. */
static void survive(uint32_t first, enum flash_sim_cut cut)
{
    unsigned cuts = 0;

    audit_world_open();
    audit_world.sim.random = first + 1;
    audit_world_start();
    noted = 0;
    is_clearing = false;
    was_cleared = false;
    audit_world.sim.cut = cut;
    audit_world.sim.cut_at = audit_world.sim.operations + first;
    while (!run()) {
        restart();
        check();
        cuts++;
        audit_world.sim.cut_at = audit_world.sim.operations + 1 +
                                 (first + cuts * 29) % 97;
    }
    restart();
    check();
    assert_true(cuts > 0);
    audit_world_close();
}

static void test_power_cut_anywhere(void **state)
{
    (void)state;
    for (uint32_t first = 1; first < 60; first += STEP) {
        for (int cut = 0; cut < FLASH_SIM_CUTS; cut++) {
            survive(first, (enum flash_sim_cut)cut);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_power_cut_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
