/* SPDX-License-Identifier: ISC */
/*
 * The engine joined with doubles of the network, the host, the faults and the board: which
 * facts reach the state machine, and what the card, the latency model and the log are told.
 */
#include <stdio.h>

#include "base/log.h"
#include "engine/engine.h"
#include "fault/fault.h"
#include "hal/board.h"
#include "host/host_model.h"
#include "latency/latency.h"
#include "net/net.h"
#include "settings/general_settings.h"
#include "settings/power_scheme.h"
#include "unit.h"

enum { MS = 1000, S = 1000000, LOG_CAP = 2000 };

static const uint64_t T0 = 1000 * (uint64_t)S;

/* ---- doubles -------------------------------------------------------------------------- */

static uint64_t now;
static vamt_HostSnapshot host;
static uint32_t conns;
static uint64_t traffic_us;
static bool has_wake;
static bool is_stuck;
static bool is_silence;
static uint64_t silence_until;
static bool was_reset;
static jmp_buf at_reset;
/* What was done, in order: "DOZE(arp ping 3) announce2 drop ". */
static char done[LOG_CAP];
static char logged[LOG_CAP];

static void note(const char *text)
{
    assert_true(strlen(done) + strlen(text) + 1 < sizeof(done));
    strcat(done, text);
    strcat(done, " ");
}

const vamt_HostSnapshot *host_model(void)
{
    return &host;
}

void net_get_status(struct net_status *status)
{
    memset(status, 0, sizeof(*status));
    status->conns = conns;
}

uint64_t net_traffic_us(void)
{
    return traffic_us;
}

bool net_take_wake(void)
{
    bool had = has_wake;

    has_wake = false;
    return had;
}

void net_set_mode(enum net_mode mode, const struct net_sleep *sleep)
{
    static const char *const names[] = {"ON", "DOZE", "HOLD", "DEAD"};
    bool sleeps = mode == NET_MODE_DOZE || mode == NET_MODE_HOLD;
    char text[60];

    assert_int_equal(sleep != NULL, sleeps);
    snprintf(text, sizeof(text), sleeps ? "%s(%s%s%u)" : "%s", names[mode],
             sleeps && sleep->answers_arp ? "arp " : "",
             sleeps && sleep->answers_ping ? "ping " : "", sleeps ? sleep->hold : 0);
    note(text);
}

void net_announce(unsigned count)
{
    char text[20];

    snprintf(text, sizeof(text), "announce%u", count);
    note(text);
}

void net_drop_conns(void)
{
    note("drop");
}

bool fault_is_asleep(void)
{
    return is_stuck;
}

bool fault_is_silent(uint64_t now_us, uint64_t *until_us)
{
    assert_int_equal(now_us, now);
    *until_us = silence_until;
    return is_silence;
}

uint64_t board_now_us(void)
{
    return now;
}

void board_reset(void)
{
    was_reset = true;
    longjmp(at_reset, 1);
}

static void keep_line(struct span line)
{
    size_t len = strlen(logged);

    assert_true(len + line.len < sizeof(logged));
    memcpy(logged + len, line.ptr, line.len);
    logged[len + line.len] = '\0';
}

/* ---- helpers -------------------------------------------------------------------------- */

static const char profile_text[] = "profile = t\n"
                                   "m0.get = 100 ms\nm3.get = 400 ms\n"
                                   "sleep.idle = 1\n"
                                   "sleep.arp = on\nsleep.ping = off\n"
                                   "wake.time = 1.7 s\nwake.hold = 3\nwake.announce = 2\n"
                                   "bounce.after = 1 s\nbounce.down = 3 s\n"
                                   "bounce.connections = drop\n"
                                   "reset.down = 20 s\n";

static void use(const char *text)
{
    struct latency_profile profile;
    struct latency_profile_error error;

    assert_int_equal(latency_profile_parse(span_str(text), &profile, &error), 0);
    latency_use(&profile);
}

static int set_up(void **state)
{
    static const struct log_sink sink = {keep_line, board_now_us};

    (void)state;
    log_init(&sink);
    now = T0;
    host = (vamt_HostSnapshot){.power = vamt_PowerState_POWER_STATE_UNKNOWN};
    conns = 0;
    traffic_us = 0;
    has_wake = is_stuck = is_silence = was_reset = false;
    silence_until = UINT64_MAX;
    assert_int_equal(general_settings_reset(false), 0);
    assert_int_equal(power_scheme_reset(), 0);
    latency_start();
    use(profile_text);
    engine_start();
    done[0] = logged[0] = '\0';
    return 0;
}

static uint64_t poll_at(uint64_t at_us)
{
    now = at_us;
    return engine_poll(now);
}

static uint64_t poll_host(uint64_t at_us, vamt_PowerState power)
{
    host.power = power;
    return poll_at(at_us);
}

