/* SPDX-License-Identifier: ISC */
/* The whole network layer asleep, waking up, dead and alive again. */
#include "base/util.h"
#include "config.h"
#include "net/fault_double.h"
#include "net/net.h"
#include "net/net_frame.h"
#include "net/net_world.h"
#include "unit.h"

enum { ECHO = 7, SECOND = 1000000 };
static const uint64_t HOUR = 3600 * (uint64_t)SECOND;

static struct conn *last;
static unsigned opened;
static unsigned closed;
static unsigned timeouts;

static int on_open(struct conn *conn)
{
    last = conn;
    opened++;
    return 0;
}

static size_t on_echo(struct conn *conn, struct span bytes)
{
    return conn_write(conn, bytes);
}

static void on_timeout(struct conn *conn)
{
    timeouts++;
    conn_close(conn);
}

static void on_closed(struct conn *conn)
{
    (void)conn;
    closed++;
}

static const struct conn_handler echo = {
    .open = on_open, .input = on_echo, .timeout = on_timeout, .closed = on_closed};
static const struct conn_service services[] = {
    {.port = ECHO, .handler = &echo, .name = "echo"}};
static const struct net_sleep offloads = {true, true, CONFIG_NET_HOLD_COUNT};
static const struct net_sleep mute = {false, false, CONFIG_NET_HOLD_COUNT};

static uint16_t next_port = 40000;
static struct net_world_peer peer;
static struct net_frame frame;
static uint8_t sent[NIC_FRAME_CAP];

static int start(void **state)
{
    (void)state;
    return net_start(services, UTIL_COUNT(services));
}

static int before(void **state)
{
    (void)state;
    memset(&fault_double, 0, sizeof(fault_double));
    opened = closed = timeouts = 0;
    net_world_clear();
    return 0;
}

static int after(void **state)
{
    struct net_status status;

    (void)state;
    net_set_mode(NET_MODE_ON, NULL);
    net_world_run(30 * SECOND);
    net_get_status(&status);
    return status.conns == 0 && opened == closed ? 0 : -1;
}

static void put(void)
{
    net_world_put(frame.bytes, frame.len);
}

static void reset_peer(void)
{
    net_world_tcp(&peer, NET_WORLD_RST | NET_WORLD_ACK, NULL, 0, NULL, 0);
}

/* Asleep from now on, with nothing left to do. */
static void doze(const struct net_sleep *sleep)
{
    net_set_mode(NET_MODE_DOZE, sleep);
    assert_true(net_flush(net_world_now_us) <= net_world_now_us);
    assert_true(net_poll(net_world_now_us) == UINT64_MAX);
}

/* ---- asleep --------------------------------------------------------------------------- */

static void test_no_wake_ups(void **state)
{
    (void)state;
    assert_true(net_world_connect(&peer, next_port++, ECHO));
    assert_int_equal(conn_write(last, span_str("unheard")), 7);
    net_world_run(1000);
    last->deadline_us = net_world_now_us + SECOND;
    net_world_clear();
    doze(&offloads);
    assert_true(net_flush(net_world_now_us) == UINT64_MAX);
    net_world_run(HOUR);
    assert_true(net_poll(net_world_now_us) == UINT64_MAX);
    assert_true(net_flush(net_world_now_us) == UINT64_MAX);
    assert_int_equal(net_world_take(sent, sizeof(sent)), 0);
    assert_int_equal(timeouts + closed, 0);
    /* the protocol's time has not stood still */
    net_set_mode(NET_MODE_ON, NULL);
    assert_true(net_flush(net_world_now_us) <= net_world_now_us);
    net_world_run(1000);
    assert_int_equal(timeouts, 1);
    assert_int_equal(closed, 1);
    reset_peer();
}

/* Of TCP's time an hour of sleep counts nothing: not a retry is lost. */
static void test_connection_survives_sleep(void **state)
{
    (void)state;
    assert_true(net_world_connect(&peer, next_port++, ECHO));
    net_world_tcp(&peer, NET_WORLD_ACK, "abc", 3, NULL, 0);
    net_world_run(1000);
    net_world_clear(); /* the echo is lost on the wire */
    doze(&offloads);
    net_world_run(HOUR);
    net_set_mode(NET_MODE_ON, NULL);
    net_world_introduce();
    net_world_clear();
    net_world_run(SECOND / 4);
    assert_int_equal(net_world_take(sent, sizeof(sent)), 0); /* not due yet */
    net_world_run(3 * SECOND);
    net_world_listen(&peer);
    assert_int_equal(peer.data_len, 3);
    assert_int_equal(peer.flags & NET_WORLD_RST, 0);
    net_world_say(&peer, "def", 3);
    assert_int_equal(peer.data_len, 6);
    assert_int_equal(closed, 0);
    reset_peer();
}

