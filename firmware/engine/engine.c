/* SPDX-License-Identifier: ISC */
/*
 * Joins the power states (engine_power.c) with the firmware: collects the facts, moves the
 * network card and the latency model, writes the log. Injected silence lies over all states.
 */
#include "engine/engine.h"

#include "base/log.h"
#include "engine/engine_power.h"
#include "fault/fault.h"
#include "hal/board.h"
#include "host/host_model.h"
#include "net/net.h"
#include "settings/general_settings.h"
#include "settings/power_scheme.h"

enum { US_PER_MS = 1000 };

static struct engine_power power;
/* What the network card was told last. */
static enum net_mode mode;
static struct net_sleep sleep_mode;
static bool is_silent;

static enum engine_host host_now(void)
{
    switch (host_model()->power) {
    case vamt_PowerState_POWER_STATE_ON:
    case vamt_PowerState_POWER_STATE_CRASHED:
        return ENGINE_HOST_ON;
    case vamt_PowerState_POWER_STATE_SLEEP:
    case vamt_PowerState_POWER_STATE_HIBERNATE:
    case vamt_PowerState_POWER_STATE_OFF:
        return ENGINE_HOST_OFF;
    default:
        return ENGINE_HOST_UNKNOWN;
    }
}

static struct engine_power_facts facts_now(uint64_t now_us)
{
    struct net_status net;

    net_get_status(&net);
    return (struct engine_power_facts){
        .now_us = now_us,
        .host = host_now(),
        .profile = latency_profile(),
        .draw = latency_draw,
        .idle_min = general_settings_idle_min(),
        .is_s0_only = power_scheme_get() == POWER_SCHEME_S0,
        .has_conns = net.conns > 0,
        .traffic_us = net_traffic_us(),
        .busy_until_us = latency_busy_until(),
        .is_woken = net_take_wake(),
        .is_stuck = fault_is_asleep(),
    };
}

static enum net_mode mode_of(enum engine_state state)
{
    static const enum net_mode modes[] = {
        [ENGINE_M0] = NET_MODE_ON,        [ENGINE_M3] = NET_MODE_ON,
        [ENGINE_MOFF] = NET_MODE_DOZE,    [ENGINE_WAKING] = NET_MODE_HOLD,
        [ENGINE_RESTART] = NET_MODE_DEAD, [ENGINE_RESET] = NET_MODE_DEAD};

    return is_silent ? NET_MODE_DEAD : modes[state];
}

/* Tell the network card what the state means for it, if that is new. */
static void apply_mode(void)
{
    const struct latency_profile *profile = latency_profile();
    const struct net_sleep sleep = {.answers_arp = profile->answers_arp,
                                    .answers_ping = profile->answers_ping,
                                    .hold = profile->wake_hold};
    enum net_mode wanted = mode_of(power.state);
    bool sleeps = wanted == NET_MODE_DOZE || wanted == NET_MODE_HOLD;
    bool is_same_sleep = sleep.answers_arp == sleep_mode.answers_arp &&
                         sleep.answers_ping == sleep_mode.answers_ping &&
                         sleep.hold == sleep_mode.hold;

    if (wanted == mode && (!sleeps || is_same_sleep)) {
        return;
    }
    mode = wanted;
    sleep_mode = sleep;
    net_set_mode(mode, sleeps ? &sleep : NULL);
}

static void apply(const struct engine_power_change *change)
{
    const char *from = engine_state_name(change->from);
    const char *to = engine_state_name(change->to);

    if (change->duration_us > 0) {
        log_info("engine", "%s -> %s: %s (%llu ms)", from, to, change->why,
                 (unsigned long long)(change->duration_us / US_PER_MS));
    } else {
        log_info("engine", "%s -> %s: %s", from, to, change->why);
    }
    if (change->drops_conns) {
        net_drop_conns();
    }
    apply_mode();
    if (change->needs_announcing) {
        net_announce(latency_profile()->wake_announce);
    }
}

void engine_start(void)
{
    engine_power_init(&power);
    latency_set_state(LATENCY_STATE_M0);
    mode = NET_MODE_ON;
    is_silent = false;
}

uint64_t engine_poll(uint64_t now_us)
{
    struct engine_power_facts facts = facts_now(now_us);
    struct engine_power_change change;
    uint64_t silence_us = UINT64_MAX; /* when it begins or ends */
    uint64_t due_us;

    is_silent = fault_is_silent(now_us, &silence_us);
    while (engine_power_step(&power, &facts, &change)) {
        facts.is_woken = false; /* it was of the state that is left now */
        apply(&change);
    }
    latency_set_state(power.is_host_on || !power.is_host_known ? LATENCY_STATE_M0
                                                               : LATENCY_STATE_M3);
    apply_mode();
    due_us = engine_power_deadline(&power, &facts);
    if (power.state == ENGINE_RESET && now_us >= power.until_us) {
        log_info("engine", "resetting");
        board_reset();
    }
    return due_us < silence_us ? due_us : silence_us;
}

enum engine_state engine_state(void)
{
    return power.state;
}

const char *engine_state_name(enum engine_state state)
{
    static const char *const names[] = {[ENGINE_M0] = "M0",
                                        [ENGINE_M3] = "M3",
                                        [ENGINE_MOFF] = "Moff",
                                        [ENGINE_WAKING] = "waking",
                                        [ENGINE_RESTART] = "network restart",
                                        [ENGINE_RESET] = "reset"};

    return names[state];
}

void engine_reset(const char *why)
{
    log_info("engine", "a reset is asked for: %s", why);
    engine_power_reset(&power, board_now_us());
}
