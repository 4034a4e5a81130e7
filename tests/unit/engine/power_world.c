/* SPDX-License-Identifier: ISC */
#include "engine/power_world.h"

struct engine_power power;
struct engine_power_facts facts;
struct engine_power_change last;
struct latency_profile profile;
uint32_t draw_us[LATENCY_EVENT_COUNT];
unsigned draws[LATENCY_EVENT_COUNT];

static uint32_t draw(enum latency_event event)
{
    draws[event]++;
    return draw_us[event];
}

int set_up(void **state)
{
    (void)state;
    memset(draws, 0, sizeof(draws));
    draw_us[LATENCY_EVENT_WAKE] = WAKE;
    draw_us[LATENCY_EVENT_BOUNCE_AFTER] = AFTER;
    draw_us[LATENCY_EVENT_BOUNCE_DOWN] = 0;
    draw_us[LATENCY_EVENT_RESET] = RESET;
    latency_profile_init(&profile);
    profile.bounce_drops = true;
    facts = (struct engine_power_facts){
        .now_us = T0, .profile = &profile, .draw = draw, .idle_min = 1};
    engine_power_init(&power);
    return 0;
}

unsigned look(uint64_t now_us)
{
    unsigned changes = 0;
    uint64_t deadline;

    facts.now_us = now_us;
    while (engine_power_step(&power, &facts, &last)) {
        facts.is_woken = false;
        assert_int_equal(last.to, power.state);
        assert_non_null(last.why);
        assert_true(++changes < 5);
    }
    facts.is_woken = false;
    deadline = engine_power_deadline(&power, &facts);
    assert_true(deadline > now_us ||
                (power.state == ENGINE_RESET && deadline == power.until_us));
    /* The same facts again: nothing, and the same answer. */
    struct engine_power before = power;
    struct engine_power_change other;
    assert_false(engine_power_step(&power, &facts, &other));
    assert_memory_equal(&before, &power, sizeof(power));
    assert_int_equal(engine_power_deadline(&power, &facts), deadline);
    return changes;
}

void assert_state(enum engine_state expected)
{
    assert_int_equal(power.state, expected);
}

uint64_t deadline(void)
{
    return engine_power_deadline(&power, &facts);
}

void assert_next(uint64_t at_us, enum engine_state to)
{
    enum engine_state from = power.state;

    assert_int_equal(deadline(), at_us);
    assert_int_equal(look(at_us - 1), 0);
    assert_int_equal(deadline(), at_us);
    assert_int_equal(look(at_us), 1);
    assert_int_equal(last.from, from);
    assert_state(to);
}

void assert_nothing_until(uint64_t end_us)
{
    enum engine_state state = power.state;

    for (uint64_t now = facts.now_us; now < end_us; now += 7777777) {
        assert_int_equal(look(now), 0);
    }
    assert_state(state);
}

void to_m0(uint64_t now_us)
{
    facts.host = ENGINE_HOST_ON;
    look(now_us);
    assert_state(ENGINE_M0);
}

void to_m3(uint64_t now_us)
{
    facts.host = ENGINE_HOST_OFF;
    look(now_us);
    assert_state(ENGINE_M3);
}

uint64_t to_moff(void)
{
    to_m3(T0);
    assert_next(T0 + IDLE, ENGINE_MOFF);
    return T0 + IDLE;
}

uint64_t to_waking(void)
{
    uint64_t now = to_moff() + 10 * S;

    facts.is_woken = true;
    facts.traffic_us = now;
    assert_int_equal(look(now), 1);
    assert_state(ENGINE_WAKING);
    return now;
}

uint64_t to_restart(void)
{
    draw_us[LATENCY_EVENT_BOUNCE_DOWN] = DOWN;
    to_m0(T0);
    to_m3(T0 + S);
    assert_next(T0 + S + AFTER, ENGINE_RESTART);
    return T0 + S + AFTER;
}