static void test_announcements_wait(void **state)
{
    static const enum net_mode modes[] = {NET_MODE_DOZE, NET_MODE_DEAD};

    (void)state;
    for (size_t i = 0; i < UTIL_COUNT(modes); i++) {
        unsigned count = 0;

        net_set_mode(modes[i], &offloads);
        net_world_announce = true;
        net_world_run(SECOND);
        assert_false(net_world_announce); /* the hypervisor has its acknowledgement */
        assert_int_equal(net_world_take(sent, sizeof(sent)), 0);
        net_set_mode(NET_MODE_ON, NULL);
        net_world_run(SECOND);
        while (net_world_take(sent, sizeof(sent)) > 0) {
            assert_memory_equal(sent + 12, "\x08\x06", 2);
            count++;
        }
        assert_int_equal(count, CONFIG_NET_ANNOUNCE_COUNT);
    }
}

/* Nobody can tell from a ping whether the card or the engine answered. */
static void test_card_and_engine_answer_alike(void **state)
{
    static const size_t sizes[] = {0, 1, 4, 55, 56, 1471, 1472};
    uint8_t card[NIC_FRAME_CAP];

    (void)state;
    for (size_t i = 0; i <= UTIL_COUNT(sizes); i++) {
        net_set_mode(NET_MODE_ON, NULL);
        net_world_introduce();
        net_world_clear();
        if (i < UTIL_COUNT(sizes)) {
            net_frame_ping(&frame, sizes[i]);
        } else {
            net_frame_arp(&frame);
        }
        put();
        net_world_run(1000);
        size_t len = net_world_take(sent, sizeof(sent));
        assert_int_equal(len, frame.len);
        doze(&offloads);
        put();
        net_world_run(1000);
        assert_int_equal(net_world_take(card, sizeof(card)), len);
        assert_memory_equal(card, sent, len);
        assert_false(net_take_wake());
    }
}

/* ---- waking up ------------------------------------------------------------------------ */

/* The first SYN wakes, is repeated meanwhile, and is answered when the engine is awake. */
static void test_syn_wakes(void **state)
{
    (void)state;
    net_world_introduce();
    net_world_clear();
    doze(&offloads);
    peer = (struct net_world_peer){
        .port = next_port++, .to = ECHO, .seq = 7000, .window = 8000};
    net_world_tcp(&peer, NET_WORLD_SYN, NULL, 0, NULL, 0);
    net_world_run(1000);
    assert_true(net_take_wake());
    assert_false(net_take_wake());
    assert_true(net_traffic_us() + 1000 >= net_world_now_us);
    net_set_mode(NET_MODE_HOLD, &offloads);
    for (unsigned i = 0; i < 3; i++) {
        peer.seq = 7000;
        net_world_tcp(&peer, NET_WORLD_SYN, NULL, 0, NULL, 0);
        net_world_run(SECOND);
    }
    assert_int_equal(net_world_take(sent, sizeof(sent)), 0);
    net_set_mode(NET_MODE_ON, NULL);
    assert_true(net_flush(net_world_now_us) <= net_world_now_us); /* at once */
    net_world_listen(&peer);
    assert_int_equal(peer.flags, NET_WORLD_SYN | NET_WORLD_ACK);
    net_world_ack(&peer);
    net_world_say(&peer, "good morning", 12);
    assert_memory_equal(peer.data, "good morning", 12);
    assert_int_equal(opened, 1); /* the repeated ones are harmless */
    reset_peer();
}

static void test_arp_wakes_a_mute_card(void **state)
{
    (void)state;
    doze(&mute);
    net_frame_arp(&frame);
    put();
    net_world_run(1000);
    assert_int_equal(net_world_take(sent, sizeof(sent)), 0);
    assert_true(net_take_wake());
    net_set_mode(NET_MODE_HOLD, &mute);
    net_frame_ping(&frame, 8);
    put();
    net_world_run(SECOND);
    assert_int_equal(net_world_take(sent, sizeof(sent)), 0);
    net_set_mode(NET_MODE_ON, NULL);
    net_world_run(1000);
    assert_int_equal(net_world_take(sent, sizeof(sent)), 42);
    assert_int_equal(sent[21], 2);
    assert_int_equal(net_world_take(sent, sizeof(sent)), frame.len);
}

