/* SPDX-License-Identifier: ISC */
/* lwIP's probes of a closed window (tools/patches/lwip/tcp-persist-acked.patch). */
#include "base/util.h"
#include "net/net.h"
#include "net/net_world.h"
#include "unit.h"

enum { SECOND = 1000000 };

static struct net_world_peer peer;
static uint16_t next_port = 30000;

/* The firmware has sent "abc" and the peer closes its window without acknowledging that.
 * After the time-out lwIP holds "abc" as unsent again, and waits for the window. */
static int before(void **state)
{
    (void)state;
    net_world_clear();
    assert_true(net_world_connect(&peer, next_port++, NET_WORLD_ECHO));
    net_world_tcp(&peer, NET_WORLD_ACK | NET_WORLD_PSH, "abc", 3, NULL, 0);
    net_world_run(1000);
    net_world_clear(); /* the peer pretends that it was lost */
    peer.window = 0;
    net_world_tcp(&peer, NET_WORLD_ACK | NET_WORLD_PSH, ".", 1, NULL, 0);
    net_world_run(3 * SECOND);
    net_world_clear();
    return 0;
}

static int after(void **state)
{
    (void)state;
    net_world_tcp(&peer, NET_WORLD_RST | NET_WORLD_ACK, NULL, 0, NULL, 0);
    net_world_run(SECOND);
    return 0;
}

static void test_closed_window_is_probed(void **state)
{
    uint8_t f[NIC_FRAME_CAP];

    (void)state;
    net_world_run(10 * SECOND);
    assert_true(net_world_take(f, sizeof(f)) > 0);
    net_world_clear();
    peer.window = 8000;
    net_world_ack(&peer);
    net_world_run(10 * SECOND);
    net_world_listen(&peer);
    assert_int_equal(peer.data_len, 3);
    assert_memory_equal(peer.data, "abc", 3);
}

/* The peer acknowledges all after all, and leaves its window closed. Nothing is left to
 * probe with: the timer must not run on (lwIP's assertion would stop the firmware). */
static void test_all_acknowledged_while_the_window_is_closed(void **state)
{
    (void)state;
    peer.ack += 3;
    net_world_ack(&peer);
    net_world_run(30 * SECOND);
    peer.window = 8000;
    net_world_say(&peer, "more", 4);
    assert_int_equal(peer.data_len, 4);
    assert_memory_equal(peer.data, "more", 4);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, before, after)
    const struct CMUnitTest tests[] = {
        TEST(closed_window_is_probed),
        TEST(all_acknowledged_while_the_window_is_closed),
    };
    return cmocka_run_group_tests(tests, net_world_start_echo, NULL);
}