/* What was done and logged since the last time; the stamps in front of lines are left out. */
static void assert_done(const char *expected)
{
    assert_string_equal(done, expected);
    done[0] = '\0';
}

static void assert_logged(const char *expected)
{
    char plain[LOG_CAP] = "";

    for (char *line = strtok(logged, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        strcat(plain, strstr(line, "engine: "));
        strcat(plain, "\n");
    }
    assert_string_equal(plain, expected);
    logged[0] = '\0';
}

/* The time that a Get takes now says which state the model is in. */
static void assert_get(uint64_t expected_us)
{
    const struct latency_job job = {LATENCY_OP_GET, 0};
    uint64_t start = latency_busy_until() > now ? latency_busy_until() : now;

    assert_int_equal(latency_due(&job, now) - start, expected_us);
}

/* ---- tests ---------------------------------------------------------------------------- */

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(engine_state_name(ENGINE_M0), "M0");
    assert_string_equal(engine_state_name(ENGINE_M3), "M3");
    assert_string_equal(engine_state_name(ENGINE_MOFF), "Moff");
    assert_string_equal(engine_state_name(ENGINE_WAKING), "waking");
    assert_string_equal(engine_state_name(ENGINE_RESTART), "network restart");
    assert_string_equal(engine_state_name(ENGINE_RESET), "reset");
}

static void test_host_power(void **state)
{
    static const struct {
        vamt_PowerState power;
        enum engine_state state;
    } cases[] = {
        {vamt_PowerState_POWER_STATE_UNKNOWN, ENGINE_M0},
        {vamt_PowerState_POWER_STATE_ON, ENGINE_M0},
        {vamt_PowerState_POWER_STATE_CRASHED, ENGINE_M0},
        {vamt_PowerState_POWER_STATE_SLEEP, ENGINE_M3},
        {vamt_PowerState_POWER_STATE_HIBERNATE, ENGINE_M3},
        {vamt_PowerState_POWER_STATE_OFF, ENGINE_M3},
    };

    for (size_t i = 0; i < UTIL_COUNT(cases); i++) {
        set_up(state);
        poll_host(T0, cases[i].power);
        assert_int_equal(engine_state(), cases[i].state);
        assert_get(cases[i].state == ENGINE_M0 ? 100 * MS : 400 * MS);
        assert_done("");
        poll_host(T0, vamt_PowerState_POWER_STATE_OFF);
        assert_int_equal(engine_state(), ENGINE_M3);
        poll_host(T0, cases[i].power);
        assert_int_equal(engine_state(), i == 0 ? ENGINE_M3 : cases[i].state);
        /* Unknown keeps what was. */
        poll_host(T0 + 1, vamt_PowerState_POWER_STATE_UNKNOWN);
        assert_int_equal(engine_state(), i == 0 ? ENGINE_M3 : cases[i].state);
    }
}

static void test_native_does_nothing(void **state)
{
    (void)state;
    use("profile = native");
    assert_int_equal(poll_host(T0, vamt_PowerState_POWER_STATE_ON), UINT64_MAX);
    assert_int_equal(poll_host(T0 + S, vamt_PowerState_POWER_STATE_OFF), UINT64_MAX);
    assert_int_equal(poll_at(T0 + 100000 * (uint64_t)S), UINT64_MAX);
    assert_int_equal(engine_state(), ENGINE_M3);
    assert_done("");
    assert_logged("engine: M0 -> M3: the host is off\n");
}

static void test_sleep_and_wake(void **state)
{
    uint64_t asleep = T0 + 150 * (uint64_t)S;

    (void)state;
    assert_int_equal(poll_host(T0, vamt_PowerState_POWER_STATE_OFF), asleep);
    assert_int_equal(poll_at(asleep - 1), asleep);
    has_wake = true; /* left over from before: no wake of this sleep */
    assert_int_equal(poll_at(asleep), UINT64_MAX);
    assert_int_equal(engine_state(), ENGINE_MOFF);
    assert_done("DOZE(arp 3) ");
    assert_int_equal(poll_at(asleep + S), UINT64_MAX);
    has_wake = true;
    assert_int_equal(poll_at(asleep + 2 * S), asleep + 3700 * MS);
    assert_int_equal(engine_state(), ENGINE_WAKING);
    assert_done("HOLD(arp 3) ");
    assert_int_equal(poll_at(asleep + 3700 * MS - 1), asleep + 3700 * MS);
    poll_at(asleep + 3700 * MS);
    assert_int_equal(engine_state(), ENGINE_M3);
    assert_done("ON announce2 ");
    assert_get(400 * MS);
    assert_logged("engine: M0 -> M3: the host is off\n"
                  "engine: M3 -> Moff: no traffic (150000 ms)\n"
                  "engine: Moff -> waking: a frame came (1700 ms)\n"
                  "engine: waking -> M3: awake\n");
    poll_at(asleep + 3700 * MS);
    assert_logged("");
}

