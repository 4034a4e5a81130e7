/* SPDX-License-Identifier: ISC */
/* The card in front of the card: modes, wake, hold, order, limits. */
#include "net/net_gate.h"

#include "base/err.h"
#include "base/util.h"
#include "config.h"
#include "net/fault_double.h"
#include "net/net_card.h"
#include "settings/general_settings.h"
#include "unit.h"

static const struct net_sleep silent = {.hold = CONFIG_NET_HOLD_COUNT};
static const struct net_sleep offloads = {true, true, 0};

/* ---- on ------------------------------------------------------------------------------- */

static void test_on_passes_everything(void **state)
{
    const uint8_t *bytes = net_card_next()->bytes;
    struct span frame;

    (void)state;
    assert_memory_equal(net_card_gate->mac, net_card.mac, 6);
    assert_int_equal(net_card_gate->mtu, 1400);
    net_card_put_tcp(80);
    assert_true(net_card_gate->ops->receive(net_card_gate, &frame));
    assert_ptr_equal(frame.ptr, bytes); /* not copied */
    net_card_gate->ops->receive_done(net_card_gate);
    assert_int_equal(net_card_take(), 0);
    net_card_put_arp();
    net_frame_tcp(net_card_next(), 81);
    net_card_next()->bytes[5]++; /* not even for us */
    net_card_put();
    assert_int_equal(net_card_take(), 1);
    assert_int_equal(net_card_take(), 81);
    assert_int_equal(net_card_send("x"), 0);
    net_card_assert_sent(0, "to: x");
    net_card_send_result = ERR_BUSY;
    assert_int_equal(net_card_send("x"), ERR_BUSY);
    assert_false(net_gate_take_wake());
    assert_true(net_gate_deadline() == UINT64_MAX);
    for (unsigned i = 0; i < 2; i++) {
        net_card_tells = i == 1;
        assert_int_equal(net_card_gate->ops->is_link_up(net_card_gate), i);
        assert_int_equal(net_card_gate->ops->take_announce(net_card_gate), i);
    }
}

static void test_traffic_is_noted(void **state)
{
    static void (*const others[])(void) = {net_card_put_arp, net_card_put_ping};

    (void)state;
    assert_true(net_gate_traffic_us() == 0);
    net_card_put_udp(68);
    assert_int_equal(net_card_take(), 68);
    for (size_t i = 0; i < UTIL_COUNT(others); i++) {
        others[i]();
        assert_int_equal(net_card_take(), 1);
    }
    net_frame_tcp(net_card_next(), 80);
    net_card_next()->bytes[5]++;
    net_card_put();
    assert_int_equal(net_card_take(), 80);
    assert_true(net_gate_traffic_us() == 0);
    net_card_put_tcp(80);
    assert_int_equal(net_card_take(), 80);
    assert_true(net_gate_traffic_us() == 5000);
    net_card_now_us = 9000;
    net_card_put_udp(623);
    (void)net_gate_poll(net_card_now_us);
    assert_int_equal(net_card_take(), 623);
    assert_true(net_gate_traffic_us() == 9000);
}

/* ---- asleep --------------------------------------------------------------------------- */

static void test_doze_with_offloads(void **state)
{
    (void)state;
    net_gate_set_mode(NET_MODE_DOZE, &offloads);
    net_card_put_arp();
    net_card_put_ping();
    net_card_put_udp(68);
    assert_false(net_gate_poll(net_card_now_us));
    assert_int_equal(net_card_in_count, 0);
    assert_int_equal(net_card_out_count, 2);
    assert_int_equal(net_card_out[0].len, 42);
    assert_int_equal(net_card_out[0].bytes[21], 2);
    assert_int_equal(net_card_out[1].len, 52);
    assert_int_equal(net_card_out[1].bytes[34], 0);
    assert_false(net_gate_take_wake());
    /* lwIP neither hears nor says anything */
    net_card_put_ping();
    assert_int_equal(net_card_take(), 0);
    assert_int_equal(net_card_send("x"), 0);
    assert_int_equal(net_card_out_count, 2);
    assert_true(net_gate_deadline() == UINT64_MAX);
}