/* Days of sleep cost one look at the clock, and what a neighbour was then is not believed. */
static void test_neighbours_are_asked_anew(void **state)
{
    (void)state;
    net_world_introduce();
    doze(&offloads);
    net_world_run(100 * HOUR);
    net_set_mode(NET_MODE_ON, NULL);
    net_world_clear();
    net_frame_ping(&frame, 8);
    put();
    net_world_run(1000);
    assert_int_equal(net_world_take(sent, sizeof(sent)), 42); /* who has 10.0.0.9? */
    assert_memory_equal(sent + 12, "\x08\x06", 2);
    assert_int_equal(sent[21], 1);
    /* a short nap is none */
    net_world_introduce();
    net_world_clear();
    doze(&offloads);
    net_world_run(5 * SECOND);
    net_set_mode(NET_MODE_ON, NULL);
    put();
    net_world_run(1000);
    assert_int_equal(net_world_take(sent, sizeof(sent)), frame.len);
}

static void test_announce(void **state)
{
    uint64_t times[4];
    size_t count = 0;

    (void)state;
    net_announce(3);
    uint64_t end_us = net_world_now_us + 2 * SECOND;
    while (net_world_now_us < end_us) {
        net_world_run(10000);
        while (net_world_take(sent, sizeof(sent)) > 0) {
            assert_memory_equal(sent + 28, sent + 38, 4);
            assert_true(count < UTIL_COUNT(times));
            times[count++] = net_world_now_us;
        }
    }
    assert_int_equal(count, 3);
    for (size_t i = 1; i < count; i++) {
        assert_in_range(times[i] - times[i - 1], CONFIG_NET_ANNOUNCE_MS * 1000 - 10000,
                        CONFIG_NET_ANNOUNCE_MS * 1000 + 10000);
    }
}

/* ---- dead ----------------------------------------------------------------------------- */

static void test_dead_keeps_connections(void **state)
{
    (void)state;
    assert_true(net_world_connect(&peer, next_port++, ECHO));
    net_set_mode(NET_MODE_DEAD, NULL);
    assert_true(net_flush(net_world_now_us) <= net_world_now_us);
    net_world_clear();
    net_world_tcp(&peer, NET_WORLD_ACK, "abc", 3, NULL, 0);
    assert_int_equal(conn_write(last, span_str("xyz")), 3);
    net_frame_ping(&frame, 8);
    put();
    net_world_run(2 * SECOND);
    assert_int_equal(net_world_take(sent, sizeof(sent)), 0);
    assert_int_equal(closed, 0);
    net_set_mode(NET_MODE_ON, NULL);
    net_world_run(4 * SECOND);
    net_world_listen(&peer);
    assert_int_equal(peer.data_len, 3);
    assert_memory_equal(peer.data, "xyz", 3);
    peer.seq -= 3; /* what was lost comes again */
    net_world_say(&peer, "abc", 3);
    assert_memory_equal(peer.data, "xyzabc", 6);
    assert_int_equal(peer.flags & (NET_WORLD_RST | NET_WORLD_FIN), 0);
    reset_peer();
}

/* ---- faults --------------------------------------------------------------------------- */

static void test_deadline_of_late_frames(void **state)
{
    (void)state;
    net_world_introduce();
    net_world_clear();
    fault_double.delay_us[FAULT_WAY_IN] = 70000;
    fault_double.delay_us[FAULT_WAY_OUT] = 50000;
    net_frame_ping(&frame, 8);
    put();
    net_world_run(119000);
    assert_int_equal(net_world_take(sent, sizeof(sent)), 0);
    net_world_run(1000); /* by the deadlines of net_poll alone */
    assert_int_equal(net_world_take(sent, sizeof(sent)), frame.len);
    /* asleep as well */
    doze(&offloads);
    put();
    assert_true(net_poll(net_world_now_us) == net_world_now_us + 70000);
    net_world_run(119000);
    assert_int_equal(net_world_take(sent, sizeof(sent)), 0);
    net_world_run(1000);
    assert_int_equal(net_world_take(sent, sizeof(sent)), frame.len);
    assert_true(net_poll(net_world_now_us) == UINT64_MAX);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, before, after)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(no_wake_ups),
        TEST(connection_survives_sleep),
        TEST(announcements_wait),
        TEST(card_and_engine_answer_alike),
        TEST(syn_wakes),
        TEST(arp_wakes_a_mute_card),
        TEST(neighbours_are_asked_anew),
        TEST(announce),
        TEST(dead_keeps_connections),
        TEST(deadline_of_late_frames),
    };

    return cmocka_run_group_tests(tests, start, NULL);
}
