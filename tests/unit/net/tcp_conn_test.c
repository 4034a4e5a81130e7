/* SPDX-License-Identifier: ISC */
/* Connections that vanish, and streams that a fault cuts. */
#include "net/tcp_conn.h"

#include "base/util.h"
#include "config.h"
#include "net/fault_double.h"
#include "net/net.h"
#include "net/net_world.h"
#include "unit.h"

enum { ECHO = 7, CUT = 8, DEAF = 9, POLITE = 80, SECOND = 1000000 };

static struct conn *last;
static unsigned opened;
static unsigned closed;
static unsigned writable;

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

static void on_writable(struct conn *conn)
{
    (void)conn;
    writable++;
}

static void on_closed(struct conn *conn)
{
    (void)conn;
    closed++;
}

static const struct conn_handler echo = {
    .open = on_open, .input = on_echo, .writable = on_writable, .closed = on_closed};
static size_t on_deaf(struct conn *conn, struct span bytes)
{
    (void)conn;
    (void)bytes;
    return 0;
}

static const struct conn_handler deaf = {
    .open = on_open, .input = on_deaf, .closed = on_closed};
static const struct conn_handler polite = {.open = on_open,
                                           .input = on_echo,
                                           .closed = on_closed,
                                           .refusal = {(const uint8_t *)"no room", 7}};
static const struct conn_service services[] = {
    {.port = ECHO, .handler = &echo, .name = "echo"},
    {.port = CUT, .handler = &echo, .name = "cut"},
    {.port = DEAF, .handler = &deaf, .name = "deaf"},
    {.port = POLITE, .handler = &polite, .name = "polite"}};

static uint16_t next_port = 40000;
static struct net_world_peer peer;
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
    opened = closed = writable = 0;
    net_world_introduce();
    net_world_clear();
    return 0;
}

static int after(void **state)
{
    struct net_status status;

    (void)state;
    net_world_run(30 * SECOND);
    net_get_status(&status);
    return status.conns == 0 && opened == closed ? 0 : -1;
}

static bool connect_to(uint16_t port)
{
    return net_world_connect(&peer, next_port++, port);
}

static void reset_peer(void)
{
    net_world_tcp(&peer, NET_WORLD_RST | NET_WORLD_ACK, NULL, 0, NULL, 0);
}

static unsigned conns(void)
{
    struct net_status status;

    net_get_status(&status);
    return status.conns;
}

/* ---- net_drop_conns ------------------------------------------------------------------- */

/* The peer still believes in its connection; a segment of it is answered by a reset. */
static void assert_gone(struct net_world_peer *who)
{
    who->flags = 0;
    net_world_say(who, "hello?", 6);
    assert_int_equal(who->flags & NET_WORLD_RST, NET_WORLD_RST);
}

static void test_drop_is_silent(void **state)
{
    struct net_world_peer busy;
    struct net_world_peer unheard;
    struct net_world_peer half = {.port = 39999, .to = ECHO, .seq = 1, .window = 8000};

    (void)state;
    /* silent, with a delayed acknowledgement and an echo on its way, half open */
    assert_true(connect_to(ECHO));
    assert_true(net_world_connect(&unheard, next_port++, DEAF));
    assert_true(net_world_connect(&busy, next_port++, ECHO));
    net_world_say(&unheard, "x", 1);
    net_world_tcp(&busy, NET_WORLD_ACK, "abc", 3, NULL, 0);
    net_world_tcp(&half, NET_WORLD_SYN, NULL, 0, NULL, 0);
    net_world_run(1000);
    assert_int_equal(conn_write(last, span_str("queued")), 6);
    net_world_clear();
    assert_int_equal(conns(), 3);
    net_drop_conns();
    assert_int_equal(closed, 3); /* told at once */
    assert_int_equal(conns(), 0);
    net_world_run(20 * SECOND);
    assert_int_equal(net_world_take(sent, sizeof(sent)), 0);
    assert_int_equal(closed, 3);
    assert_gone(&peer);
    assert_gone(&unheard);
    assert_gone(&busy);
    assert_gone(&half);
    net_drop_conns(); /* nothing left: nothing happens */
    /* listeners are still there, also for the same ports */
    assert_true(net_world_connect(&peer, peer.port, ECHO));
    net_world_say(&peer, "again", 5);
    assert_memory_equal(peer.data, "again", 5);
    reset_peer();
}