/* Also without a wake time kept frames are asked for first. */
static void test_wake_in_no_time(void **state)
{
    (void)state;
    use("profile = t\nsleep.idle = 1\nsleep.minute = 1 s\nsleep.extra = 0 s");
    poll_host(T0, vamt_PowerState_POWER_STATE_OFF);
    poll_at(T0 + S);
    has_wake = true;
    poll_at(T0 + 2 * S);
    assert_int_equal(engine_state(), ENGINE_M3);
    assert_done("DOZE(arp ping 16) HOLD(arp ping 16) ON announce1 ");
}

/* As a console does. */
static void set_idle(uint32_t minutes)
{
    struct general_settings next = *general_settings_get();

    next.has_idle_min = true;
    next.idle_min = minutes;
    assert_int_equal(general_settings_set(&next), 0);
}

static void test_what_keeps_awake(void **state)
{
    (void)state;
    poll_host(T0, vamt_PowerState_POWER_STATE_OFF);
    traffic_us = T0 + 10 * S;
    assert_int_equal(poll_at(T0 + 10 * S), T0 + 160 * (uint64_t)S);
    assert_get(400 * MS); /* busy until then */
    assert_int_equal(poll_at(T0 + 10 * S), T0 + 160 * (uint64_t)S + 400 * MS);
    conns = 1;
    poll_at(T0 + 1000 * (uint64_t)S);
    assert_int_equal(engine_state(), ENGINE_M3);
    conns = 0;
    /* What a console writes counts, not the profile. */
    set_idle(65535);
    assert_int_equal(poll_at(T0 + 1000 * (uint64_t)S), UINT64_MAX);
    set_idle(20);
    assert_int_equal(poll_at(T0 + 1000 * (uint64_t)S),
                     T0 + 10 * S + 400 * MS + (20 * 60 + 90) * (uint64_t)S);
}

static void test_power_package(void **state)
{
    (void)state;
    assert_int_equal(power_scheme_set(POWER_SCHEME_S0), 0);
    poll_host(T0, vamt_PowerState_POWER_STATE_ON);
    poll_host(T0 + S, vamt_PowerState_POWER_STATE_SLEEP);
    assert_int_equal(engine_state(), ENGINE_MOFF);
    assert_done("drop DOZE(arp 3) ");
    has_wake = true;
    assert_int_equal(poll_at(T0 + 2 * S), UINT64_MAX);
    assert_int_equal(engine_state(), ENGINE_MOFF);
    poll_host(T0 + 3 * S, vamt_PowerState_POWER_STATE_ON);
    assert_int_equal(engine_state(), ENGINE_M0);
    assert_done("ON announce2 ");
    assert_get(100 * MS);
}

static void test_restart(void **state)
{
    (void)state;
    poll_host(T0, vamt_PowerState_POWER_STATE_ON);
    assert_int_equal(poll_host(T0 + S, vamt_PowerState_POWER_STATE_OFF), T0 + 2 * S);
    assert_get(400 * MS); /* it is M3 from the change on */
    assert_int_equal(poll_at(T0 + 2 * S), T0 + 5 * S);
    assert_int_equal(engine_state(), ENGINE_RESTART);
    assert_done("drop DEAD ");
    poll_at(T0 + 5 * S);
    assert_int_equal(engine_state(), ENGINE_M3);
    assert_done("ON announce2 ");
    assert_logged("engine: M0 -> M3: the host is off\n"
                  "engine: M3 -> network restart: the host went off (3000 ms)\n"
                  "engine: network restart -> M3: the network is back\n");
    set_up(state);
    use("profile = t\nbounce.down = 3 s");
    poll_host(T0, vamt_PowerState_POWER_STATE_OFF);
    poll_host(T0 + S, vamt_PowerState_POWER_STATE_ON);
    assert_done("DEAD "); /* connections kept */
}