static void test_wake_comes_once(void **state)
{
    static void (*const wakers[])(void) = {net_card_put_arp, net_card_put_ping};

    (void)state;
    net_gate_set_mode(NET_MODE_DOZE, &offloads);
    net_card_put_tcp(80);
    net_card_put_tcp(80);
    (void)net_gate_poll(net_card_now_us);
    assert_true(net_gate_take_wake());
    assert_false(net_gate_take_wake());
    assert_true(net_gate_traffic_us() == net_card_now_us);
    net_card_put_udp(623);
    (void)net_gate_poll(net_card_now_us);
    assert_true(net_gate_take_wake());
    /* without offloads questions wake, too */
    net_gate_set_mode(NET_MODE_DOZE, &silent);
    for (size_t i = 0; i < UTIL_COUNT(wakers); i++) {
        wakers[i]();
        (void)net_gate_poll(net_card_now_us);
        assert_true(net_gate_take_wake());
        assert_int_equal(net_card_out_count, 0);
    }
    /* each by itself */
    net_gate_set_mode(NET_MODE_DOZE, &(const struct net_sleep){.answers_arp = true});
    net_card_put_arp();
    (void)net_gate_poll(net_card_now_us);
    assert_false(net_gate_take_wake());
    net_card_put_ping();
    (void)net_gate_poll(net_card_now_us);
    assert_true(net_gate_take_wake());
    assert_int_equal(net_card_out_count, 1);
}

static void set_ping_reply(bool answers)
{
    struct general_settings next = *general_settings_get();

    next.ping_reply = answers;
    assert_int_equal(general_settings_set(&next), 0);
}

/* AMT_GeneralSettings.PingResponseEnabled: neither lwIP nor the card answers, nothing wakes. */
static void test_pings_are_not_heard_if_a_console_says_so(void **state)
{
    (void)state;
    set_ping_reply(false);
    net_card_put_ping();
    net_card_put_tcp(80);
    net_card_put_ping();
    assert_int_equal(net_card_take(), 80);
    assert_int_equal(net_card_take(), 0);
    assert_int_equal(net_card_in_count, 0); /* they do not fill up the card */
    net_card_put_arp();
    assert_int_equal(net_card_take(), 1);
    net_gate_set_mode(NET_MODE_DOZE, &offloads);
    net_card_put_ping();
    (void)net_gate_poll(net_card_now_us);
    net_gate_set_mode(NET_MODE_DOZE, &silent);
    net_card_put_ping();
    (void)net_gate_poll(net_card_now_us);
    assert_false(net_gate_take_wake());
    assert_int_equal(net_card_out_count, 0);
    net_gate_set_mode(NET_MODE_ON, NULL);
    set_ping_reply(true);
    net_card_put_ping();
    assert_int_equal(net_card_take(), 1);
}

/* A wake that nobody asked about is no wake of the next sleep. */
static void test_old_wake_is_forgotten(void **state)
{
    (void)state;
    net_gate_set_mode(NET_MODE_DOZE, &silent);
    net_card_put_tcp(80);
    (void)net_gate_poll(net_card_now_us);
    net_gate_set_mode(NET_MODE_ON, NULL);
    assert_false(net_gate_take_wake());
    assert_int_equal(net_card_take(),
                     80); /* the host went on meanwhile: it is not lost */
    net_card_put_tcp(81);
    assert_int_equal(net_card_take(), 81);
    net_gate_set_mode(NET_MODE_DOZE, NULL);
    assert_false(net_gate_take_wake());
}

