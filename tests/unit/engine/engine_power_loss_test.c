/* SPDX-License-Identifier: ISC */
/*
 * Changes of state that take the network away, under a fake clock: no power, network restart,
 * the fault that keeps the engine asleep, reset; and that replies get out first.
 */
#include "engine/power_world.h"

/* ---- no power ------------------------------------------------------------------------- */

static void test_s0_only(void **state)
{
    (void)state;
    facts.is_s0_only = true;
    facts.idle_min = 65535;
    to_m0(T0);
    assert_int_equal(deadline(), UINT64_MAX);
    /* Off: nobody is served, so at once. */
    facts.host = ENGINE_HOST_OFF;
    assert_int_equal(look(T0 + S), 2);
    assert_int_equal(last.from, ENGINE_M3);
    assert_true(last.drops_conns);
    assert_state(ENGINE_MOFF);
    assert_int_equal(deadline(), UINT64_MAX);
    /* No frame wakes it, nor does ignorance of the host; the host does. */
    facts.is_woken = true;
    assert_int_equal(look(T0 + 2 * S), 0);
    facts.host = ENGINE_HOST_UNKNOWN;
    facts.is_woken = true;
    assert_int_equal(look(T0 + 3 * S), 0);
    to_m0(T0 + 4 * S);
    assert_int_equal(last.from, ENGINE_MOFF);
    assert_true(last.needs_announcing);
}

static void test_s0_only_lets_replies_out(void **state)
{
    (void)state;
    facts.is_s0_only = true;
    facts.has_conns = true;
    facts.busy_until_us = T0 + 900 * MS;
    to_m0(T0 - S);
    facts.host = ENGINE_HOST_OFF;
    assert_int_equal(look(T0), 1);
    assert_state(ENGINE_M3);
    assert_next(T0 + 900 * MS + ENGINE_POWER_GRACE_US, ENGINE_MOFF);
    /* A scheme that is chosen while the host is off: its Put is answered first. */
    set_up(state);
    to_m3(T0);
    facts.is_s0_only = true;
    facts.has_conns = true;
    facts.traffic_us = T0 + S;
    assert_int_equal(look(T0 + S), 0);
    assert_next(T0 + S + ENGINE_POWER_GRACE_US, ENGINE_MOFF);
}

/* A client that never stops asking does not keep the power on. */
static void test_patience_ends(void **state)
{
    (void)state;
    facts.is_s0_only = true;
    facts.has_conns = true;
    to_m0(T0 - S);
    facts.host = ENGINE_HOST_OFF;
    assert_int_equal(look(T0), 1);
    for (uint64_t now = T0; now < T0 + ENGINE_POWER_PATIENCE_US; now += 50 * MS) {
        facts.busy_until_us = now + S;
        assert_int_equal(look(now), 0);
    }
    facts.busy_until_us = T0 + ENGINE_POWER_PATIENCE_US + S;
    assert_next(T0 + ENGINE_POWER_PATIENCE_US, ENGINE_MOFF);
}

static void test_scheme_changes_while_waking(void **state)
{
    uint64_t now = to_waking() + S;

    (void)state;
    facts.is_s0_only = true;
    assert_int_equal(look(now), 1);
    assert_state(ENGINE_MOFF);
    assert_true(last.drops_conns);
    facts.is_s0_only = false;
    assert_int_equal(look(now + S), 0);
    facts.is_woken = true;
    assert_int_equal(look(now + 2 * S), 1);
    assert_state(ENGINE_WAKING);
}

/* The host is off for a moment only and replies were still going out: no Moff. */
static void test_power_comes_back_in_time(void **state)
{
    (void)state;
    facts.is_s0_only = true;
    facts.has_conns = true;
    facts.busy_until_us = T0 + S;
    to_m0(T0 - S);
    to_m3(T0);
    to_m0(T0 + S);
    assert_int_equal(deadline(), UINT64_MAX);
    assert_nothing_until(T0 + 100 * S);
}

/* ---- network restart ------------------------------------------------------------------ */