static void test_silence(void **state)
{
    (void)state;
    poll_host(T0, vamt_PowerState_POWER_STATE_ON);
    is_silence = true;
    silence_until = T0 + 5 * S;
    assert_int_equal(poll_at(T0 + S), T0 + 5 * S);
    assert_done("DEAD ");
    /* States go on below it; the card stays dead. */
    assert_int_equal(poll_host(T0 + 2 * S, vamt_PowerState_POWER_STATE_OFF), T0 + 3 * S);
    poll_at(T0 + 3 * S);
    assert_int_equal(engine_state(), ENGINE_RESTART);
    assert_done("drop ");
    is_silence = false;
    silence_until = T0 + 9 * S;
    assert_int_equal(poll_at(T0 + 5 * S), T0 + 6 * S);
    assert_done(""); /* dead for the restart's sake */
    assert_int_equal(poll_at(T0 + 6 * S), T0 + 9 * S);
    assert_done("ON announce2 ");
    is_silence = true;
    silence_until = UINT64_MAX;
    poll_at(T0 + 9 * S);
    assert_done("DEAD ");
    is_silence = false;
    poll_at(T0 + 10 * S);
    assert_done("ON ");
    assert_logged("engine: M0 -> M3: the host is off\n"
                  "engine: M3 -> network restart: the host went off (3000 ms)\n"
                  "engine: network restart -> M3: the network is back\n");
}

static void test_silence_while_asleep(void **state)
{
    (void)state;
    poll_host(T0, vamt_PowerState_POWER_STATE_OFF);
    poll_at(T0 + 150 * (uint64_t)S);
    is_silence = true;
    poll_at(T0 + 151 * (uint64_t)S);
    is_silence = false;
    poll_at(T0 + 152 * (uint64_t)S);
    assert_int_equal(engine_state(), ENGINE_MOFF);
    assert_done("DOZE(arp 3) DEAD DOZE(arp 3) ");
}

static void test_stuck(void **state)
{
    (void)state;
    poll_host(T0, vamt_PowerState_POWER_STATE_ON);
    is_stuck = true;
    assert_int_equal(poll_at(T0 + S), UINT64_MAX);
    assert_int_equal(engine_state(), ENGINE_MOFF);
    has_wake = true;
    assert_int_equal(poll_at(T0 + 2 * S), UINT64_MAX);
    is_stuck = false;
    poll_at(T0 + 3 * S);
    assert_int_equal(engine_state(), ENGINE_WAKING);
    poll_at(T0 + 3 * S + 1700 * MS);
    assert_int_equal(engine_state(), ENGINE_M0);
    assert_done("DOZE(arp 3) HOLD(arp 3) ON announce2 ");
    assert_logged("engine: M0 -> Moff: fault asleep\n"
                  "engine: Moff -> waking: fault asleep is over (1700 ms)\n"
                  "engine: waking -> M0: awake\n");
}

/* Another profile reaches a card that sleeps already. */
static void test_profile_changes_while_asleep(void **state)
{
    (void)state;
    poll_host(T0, vamt_PowerState_POWER_STATE_OFF);
    poll_at(T0 + 150 * (uint64_t)S);
    use("profile = t\nsleep.idle = 1\nsleep.arp = off\nwake.hold = 0");
    poll_at(T0 + 151 * (uint64_t)S);
    poll_at(T0 + 152 * (uint64_t)S);
    assert_done("DOZE(arp 3) DOZE(ping 0) ");
    use("profile = t"); /* never sleeps, wakes in no time */
    poll_at(T0 + 153 * (uint64_t)S);
    assert_done("HOLD(arp ping 16) ON announce1 ");
    assert_int_equal(engine_state(), ENGINE_M3);
}

static void test_reset(void **state)
{
    uint64_t down = T0 + 250 * MS;

    (void)state;
    poll_host(T0, vamt_PowerState_POWER_STATE_ON);
    engine_reset("unprovisioned");
    assert_int_equal(poll_at(T0), down);
    assert_int_equal(engine_state(), ENGINE_M0);
    assert_int_equal(poll_at(down), down + 20 * S);
    assert_int_equal(engine_state(), ENGINE_RESET);
    assert_done("DEAD ");
    assert_int_equal(poll_at(down + 20 * S - 1), down + 20 * S);
    if (setjmp(at_reset) == 0) {
        poll_at(down + 20 * S);
        fail();
    }
    assert_true(was_reset);
    assert_logged("engine: a reset is asked for: unprovisioned\n"
                  "engine: M0 -> reset: as asked (20000 ms)\n"
                  "engine: resetting\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_names, set_up),
        cmocka_unit_test_setup(test_host_power, set_up),
        cmocka_unit_test_setup(test_native_does_nothing, set_up),
        cmocka_unit_test_setup(test_sleep_and_wake, set_up),
        cmocka_unit_test_setup(test_wake_in_no_time, set_up),
        cmocka_unit_test_setup(test_what_keeps_awake, set_up),
        cmocka_unit_test_setup(test_power_package, set_up),
        cmocka_unit_test_setup(test_restart, set_up),
        cmocka_unit_test_setup(test_silence, set_up),
        cmocka_unit_test_setup(test_silence_while_asleep, set_up),
        cmocka_unit_test_setup(test_stuck, set_up),
        cmocka_unit_test_setup(test_profile_changes_while_asleep, set_up),
        cmocka_unit_test_setup(test_reset, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
