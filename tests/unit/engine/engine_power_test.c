/* SPDX-License-Identifier: ISC */
/*
 * Changes of state under a fake clock: not a microsecond before its deadline, at it, and the
 * deadline says so. Here: the host, falling asleep, waking up.
 */
#include "engine/power_world.h"

/* ---- the host --------------------------------------------------------------------------*/

/* Before the first word of the host: awake as in M0, for ever. */
static void test_unknown_host(void **state)
{
    (void)state;
    assert_int_equal(look(T0), 0);
    assert_int_equal(deadline(), UINT64_MAX);
    assert_nothing_until(T0 + 10 * IDLE);
    facts.is_s0_only = true;
    assert_nothing_until(T0 + 20 * IDLE);
    assert_state(ENGINE_M0);
}

/* The first word is no change: no restart. */
static void test_first_word(void **state)
{
    (void)state;
    draw_us[LATENCY_EVENT_BOUNCE_DOWN] = DOWN;
    to_m3(T0);
    assert_int_equal(draws[LATENCY_EVENT_BOUNCE_DOWN], 0);
    assert_int_equal(last.from, ENGINE_M0);
    assert_false(last.drops_conns);
    assert_false(last.needs_announcing);
    assert_next(T0 + IDLE, ENGINE_MOFF);
}

static void test_on_and_off(void **state)
{
    (void)state;
    to_m0(T0);
    assert_int_equal(deadline(), UINT64_MAX);
    to_m3(T0 + S);
    assert_false(last.drops_conns || last.needs_announcing);
    to_m0(T0 + 2 * S);
    assert_int_equal(last.from, ENGINE_M3);
    assert_nothing_until(T0 + 10 * IDLE);
    assert_int_equal(draws[LATENCY_EVENT_BOUNCE_AFTER], 2);
}

/* When the hypervisor is away the last state stays, and it does not fall asleep. */
static void test_host_becomes_unknown(void **state)
{
    (void)state;
    to_m3(T0);
    facts.host = ENGINE_HOST_UNKNOWN;
    assert_int_equal(look(T0 + S), 0);
    assert_int_equal(deadline(), UINT64_MAX);
    assert_nothing_until(T0 + 10 * IDLE);
    assert_state(ENGINE_M3);
    /* It comes back as it was: no change, and idling counts all along. */
    facts.host = ENGINE_HOST_OFF;
    assert_int_equal(look(T0 + 10 * IDLE), 1);
    assert_state(ENGINE_MOFF);
    /* Asleep it stays asleep and a frame wakes it. */
    facts.host = ENGINE_HOST_UNKNOWN;
    assert_int_equal(look(T0 + 11 * IDLE), 0);
    facts.is_woken = true;
    assert_int_equal(look(T0 + 12 * IDLE), 1);
    assert_state(ENGINE_WAKING);
}

/* ---- falling asleep ------------------------------------------------------------------- */

static void test_idle_timeout(void **state)
{
    static const struct {
        uint32_t idle_min;
        uint64_t minute_us;
        uint64_t extra_us;
        uint64_t idle_us;
    } cases[] = {
        {1, 60 * S, 90 * S, 150 * (uint64_t)S},
        {0, 60 * S, 90 * S, 150 * (uint64_t)S},
        {3, 60 * S, 0, 180 * (uint64_t)S},
        {65534, 60 * S, 90 * S, 65534 * (uint64_t)60 * S + 90 * S},
        {65534, 600 * S, 600 * S, 65535 * (uint64_t)600 * S},
        {2, 1000, 0, 2000},
        {1, 1000, 1, 1001},
    };

    for (size_t i = 0; i < UTIL_COUNT(cases); i++) {
        set_up(state);
        facts.idle_min = cases[i].idle_min;
        profile.minute_us = cases[i].minute_us;
        profile.extra_us = cases[i].extra_us;
        to_m3(T0);
        assert_next(T0 + cases[i].idle_us, ENGINE_MOFF);
        assert_int_equal(last.duration_us, cases[i].idle_us);
        assert_false(last.drops_conns || last.needs_announcing);
        assert_int_equal(deadline(), UINT64_MAX);
    }
}

static void test_never(void **state)
{
    (void)state;
    facts.idle_min = 65535;
    to_m3(T0);
    assert_int_equal(deadline(), UINT64_MAX);
    assert_nothing_until(T0 + 10 * IDLE);
    /* A console writes another timeout: idle for long already. */
    facts.idle_min = 1;
    assert_int_equal(look(T0 + 10 * IDLE), 1);
    assert_state(ENGINE_MOFF);
}

/* Another profile, or another IdleWakeTimeout, ends a sleep that it would not have begun. */
static void test_never_wakes(void **state)
{
    uint64_t now_us = to_moff();

    (void)state;
    facts.idle_min = LATENCY_PROFILE_IDLE_NEVER;
    assert_int_equal(look(now_us + S), 1);
    assert_state(ENGINE_WAKING);
    assert_next(now_us + S + WAKE, ENGINE_M3);
    assert_nothing_until(now_us + 10 * IDLE);
}