static void test_drop_of_what_is_closing(void **state)
{
    struct net_world_peer waits;

    (void)state;
    /* one waits for the peer's FIN, one is in TIME-WAIT */
    assert_true(net_world_connect(&waits, next_port++, ECHO));
    conn_close(last);
    net_world_listen(&waits);
    assert_true((waits.flags & NET_WORLD_FIN) != 0);
    net_world_ack(&waits);
    assert_true(connect_to(ECHO));
    conn_close(last);
    net_world_listen(&peer);
    net_world_tcp(&peer, NET_WORLD_ACK | NET_WORLD_FIN, NULL, 0, NULL, 0);
    net_world_listen(&peer);
    assert_int_equal(closed, 2);
    net_world_clear();
    net_drop_conns();
    net_world_run(SECOND);
    assert_int_equal(net_world_take(sent, sizeof(sent)), 0);
    assert_int_equal(closed, 2);
    assert_int_equal(conns(), 0);
    assert_gone(&waits);
    assert_gone(&peer); /* in TIME-WAIT it would have been acknowledged */
}

static void test_drop_of_all_and_a_refusal(void **state)
{
    struct net_world_peer held[CONFIG_NET_CONN_COUNT];

    (void)state;
    for (size_t i = 0; i < CONFIG_NET_CONN_COUNT; i++) {
        assert_true(net_world_connect(&held[i], next_port++, ECHO));
    }
    assert_true(connect_to(POLITE)); /* it is told so when it speaks */
    net_world_clear();
    net_drop_conns();
    net_world_run(5 * SECOND);
    assert_int_equal(net_world_take(sent, sizeof(sent)), 0);
    assert_int_equal(closed, CONFIG_NET_CONN_COUNT);
    assert_gone(&peer);
    for (size_t i = 0; i < CONFIG_NET_CONN_COUNT; i++) {
        assert_true(net_world_connect(&held[i], next_port++, ECHO));
        net_world_tcp(&held[i], NET_WORLD_RST | NET_WORLD_ACK, NULL, 0, NULL, 0);
    }
    net_world_run(1000);
}

static void test_drop_while_asleep(void **state)
{
    (void)state;
    assert_true(connect_to(ECHO));
    net_set_mode(NET_MODE_DOZE, NULL);
    net_drop_conns();
    assert_int_equal(closed, 1);
    assert_true(net_poll(net_world_now_us) == UINT64_MAX);
    net_set_mode(NET_MODE_ON, NULL);
}

/* ---- truncation ----------------------------------------------------------------------- */

static void assert_cut(size_t count)
{
    assert_int_equal(peer.data_len, count);
    assert_int_equal(peer.flags & (NET_WORLD_FIN | NET_WORLD_RST), NET_WORLD_FIN);
}

static void close_peer(void)
{
    net_world_tcp(&peer, NET_WORLD_ACK | NET_WORLD_FIN, NULL, 0, NULL, 0);
    net_world_listen(&peer);
    assert_int_equal(peer.flags & NET_WORLD_RST, 0);
    assert_int_equal(closed, 1);
}

/* The latency model counts from here. */
static void test_input_has_its_time(void **state)
{
    uint64_t sent_us;

    (void)state;
    assert_true(connect_to(ECHO));
    net_world_run(3 * SECOND);
    sent_us = net_world_now_us;
    net_world_say(&peer, "a", 1);
    assert_int_equal(last->input_us, sent_us);
    net_world_run(2 * SECOND);
    assert_int_equal(last->input_us, sent_us);
    close_peer();
}

static void test_cut_after_some_bytes(void **state)
{
    (void)state;
    fault_double.cut_port = CUT;
    fault_double.cut_after = 10;
    assert_true(connect_to(CUT));
    net_world_say(&peer, "abcdef", 6);
    assert_int_equal(peer.data_len, 6);
    assert_int_equal(peer.flags & NET_WORLD_FIN, 0);
    net_world_say(&peer, "ghijkl", 6);
    assert_cut(10);
    assert_memory_equal(peer.data, "abcdefghij", 10);
    net_world_ack(&peer);
    /* the protocol does not notice, the peer hears no more */
    net_world_say(&peer, "mnopqr", 6);
    assert_int_equal(conn_room(last), CONFIG_NET_SEND_CAP);
    assert_int_equal(conn_write(last, span_str("more")), 4);
    net_world_listen(&peer);
    assert_int_equal(peer.data_len, 10);
    assert_int_equal(closed, 0);
    close_peer();
    assert_int_equal(peer.data_len, 10);
    assert_int_equal(fault_double.cut_asked, 1);
}

static void test_cut_at_once(void **state)
{
    (void)state;
    fault_double.cut_port = CUT;
    assert_true(connect_to(CUT));
    net_world_say(&peer, "abc", 3);
    assert_cut(0);
    close_peer();
}

