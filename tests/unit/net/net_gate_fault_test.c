/* SPDX-License-Identifier: ISC */
/* Frames that faults lose or delay, in every mode. */
#include "config.h"
#include "net/fault_double.h"
#include "net/net_card.h"
#include "net/net_gate.h"
#include "unit.h"

static const struct net_sleep silent = {.hold = CONFIG_NET_HOLD_COUNT};
static const struct net_sleep offloads = {true, true, 0};

static void test_some_are_lost(void **state)
{
    (void)state;
    fault_double.drop_every[FAULT_WAY_IN] = 3;
    for (uint16_t i = 1; i <= 9; i++) {
        net_card_put_tcp((uint16_t)(i * 10));
    }
    assert_int_equal(net_card_take(), 10);
    assert_int_equal(net_card_take(), 20);
    assert_int_equal(net_card_take(), 40);
    assert_int_equal(net_card_take(), 50);
    assert_int_equal(net_card_take(), 70);
    assert_int_equal(net_card_take(), 80);
    assert_int_equal(net_card_take(), 0);
    assert_int_equal(net_card_in_count, 0);
    fault_double.drop_every[FAULT_WAY_OUT] = 2;
    for (unsigned i = 0; i < 10; i++) {
        assert_int_equal(net_card_send("x"), 0);
    }
    assert_int_equal(net_card_out_count, 5);
    /* the card's own answers use the same wire */
    net_gate_set_mode(NET_MODE_DOZE, &offloads);
    fault_double.drop_every[FAULT_WAY_IN] = 0;
    net_card_out_count = 0;
    for (unsigned i = 0; i < 10; i++) {
        net_card_put_ping();
    }
    (void)net_gate_poll(net_card_now_us);
    assert_int_equal(net_card_out_count, 5);
}

static void test_all_are_lost(void **state)
{
    (void)state;
    fault_double.drop_every[FAULT_WAY_IN] = 1;
    for (unsigned i = 0; i < 200; i++) {
        net_card_put_tcp(80);
    }
    assert_int_equal(net_card_take(), 0);
    assert_true(net_card_in_count > 0); /* not all in one go */
    while (net_card_in_count > 0) {
        assert_int_equal(net_card_take(), 0);
    }
    fault_double.drop_every[FAULT_WAY_IN] = 0;
    net_card_put_tcp(80);
    assert_int_equal(net_card_take(), 80);
}

static void test_late_frames_in(void **state)
{
    (void)state;
    fault_double.delay_us[FAULT_WAY_IN] = 300;
    net_card_put_tcp(1);
    assert_int_equal(net_card_take(), 0);
    fault_double.delay_us[FAULT_WAY_IN] = 100;
    net_card_put_tcp(2);
    net_card_put_tcp(3);
    assert_int_equal(net_card_take(), 0);
    fault_double.delay_us[FAULT_WAY_IN] = 0;
    net_card_put_tcp(4);
    assert_int_equal(net_card_take(), 4); /* overtakes them */
    assert_true(net_gate_deadline() == net_card_now_us + 100);
    net_card_now_us += 99;
    (void)net_gate_poll(net_card_now_us);
    assert_int_equal(net_card_take(), 0);
    net_card_now_us += 1;
    (void)net_gate_poll(net_card_now_us);
    net_card_put_tcp(5);
    assert_int_equal(net_card_take(), 2);
    assert_int_equal(net_card_take(), 3);
    assert_int_equal(net_card_take(), 5);
    assert_int_equal(net_card_take(), 0);
    net_card_now_us = net_gate_deadline();
    assert_true(net_card_now_us == 5300);
    (void)net_gate_poll(net_card_now_us);
    assert_int_equal(net_card_take(), 1);
    assert_true(net_gate_deadline() == UINT64_MAX);
    assert_int_equal(fault_double.asked[FAULT_WAY_IN], 5); /* once for each frame */
}

static void test_late_frames_out(void **state)
{
    (void)state;
    fault_double.delay_us[FAULT_WAY_OUT] = 300;
    assert_int_equal(net_card_send("slow"), 0);
    fault_double.delay_us[FAULT_WAY_OUT] = 200;
    assert_int_equal(net_card_send("less slow"), 0);
    fault_double.delay_us[FAULT_WAY_OUT] = 0;
    assert_int_equal(net_card_send("quick"), 0);
    assert_int_equal(net_card_out_count, 1);
    net_card_assert_sent(0, "to: quick");
    assert_true(net_gate_deadline() == net_card_now_us + 200);
    (void)net_gate_poll(net_card_now_us + 199);
    assert_int_equal(net_card_out_count, 1);
    (void)net_gate_poll(net_card_now_us + 250);
    net_card_assert_sent(1, "to: less slow");
    assert_int_equal(net_card_out_count, 2);
    /* on the wire already when the engine falls asleep */
    net_gate_set_mode(NET_MODE_DOZE, &offloads);
    (void)net_gate_poll(net_card_now_us + 300);
    net_card_assert_sent(2, "to: slow");
    assert_true(net_gate_deadline() == UINT64_MAX);
}

/* A late frame meets the mode of the time when it comes. */
static void test_late_frames_and_modes(void **state)
{
    (void)state;
    fault_double.delay_us[FAULT_WAY_IN] = 100;
    net_card_put_tcp(7);
    assert_int_equal(net_card_take(), 0);
    net_gate_set_mode(NET_MODE_DOZE, &silent);
    net_card_now_us += 50;
    (void)net_gate_poll(net_card_now_us);
    assert_false(net_gate_take_wake());
    net_card_now_us += 50;
    (void)net_gate_poll(net_card_now_us);
    assert_true(net_gate_take_wake());
    net_gate_set_mode(NET_MODE_HOLD, NULL);
    net_gate_set_mode(NET_MODE_ON, NULL);
    assert_int_equal(net_card_take(), 7);

    fault_double.delay_us[FAULT_WAY_OUT] = 100;
    net_card_put_tcp(8);
    assert_int_equal(net_card_take(), 0);
    assert_int_equal(net_card_send("x"), 0);
    net_gate_set_mode(NET_MODE_DEAD, NULL);
    net_card_now_us += 100;
    (void)net_gate_poll(net_card_now_us);
    net_gate_set_mode(NET_MODE_ON, NULL);
    assert_int_equal(net_card_take(), 0);
    assert_int_equal(net_card_out_count, 0);
    assert_true(net_gate_deadline() == UINT64_MAX);
}

static void test_too_many_late_frames(void **state)
{
    unsigned count = 0;

    (void)state;
    fault_double.delay_us[FAULT_WAY_IN] = 100;
    for (unsigned i = 0; i < CONFIG_NET_LATE_COUNT + 20; i++) {
        net_card_put_tcp((uint16_t)(i + 1));
        assert_int_equal(net_card_take(), 0);
    }
    fault_double.delay_us[FAULT_WAY_OUT] = 100;
    assert_int_equal(net_card_send("x"), 0);
    net_card_now_us += 100;
    (void)net_gate_poll(net_card_now_us);
    while (net_card_take() == count + 1) {
        count++;
    }
    assert_int_equal(count, CONFIG_NET_LATE_COUNT);
    assert_int_equal(net_card_out_count, 0);
}

#define TEST(name) cmocka_unit_test_setup(test_##name, net_card_before)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(some_are_lost),   TEST(all_are_lost),          TEST(late_frames_in),
        TEST(late_frames_out), TEST(late_frames_and_modes), TEST(too_many_late_frames),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
