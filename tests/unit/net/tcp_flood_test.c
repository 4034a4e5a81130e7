/* SPDX-License-Identifier: ISC */
/* net/tcp_flood, called by net/net.c: a flood of SYN from addresses that never answer. */
#include "base/util.h"
#include "config.h"
#include "net/net.h"
#include "net/net_world.h"
#include "unit.h"

enum { SECOND = 1000000 };

static uint16_t next_port = 20000;

static int before(void **state)
{
    (void)state;
    net_world_introduce();
    net_world_clear();
    net_world_opened = 0;
    return 0;
}

static void flood(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        struct net_world_peer nobody = {
            .port = next_port++, .to = NET_WORLD_ECHO, .seq = 9, .window = 8000};

        net_world_tcp(&nobody, NET_WORLD_SYN, NULL, 0, NULL, 0);
        net_world_run(10000);
        net_world_clear();
    }
}

static bool connect_to_echo(struct net_world_peer *peer)
{
    return net_world_connect(peer, next_port++, NET_WORLD_ECHO);
}

/* Also in the middle of it new connections come in and open ones go on. */
static void test_syn_flood_keeps_nobody_out(void **state)
{
    struct net_world_peer early;
    struct net_world_peer late;

    (void)state;
    assert_true(connect_to_echo(&early));
    for (unsigned round = 0; round < 5; round++) {
        flood(50);
        assert_true(connect_to_echo(&late));
        net_world_say(&late, "late", 4);
        assert_int_equal(late.data_len, 4);
        net_world_tcp(&late, NET_WORLD_RST | NET_WORLD_ACK, NULL, 0, NULL, 0);
        early.data_len = 0;
        net_world_say(&early, "early", 5);
        assert_int_equal(early.data_len, 5);
    }
    assert_int_equal(net_world_opened, 6);
    net_world_tcp(&early, NET_WORLD_RST | NET_WORLD_ACK, NULL, 0, NULL, 0);
}

/* A few are left alone: they may be slow. */
static void test_a_few_half_open_ones_stay(void **state)
{
    struct net_world_peer slow = {
        .port = 39000, .to = NET_WORLD_ECHO, .seq = 5, .window = 8000};

    (void)state;
    net_world_run(30 * SECOND); /* those of before have expired */
    net_world_tcp(&slow, NET_WORLD_SYN, NULL, 0, NULL, 0);
    net_world_listen(&slow);
    flood(CONFIG_NET_CONN_COUNT - 2);
    net_world_ack(&slow);
    net_world_say(&slow, "slow", 4);
    assert_int_equal(slow.data_len, 4);
    net_world_tcp(&slow, NET_WORLD_RST | NET_WORLD_ACK, NULL, 0, NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_syn_flood_keeps_nobody_out, before),
        cmocka_unit_test_setup(test_a_few_half_open_ones_stay, before),
    };
    return cmocka_run_group_tests(tests, net_world_start_echo, NULL);
}