static void test_restart(void **state)
{
    uint64_t now = to_restart();

    (void)state;
    assert_true(last.drops_conns);
    assert_int_equal(last.duration_us, DOWN);
    assert_next(now + DOWN, ENGINE_M3);
    assert_true(last.needs_announcing);
    assert_false(last.drops_conns);
    assert_int_equal(deadline(), now + DOWN + IDLE);
    /* And when it goes on. */
    profile.bounce_drops = false;
    to_m0(now + 10 * S);
    assert_next(now + 10 * S + AFTER, ENGINE_RESTART);
    assert_false(last.drops_conns);
    assert_next(now + 10 * S + AFTER + DOWN, ENGINE_M0);
    assert_int_equal(deadline(), UINT64_MAX);
}

static void test_restart_lets_replies_out(void **state)
{
    (void)state;
    draw_us[LATENCY_EVENT_BOUNCE_DOWN] = DOWN;
    to_m0(T0 - S);
    facts.has_conns = true;
    facts.busy_until_us = T0 + 5 * S;
    to_m3(T0);
    assert_next(T0 + 5 * S + ENGINE_POWER_GRACE_US, ENGINE_RESTART);
    /* Nobody is connected: only the processor counts. */
    set_up(state);
    draw_us[LATENCY_EVENT_BOUNCE_DOWN] = DOWN;
    to_m0(T0 - S);
    facts.busy_until_us = T0 + 5 * S;
    to_m3(T0);
    assert_next(T0 + 5 * S, ENGINE_RESTART);
    /* It is the later of both times. */
    set_up(state);
    draw_us[LATENCY_EVENT_BOUNCE_DOWN] = DOWN;
    to_m0(T0 - S);
    facts.busy_until_us = T0 + 100 * MS;
    facts.has_conns = true;
    to_m3(T0);
    assert_next(T0 + AFTER, ENGINE_RESTART);
}

static void test_restart_patience(void **state)
{
    (void)state;
    draw_us[LATENCY_EVENT_BOUNCE_DOWN] = DOWN;
    to_m0(T0 - S);
    facts.busy_until_us = T0 + 100 * (uint64_t)S;
    to_m3(T0);
    assert_next(T0 + ENGINE_POWER_PATIENCE_US, ENGINE_RESTART);
}

/* Off and on again before it began: one restart, after the last change. Off again while it
 * runs: another one. */
static void test_restarts_and_changes(void **state)
{
    (void)state;
    draw_us[LATENCY_EVENT_BOUNCE_DOWN] = DOWN;
    to_m0(T0);
    to_m3(T0 + S);
    to_m0(T0 + S + 500 * MS);
    assert_next(T0 + S + 500 * MS + AFTER, ENGINE_RESTART);
    facts.host = ENGINE_HOST_OFF;
    assert_int_equal(look(T0 + 3 * S), 0);
    assert_int_equal(look(T0 + S + 500 * MS + AFTER + DOWN), 2); /* back, and down */
    assert_int_equal(last.from, ENGINE_M3);
    assert_state(ENGINE_RESTART);
    assert_next(T0 + S + 500 * MS + AFTER + 2 * DOWN, ENGINE_M3);
    assert_int_equal(draws[LATENCY_EVENT_BOUNCE_DOWN], 3);
    assert_int_equal(draws[LATENCY_EVENT_BOUNCE_AFTER], 3);
}

/* It sleeps before its network has restarted: nothing is left to restart. */
static void test_sleep_cancels_restart(void **state)
{
    (void)state;
    draw_us[LATENCY_EVENT_BOUNCE_DOWN] = DOWN;
    facts.is_s0_only = true;
    to_m0(T0);
    facts.host = ENGINE_HOST_OFF;
    look(T0 + S);
    assert_state(ENGINE_MOFF);
    assert_int_equal(deadline(), UINT64_MAX);
    facts.is_s0_only = false;
    facts.is_woken = true;
    look(T0 + 2 * S);
    assert_next(T0 + 2 * S + WAKE, ENGINE_M3);
    assert_int_equal(deadline(), T0 + 2 * S + WAKE + IDLE);
}