static void test_hold_keeps_the_order(void **state)
{
    (void)state;
    net_gate_set_mode(NET_MODE_DOZE, &silent);
    net_card_put_tcp(1001);
    (void)net_gate_poll(net_card_now_us);
    assert_true(net_gate_take_wake());
    net_gate_set_mode(NET_MODE_HOLD, &silent);
    net_card_put_udp(68);
    net_card_put_tcp(1001); /* again: consoles are impatient */
    net_card_put_udp(1002);
    net_card_put_arp();
    (void)net_gate_poll(net_card_now_us);
    assert_false(net_gate_take_wake());
    assert_int_equal(net_card_take(), 0);
    assert_true(net_gate_deadline() == UINT64_MAX);
    net_card_put_tcp(1004); /* still in the card */
    net_gate_set_mode(NET_MODE_ON, NULL);
    assert_true(net_gate_deadline() <= net_card_now_us);
    assert_true(net_gate_poll(net_card_now_us));
    net_gate_set_mode(NET_MODE_ON, NULL); /* twice is once */
    assert_int_equal(net_card_take(), 1001);
    assert_int_equal(net_card_take(), 1001);
    assert_int_equal(net_card_take(), 1002);
    assert_int_equal(net_card_take(), 1);
    assert_int_equal(net_card_take(), 1004);
    assert_int_equal(net_card_take(), 0);
    assert_true(net_gate_deadline() == UINT64_MAX);
    assert_int_equal(net_card_out_count, 0);
}

static void test_hold_answers_too(void **state)
{
    (void)state;
    net_gate_set_mode(NET_MODE_HOLD, &offloads);
    net_card_put_arp();
    net_card_put_ping();
    (void)net_gate_poll(net_card_now_us);
    assert_int_equal(net_card_out_count, 2);
    net_gate_set_mode(NET_MODE_ON, NULL);
    assert_int_equal(net_card_take(), 0);
}

/* How many of twenty frames are kept when the profile says `hold`. */
static unsigned kept_of(uint32_t hold)
{
    const struct net_sleep sleep = {.hold = hold};
    unsigned count = 0;

    net_gate_set_mode(NET_MODE_DOZE, &sleep);
    for (unsigned i = 0; i < 20; i++) {
        net_card_put_tcp((uint16_t)(100 + i));
        (void)net_gate_poll(net_card_now_us);
        if (i == 0) {
            net_gate_set_mode(NET_MODE_HOLD, &sleep);
        }
    }
    net_gate_set_mode(NET_MODE_ON, NULL);
    while (net_card_take() == 100 + count) {
        count++;
    }
    assert_int_equal(net_card_take(), 0);
    return count;
}

static void test_hold_has_a_limit(void **state)
{
    (void)state;
    assert_int_equal(kept_of(0), 0);
    assert_int_equal(kept_of(1), 1);
    assert_int_equal(kept_of(3), 3);
    assert_int_equal(kept_of(CONFIG_NET_HOLD_COUNT), CONFIG_NET_HOLD_COUNT);
    assert_int_equal(kept_of(UINT32_MAX), CONFIG_NET_HOLD_COUNT);
}

/* Stuck asleep: what it did not hear does not come back hours later. */
static void test_slept_on(void **state)
{
    (void)state;
    net_gate_set_mode(NET_MODE_DOZE, &silent);
    net_card_put_tcp(1);
    net_card_put_tcp(2);
    (void)net_gate_poll(net_card_now_us);
    assert_true(net_gate_take_wake());
    net_card_now_us += 900000;
    net_card_put_tcp(3);
    (void)net_gate_poll(net_card_now_us);
    net_card_now_us += 200000;
    for (unsigned i = 4; i < 4 + CONFIG_NET_HOLD_COUNT - 1; i++) {
        net_card_put_tcp((uint16_t)i); /* there is room for all */
    }
    (void)net_gate_poll(net_card_now_us);
    assert_true(net_gate_take_wake());
    net_gate_set_mode(NET_MODE_HOLD, NULL);
    net_card_now_us += 5000000; /* a long way from sleep to waking hours */
    (void)net_gate_poll(net_card_now_us);
    net_gate_set_mode(NET_MODE_ON, NULL);
    for (unsigned i = 3; i < 4 + CONFIG_NET_HOLD_COUNT - 1; i++) {
        assert_int_equal(net_card_take(), i);
    }
    assert_int_equal(net_card_take(), 0);
}