static void test_cut_and_closed_by_the_protocol(void **state)
{
    (void)state;
    fault_double.cut_port = CUT;
    fault_double.cut_after = 3;
    assert_true(connect_to(CUT));
    assert_int_equal(conn_write(last, span_str("goodbye")), 7);
    assert_int_equal(conn_room(last), CONFIG_NET_SEND_CAP);
    conn_close(last);
    net_world_listen(&peer);
    assert_cut(3);
    assert_int_equal(closed, 1);
    close_peer();
    /* closed later than cut */
    fault_double.cut_after = 0;
    assert_true(connect_to(CUT));
    net_world_listen(&peer);
    net_world_ack(&peer);
    net_world_run(SECOND);
    conn_close(last);
    net_world_run(1000);
    assert_int_equal(closed, 2);
    net_world_run((CONFIG_NET_LINGER_MS + 1000) * 1000);
    assert_int_equal(conns(), 0);
    reset_peer();
}

static void test_cut_of_a_long_stream(void **state)
{
    static const uint8_t bytes[2 * CONFIG_NET_SEND_CAP];
    struct span all = span_of(bytes, sizeof(bytes));

    (void)state;
    fault_double.cut_port = CUT;
    fault_double.cut_after = CONFIG_NET_SEND_CAP + 100;
    assert_true(connect_to(CUT));
    assert_int_equal(conn_room(last), CONFIG_NET_SEND_CAP);
    assert_int_equal(conn_write(last, all), CONFIG_NET_SEND_CAP); /* full: told so */
    for (unsigned i = 0; i < 10; i++) {
        net_world_listen(&peer);
        net_world_ack(&peer);
    }
    assert_int_equal(writable, 1);
    assert_int_equal(peer.data_len, CONFIG_NET_SEND_CAP);
    assert_int_equal(peer.flags & NET_WORLD_FIN, 0);
    assert_int_equal(conn_write(last, all), sizeof(bytes));
    for (unsigned i = 0; i < 10; i++) {
        net_world_listen(&peer);
        net_world_ack(&peer);
    }
    assert_cut(CONFIG_NET_SEND_CAP + 100);
    close_peer();
}

/* More segments than lwIP takes at once: the end waits for them. */
static void test_cut_of_many_small_writes(void **state)
{
    enum { WRITES = 40 };

    (void)state;
    fault_double.cut_port = CUT;
    fault_double.cut_after = WRITES;
    assert_true(connect_to(CUT));
    for (unsigned i = 0; i < WRITES; i++) {
        assert_int_equal(conn_write(last, span_str("x")), 1);
        (void)net_flush(net_world_now_us);
    }
    net_world_listen(&peer);
    assert_in_range(peer.data_len, 1, WRITES - 1);
    assert_int_equal(peer.flags & NET_WORLD_FIN, 0);
    for (unsigned i = 0; i < 4; i++) {
        net_world_ack(&peer);
        net_world_listen(&peer);
    }
    assert_cut(WRITES);
    close_peer();
}

/* Both sides close before the protocol is asked again: the pcb is lwIP's alone by then. */
static void test_cut_and_time_wait(void **state)
{
    (void)state;
    fault_double.cut_port = CUT;
    assert_true(connect_to(CUT));
    net_world_listen(&peer);
    net_world_tcp(&peer, NET_WORLD_ACK | NET_WORLD_FIN, "unread", 6, NULL, 0);
    net_world_listen(&peer);
    net_world_run(SECOND);
    assert_int_equal(closed, 1);
    assert_int_equal(conns(), 0);
    /* and dropped in that state */
    assert_true(connect_to(CUT));
    net_world_listen(&peer);
    net_world_ack(&peer);
    net_world_run(1000);
    net_drop_conns();
    assert_int_equal(closed, 2);
}

static void test_others_are_not_cut(void **state)
{
    (void)state;
    fault_double.cut_port = CUT;
    assert_true(connect_to(ECHO));
    net_world_say(&peer, "abc", 3);
    assert_int_equal(peer.data_len, 3);
    assert_int_equal(peer.flags & NET_WORLD_FIN, 0);
    assert_int_equal(fault_double.cut_asked, 1);
    reset_peer();
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, before, after)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(drop_is_silent),
        TEST(drop_of_what_is_closing),
        TEST(drop_of_all_and_a_refusal),
        TEST(drop_while_asleep),
        TEST(input_has_its_time),
        TEST(cut_after_some_bytes),
        TEST(cut_at_once),
        TEST(cut_and_closed_by_the_protocol),
        TEST(cut_of_a_long_stream),
        TEST(cut_of_many_small_writes),
        TEST(cut_and_time_wait),
        TEST(others_are_not_cut),
    };

    return cmocka_run_group_tests(tests, start, NULL);
}