/* ---- fault: stuck in Moff ------------------------------------------------------------- */

static void test_stuck(void **state)
{
    (void)state;
    to_m0(T0);
    facts.is_stuck = true;
    assert_int_equal(look(T0 + S), 1);
    assert_state(ENGINE_MOFF);
    assert_false(last.drops_conns);
    /* Neither frames nor the host. */
    facts.is_woken = true;
    assert_int_equal(look(T0 + 2 * S), 0);
    facts.host = ENGINE_HOST_OFF;
    assert_int_equal(look(T0 + 3 * S), 0);
    facts.host = ENGINE_HOST_ON;
    facts.is_woken = true;
    assert_int_equal(look(T0 + 4 * S), 0);
    assert_int_equal(deadline(), UINT64_MAX);
    /* Over: it wakes up by itself. */
    facts.is_stuck = false;
    assert_int_equal(look(T0 + 5 * S), 1);
    assert_state(ENGINE_WAKING);
    assert_next(T0 + 5 * S + WAKE, ENGINE_M0);
    assert_true(last.needs_announcing);
}

static void test_stuck_lets_replies_out(void **state)
{
    (void)state;
    to_m3(T0);
    facts.is_stuck = true;
    facts.has_conns = true;
    facts.busy_until_us = T0 + 2 * S;
    assert_int_equal(look(T0 + S), 0);
    assert_next(T0 + 2 * S + ENGINE_POWER_GRACE_US, ENGINE_MOFF);
    facts.is_stuck = false;
    facts.has_conns = false;
    assert_int_equal(look(T0 + 5 * S), 1);
    assert_next(T0 + 5 * S + WAKE, ENGINE_M3);
}

/* The rule is gone before it got hold. */
static void test_stuck_taken_back(void **state)
{
    (void)state;
    to_m0(T0);
    facts.is_stuck = true;
    facts.has_conns = true;
    assert_int_equal(look(T0 + S), 0);
    facts.is_stuck = false;
    assert_int_equal(look(T0 + S + 1), 0);
    assert_int_equal(deadline(), UINT64_MAX);
}

static void test_stuck_in_other_states(void **state)
{
    uint64_t now = to_moff() + S;

    /* Asleep already: no change, but frames do not wake it and the end of the rule does. */
    facts.is_stuck = true;
    facts.is_woken = true;
    assert_int_equal(look(now), 0);
    facts.is_stuck = false;
    assert_int_equal(look(now + S), 1);
    assert_state(ENGINE_WAKING);

    set_up(state);
    now = to_waking() + S;
    facts.is_stuck = true;
    assert_int_equal(look(now), 1);
    assert_state(ENGINE_MOFF);
    facts.is_stuck = false;
    assert_int_equal(look(now + S), 1);
    assert_state(ENGINE_WAKING);

    /* A restart ends first. */
    set_up(state);
    now = to_restart();
    facts.is_stuck = true;
    assert_int_equal(look(now + DOWN - 1), 0);
    assert_int_equal(look(now + DOWN), 2);
    assert_state(ENGINE_MOFF);

    /* Over, but there is no power: it stays; the host brings it back. */
    set_up(state);
    facts.is_s0_only = true;
    to_m0(T0);
    facts.is_stuck = true;
    look(T0 + S);
    facts.host = ENGINE_HOST_OFF;
    look(T0 + 2 * S);
    facts.is_stuck = false;
    assert_int_equal(look(T0 + 3 * S), 0);
    assert_state(ENGINE_MOFF);
    facts.host = ENGINE_HOST_ON;
    assert_int_equal(look(T0 + 4 * S), 1);
    assert_state(ENGINE_M0);
}

/* A host that goes on and off while it is stuck leaves no restart behind. */
static void test_stuck_forgets_restarts(void **state)
{
    (void)state;
    draw_us[LATENCY_EVENT_BOUNCE_DOWN] = DOWN;
    to_m0(T0);
    facts.is_stuck = true;
    look(T0 + S);
    facts.host = ENGINE_HOST_OFF;
    look(T0 + 2 * S);
    facts.is_stuck = false;
    look(T0 + 3 * S);
    assert_next(T0 + 3 * S + WAKE, ENGINE_M3);
    assert_int_equal(deadline(), T0 + 3 * S + WAKE + IDLE);
}