/* ... nor when something else wakes the engine. */
static void test_slept_on_and_woken_otherwise(void **state)
{
    static const enum net_mode next[] = {NET_MODE_ON, NET_MODE_HOLD};

    (void)state;
    for (size_t i = 0; i < UTIL_COUNT(next); i++) {
        net_gate_set_mode(NET_MODE_DOZE, &silent);
        net_card_put_tcp(1);
        (void)net_gate_poll(net_card_now_us);
        net_card_now_us += 2000000;
        net_gate_set_mode(next[i], &silent);
        net_gate_set_mode(NET_MODE_ON, NULL);
        assert_int_equal(net_card_take(), 0);
    }
}

/* A new sleep, and a dead network, begin with nothing kept. */
static void test_kept_frames_do_not_outlive_the_sleep(void **state)
{
    static const enum net_mode next[] = {NET_MODE_DOZE, NET_MODE_DEAD};

    (void)state;
    for (size_t i = 0; i < UTIL_COUNT(next); i++) {
        net_gate_set_mode(NET_MODE_HOLD, &silent);
        net_card_put_tcp(1);
        (void)net_gate_poll(net_card_now_us);
        net_gate_set_mode(next[i], &silent);
        net_gate_set_mode(NET_MODE_ON, NULL);
        assert_int_equal(net_card_take(), 0);
    }
    /* fewer may be kept by a profile chosen meanwhile, but the wake stays */
    net_gate_set_mode(NET_MODE_DOZE, &silent);
    net_card_put_tcp(1);
    (void)net_gate_poll(net_card_now_us);
    net_gate_set_mode(NET_MODE_DOZE, &offloads);
    assert_true(net_gate_take_wake());
}

static void test_many_frames_in_one_sleep(void **state)
{
    (void)state;
    net_gate_set_mode(NET_MODE_DOZE, &offloads);
    for (unsigned i = 0; i < 200; i++) {
        net_card_put_ping();
    }
    assert_true(net_gate_poll(net_card_now_us)); /* others want their turn */
    assert_true(net_card_in_count > 0);
    while (net_gate_poll(net_card_now_us)) {
    }
    assert_int_equal(net_card_in_count, 0);
    assert_int_equal(net_card_out_count, 200);
}

/* ---- dead ----------------------------------------------------------------------------- */

static void test_dead(void **state)
{
    (void)state;
    net_gate_set_mode(NET_MODE_DEAD, NULL);
    net_card_put_tcp(80);
    net_card_put_arp();
    net_card_put_ping();
    assert_int_equal(net_card_take(), 0);
    assert_false(net_gate_poll(net_card_now_us));
    assert_int_equal(net_card_in_count, 0);
    assert_int_equal(net_card_send("x"), 0);
    assert_int_equal(net_card_out_count, 0);
    assert_false(net_gate_take_wake());
    assert_true(net_gate_traffic_us() == 0);
    assert_int_equal(fault_double.asked[FAULT_WAY_IN], 0);
    net_gate_set_mode(NET_MODE_ON, NULL);
    net_card_put_tcp(81);
    assert_int_equal(net_card_take(), 81);
    assert_int_equal(net_card_send("x"), 0);
    assert_int_equal(net_card_out_count, 1);
}

#define TEST(name) cmocka_unit_test_setup(test_##name, net_card_before)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(on_passes_everything),
        TEST(traffic_is_noted),
        TEST(doze_with_offloads),
        TEST(wake_comes_once),
        TEST(pings_are_not_heard_if_a_console_says_so),
        TEST(old_wake_is_forgotten),
        TEST(hold_keeps_the_order),
        TEST(hold_answers_too),
        TEST(hold_has_a_limit),
        TEST(slept_on),
        TEST(slept_on_and_woken_otherwise),
        TEST(kept_frames_do_not_outlive_the_sleep),
        TEST(many_frames_in_one_sleep),
        TEST(dead),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