static void test_traffic_keeps_awake(void **state)
{
    (void)state;
    to_m3(T0);
    facts.traffic_us = T0 + 100 * S;
    assert_int_equal(look(T0 + 100 * S), 0);
    assert_int_equal(deadline(), T0 + 100 * S + IDLE);
    /* Traffic of before counts no more than the beginning of M3. */
    facts.traffic_us = T0 - S;
    assert_next(T0 + IDLE, ENGINE_MOFF);
}

static void test_work_keeps_awake(void **state)
{
    (void)state;
    to_m3(T0);
    facts.busy_until_us = T0 + 30 * S;
    assert_next(T0 + 30 * S + IDLE, ENGINE_MOFF);
}

static void test_connections_keep_awake(void **state)
{
    (void)state;
    to_m3(T0);
    facts.has_conns = true;
    facts.traffic_us = T0 + S;
    assert_int_equal(look(T0 + S), 0);
    /* Nothing will happen while they are open, but somebody has to see them go. */
    assert_int_equal(deadline(), T0 + S + IDLE);
    assert_int_equal(look(T0 + S + IDLE), 0);
    assert_int_equal(deadline(), T0 + S + IDLE + ENGINE_POWER_RECHECK_US);
    assert_nothing_until(T0 + 10 * IDLE);
    facts.has_conns = false;
    assert_int_equal(look(T0 + 10 * IDLE), 1);
    assert_state(ENGINE_MOFF);
    /* With the host on, or without sleep, nobody has to look. */
    set_up(state);
    facts.has_conns = true;
    to_m0(T0);
    assert_int_equal(deadline(), UINT64_MAX);
    to_m3(T0);
    facts.idle_min = 65535;
    assert_int_equal(deadline(), UINT64_MAX);
}

/* ---- waking up ------------------------------------------------------------------------ */

static void test_wake(void **state)
{
    uint64_t now = to_waking();

    (void)state;
    assert_int_equal(last.duration_us, WAKE);
    assert_false(last.needs_announcing);
    assert_int_equal(draws[LATENCY_EVENT_WAKE], 1);
    assert_next(now + WAKE, ENGINE_M3);
    assert_true(last.needs_announcing);
    assert_false(last.drops_conns);
    /* Idling begins anew. */
    assert_next(now + WAKE + IDLE, ENGINE_MOFF);
}

static void test_no_wake_time(void **state)
{
    uint64_t now = to_moff() + S;

    (void)state;
    draw_us[LATENCY_EVENT_WAKE] = 0;
    facts.is_woken = true;
    assert_int_equal(look(now), 2);
    assert_int_equal(last.from, ENGINE_WAKING);
    assert_state(ENGINE_M3);
    assert_int_equal(deadline(), now + IDLE);
}

/* With the host on again it is awake at once, asleep or half awake. */
static void test_host_wakes(void **state)
{
    uint64_t now = to_moff() + S;

    facts.host = ENGINE_HOST_ON;
    assert_int_equal(look(now), 1);
    assert_int_equal(last.from, ENGINE_MOFF);
    assert_true(last.needs_announcing);
    assert_state(ENGINE_M0);
    set_up(state);
    now = to_waking() + S;
    facts.host = ENGINE_HOST_ON;
    assert_int_equal(look(now), 1);
    assert_int_equal(last.from, ENGINE_WAKING);
    assert_true(last.needs_announcing);
    assert_state(ENGINE_M0);
}

/* It has a network to restart then. */
static void test_host_wakes_with_restart(void **state)
{
    uint64_t now;

    draw_us[LATENCY_EVENT_BOUNCE_DOWN] = DOWN;
    now = to_moff() + S;
    to_m0(now);
    assert_next(now + AFTER, ENGINE_RESTART);
    assert_next(now + AFTER + DOWN, ENGINE_M0);
    set_up(state);
    draw_us[LATENCY_EVENT_BOUNCE_DOWN] = DOWN;
    now = to_waking() + S;
    to_m0(now);
    assert_next(now + AFTER, ENGINE_RESTART);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_unknown_host, set_up),
        cmocka_unit_test_setup(test_first_word, set_up),
        cmocka_unit_test_setup(test_on_and_off, set_up),
        cmocka_unit_test_setup(test_host_becomes_unknown, set_up),
        cmocka_unit_test_setup(test_idle_timeout, set_up),
        cmocka_unit_test_setup(test_never, set_up),
        cmocka_unit_test_setup(test_never_wakes, set_up),
        cmocka_unit_test_setup(test_traffic_keeps_awake, set_up),
        cmocka_unit_test_setup(test_work_keeps_awake, set_up),
        cmocka_unit_test_setup(test_connections_keep_awake, set_up),
        cmocka_unit_test_setup(test_wake, set_up),
        cmocka_unit_test_setup(test_no_wake_time, set_up),
        cmocka_unit_test_setup(test_host_wakes, set_up),
        cmocka_unit_test_setup(test_host_wakes_with_restart, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