/* Half awake because the rule is over, and the host goes off: no quicker for that. */
static void test_host_goes_off_while_waking(void **state)
{
    (void)state;
    to_m0(T0);
    facts.is_stuck = true;
    look(T0 + S);
    facts.is_stuck = false;
    look(T0 + 2 * S);
    assert_state(ENGINE_WAKING);
    facts.host = ENGINE_HOST_OFF;
    assert_int_equal(look(T0 + 3 * S), 0);
    assert_next(T0 + 2 * S + WAKE, ENGINE_M3);
}

/* ---- reset ---------------------------------------------------------------------------- */

static void test_reset_from_every_state(void **state)
{
    uint64_t now = T0;

    for (unsigned from = ENGINE_M0; from <= ENGINE_RESTART; from++) {
        set_up(state);
        switch (from) {
        case ENGINE_M0:
            to_m0(now = T0);
            break;
        case ENGINE_M3:
            to_m3(now = T0);
            break;
        case ENGINE_MOFF:
            now = to_moff();
            break;
        case ENGINE_WAKING:
            now = to_waking();
            break;
        default:
            now = to_restart();
            break;
        }
        assert_state((enum engine_state)from);
        engine_power_reset(&power, now);
        engine_power_reset(&power, now + 100 * MS); /* once is enough */
        assert_next(now + ENGINE_POWER_GRACE_US, ENGINE_RESET);
        assert_int_equal(last.from, from);
        assert_int_equal(last.duration_us, RESET);
        now += ENGINE_POWER_GRACE_US;
        assert_int_equal(deadline(), now + RESET);
        /* Nothing leads out of it. */
        facts.host = facts.host == ENGINE_HOST_ON ? ENGINE_HOST_OFF : ENGINE_HOST_ON;
        facts.is_woken = true;
        facts.is_stuck = true;
        facts.is_s0_only = true;
        assert_int_equal(look(now + 1), 0);
        engine_power_reset(&power, now + 2);
        assert_int_equal(look(now + RESET), 0);
        assert_int_equal(deadline(), now + RESET);
        assert_state(ENGINE_RESET);
    }
}

static void test_reset_lets_replies_out(void **state)
{
    (void)state;
    to_m0(T0);
    facts.has_conns = true;
    facts.busy_until_us = T0 + S;
    engine_power_reset(&power, T0);
    assert_next(T0 + S + ENGINE_POWER_GRACE_US, ENGINE_RESET);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_s0_only, set_up),
        cmocka_unit_test_setup(test_s0_only_lets_replies_out, set_up),
        cmocka_unit_test_setup(test_patience_ends, set_up),
        cmocka_unit_test_setup(test_scheme_changes_while_waking, set_up),
        cmocka_unit_test_setup(test_power_comes_back_in_time, set_up),
        cmocka_unit_test_setup(test_restart, set_up),
        cmocka_unit_test_setup(test_restart_lets_replies_out, set_up),
        cmocka_unit_test_setup(test_restart_patience, set_up),
        cmocka_unit_test_setup(test_restarts_and_changes, set_up),
        cmocka_unit_test_setup(test_sleep_cancels_restart, set_up),
        cmocka_unit_test_setup(test_stuck, set_up),
        cmocka_unit_test_setup(test_stuck_lets_replies_out, set_up),
        cmocka_unit_test_setup(test_stuck_taken_back, set_up),
        cmocka_unit_test_setup(test_stuck_in_other_states, set_up),
        cmocka_unit_test_setup(test_stuck_forgets_restarts, set_up),
        cmocka_unit_test_setup(test_host_goes_off_while_waking, set_up),
        cmocka_unit_test_setup(test_reset_from_every_state, set_up),
        cmocka_unit_test_setup(test_reset_lets_replies_out, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
