/* SPDX-License-Identifier: ISC */
/* DHCP before and after a sleep, against a server made by hand. */
#include "base/util.h"
#include "config.h"
#include "net/net.h"
#include "net/net_frame.h"
#include "net/net_world.h"
#include "unit.h"

enum {
    SECOND = 1000000,
    LEASE_S = 600,
    UDP_HEAD = NET_FRAME_BODY + 8,
    OPTIONS = UDP_HEAD + 240,
    DISCOVER = 1,
    OFFER = 2,
    REQUEST = 3,
    ACK = 5,
    NAK = 6,
    MESSAGE = 53,
    REQUESTED = 50
};

static const struct conn_service none[1];
static const struct net_sleep offloads = {true, true, CONFIG_NET_HOLD_COUNT};
static struct net_frame frame;

/* ---- the server ----------------------------------------------------------------------- */

static uint8_t sent[NIC_FRAME_CAP];
static size_t sent_len;

static const uint8_t *find_option(uint8_t kind)
{
    for (size_t at = OPTIONS; at + 1 < sent_len && sent[at] != 255;) {
        if (sent[at] == kind) {
            return sent + at + 2;
        }
        at += sent[at] == 0 ? 1 : 2u + sent[at + 1];
    }
    return NULL;
}

/* The kind of the next message to the server; 0: none. */
static unsigned hear(void)
{
    while ((sent_len = net_world_take(sent, sizeof(sent))) > 0) {
        if (sent_len > OPTIONS && sent[23] == 17 && sent[37] == 67) {
            const uint8_t *kind = find_option(MESSAGE);

            assert_non_null(kind);
            return *kind;
        }
    }
    return 0;
}

/* Answer what was heard last; the address is always 10.0.0.1. */
static void tell(uint8_t kind)
{
    uint8_t udp[8 + 240 + 32] = {0, 67, 0, 68};
    uint8_t *bootp = udp + 8;
    static const uint8_t address[4] = {10, 0, 0, 1};
    const uint8_t options[] = {
        MESSAGE,        1, kind, 54,  4,   10,  0, 0,  9, 51, 4, 0, 0, LEASE_S >> 8,
        LEASE_S & 0xff, 1, 4,    255, 255, 255, 0, 255};

    memcpy(bootp, sent + UDP_HEAD, 240); /* xid, MAC, cookie */
    bootp[0] = 2;
    if (kind != NAK) {
        memcpy(bootp + 16, address, sizeof(address));
    }
    memcpy(bootp + 240, options, sizeof(options));
    udp[4] = sizeof(udp) >> 8;
    udp[5] = sizeof(udp) & 0xff;
    net_frame_packet(&frame, 17, udp, sizeof(udp));
    memset(frame.bytes, 0xff, 6);
    memset(frame.bytes + NET_FRAME_IP + 16, 0xff, 4);
    net_frame_seal(&frame);
    net_world_put(frame.bytes, frame.len);
    net_world_run(1000);
}

static bool has_address(void)
{
    struct net_status status;

    net_get_status(&status);
    assert_true(status.ip.dhcp);
    return memcmp(status.ip.address, "\x0a\0\0\x01", 4) == 0;
}

static bool answers_ping(void)
{
    net_world_introduce();
    net_world_clear();
    net_frame_ping(&frame, 8);
    net_world_put(frame.bytes, frame.len);
    net_world_run(1000);
    return net_world_take(sent, sizeof(sent)) == frame.len;
}

static void lease(void)
{
    assert_int_equal(hear(), DISCOVER);
    tell(OFFER);
    assert_int_equal(hear(), REQUEST);
    tell(ACK);
    assert_true(has_address());
}

static int start(void **state)
{
    (void)state;
    net_world_seed = "dhcp";
    return net_start(none, 0);
}

static int before(void **state)
{
    const struct net_config dhcp = {.dhcp = true};
    const struct net_config fixed = {.address = {10, 9, 9, 9}, .prefix = 24};

    (void)state;
    net_set_mode(NET_MODE_ON, NULL);
    assert_int_equal(net_configure(&fixed), 0);
    net_world_run(SECOND);
    net_world_clear();
    assert_int_equal(net_configure(&dhcp), 0);
    net_world_run(SECOND);
    lease();
    return 0;
}

static void sleep_for(uint64_t seconds)
{
    net_world_clear();
    net_set_mode(NET_MODE_DOZE, &offloads);
    net_world_run(seconds * SECOND);
    assert_int_equal(hear(), 0);
    net_set_mode(NET_MODE_ON, NULL);
}

/* Seconds until the address is given up, with a server that says nothing. */
static unsigned seconds_left(void)
{
    unsigned seconds = 0;

    while (has_address() && seconds < 3600) {
        net_world_run(SECOND);
        seconds++;
    }
    return seconds;
}

/* ---- tests ---------------------------------------------------------------------------- */

static void test_lease_is_confirmed(void **state)
{
    (void)state;
    sleep_for(60);
    assert_int_equal(hear(), REQUEST);
    assert_memory_equal(find_option(REQUESTED), "\x0a\0\0\x01", 4);
    struct net_frame request;
    memcpy(request.bytes, sent, sent_len);
    request.len = sent_len;
    /* usable at once, before the server has answered */
    assert_true(has_address());
    assert_true(answers_ping());
    memcpy(sent, request.bytes, request.len);
    tell(ACK);
    assert_true(answers_ping());
    /* and the lease has begun anew */
    assert_in_range(seconds_left(), LEASE_S - 30, LEASE_S + 30);
}

static void test_refused_lease_is_given_up(void **state)
{
    (void)state;
    sleep_for(60);
    assert_int_equal(hear(), REQUEST);
    tell(NAK);
    assert_false(has_address());
    lease();
}

/* No server at all: the lease counts on, over the sleep and the waking hours. */
static void test_sleep_counts_for_the_lease(void **state)
{
    (void)state;
    sleep_for(400);
    assert_int_equal(hear(), REQUEST);
    assert_in_range(seconds_left(), LEASE_S - 400 - 20, LEASE_S - 400 + 20);
    assert_false(answers_ping());
}

static void test_same_without_sleep(void **state)
{
    (void)state;
    assert_in_range(seconds_left(), LEASE_S - 20, LEASE_S + 20);
}

/* Days later the address is still tried first. */
static void test_lease_ran_out_asleep(void **state)
{
    (void)state;
    sleep_for(24 * 3600);
    assert_int_equal(hear(), REQUEST);
    assert_memory_equal(find_option(REQUESTED), "\x0a\0\0\x01", 4);
    tell(ACK);
    assert_true(answers_ping());
    assert_in_range(seconds_left(), LEASE_S - 30, LEASE_S + 30);
}

static void test_lease_ran_out_and_no_server(void **state)
{
    (void)state;
    sleep_for(24 * 3600);
    assert_true(has_address());
    assert_in_range(seconds_left(), 0, 11);
}

/* Asleep without an address: the search goes on afterwards. */
static void test_asleep_before_the_first_lease(void **state)
{
    const struct net_config fixed = {.address = {10, 9, 9, 9}, .prefix = 24};
    const struct net_config dhcp = {.dhcp = true};

    (void)state;
    assert_int_equal(net_configure(&fixed), 0);
    assert_int_equal(net_configure(&dhcp), 0);
    assert_false(has_address());
    net_world_run(1000);
    sleep_for(60);
    net_world_run(SECOND);
    lease();
}

static void test_static_address_asks_nobody(void **state)
{
    const struct net_config fixed = {.address = {10, 0, 0, 1}, .prefix = 24};

    (void)state;
    assert_int_equal(net_configure(&fixed), 0);
    sleep_for(3600);
    net_world_run(60 * SECOND);
    assert_int_equal(hear(), 0);
    assert_true(answers_ping());
}

/* The network dies after the sleep, before the engine is awake: confirmed when it is. */
static void test_dead_after_sleep(void **state)
{
    (void)state;
    net_world_clear();
    net_set_mode(NET_MODE_DOZE, &offloads);
    net_world_run(60 * SECOND);
    net_set_mode(NET_MODE_DEAD, NULL);
    net_world_run(SECOND);
    assert_int_equal(hear(), 0);
    net_set_mode(NET_MODE_ON, NULL);
    assert_int_equal(hear(), REQUEST);
    tell(ACK);
    /* a dead network alone is no reason to ask */
    net_set_mode(NET_MODE_DEAD, NULL);
    net_world_run(SECOND);
    net_set_mode(NET_MODE_ON, NULL);
    net_world_run(SECOND);
    assert_int_equal(hear(), 0);
}

#define TEST(name) cmocka_unit_test_setup(test_##name, before)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(lease_is_confirmed),
        TEST(refused_lease_is_given_up),
        TEST(sleep_counts_for_the_lease),
        TEST(same_without_sleep),
        TEST(lease_ran_out_asleep),
        TEST(lease_ran_out_and_no_server),
        TEST(asleep_before_the_first_lease),
        TEST(static_address_asks_nobody),
        TEST(dead_after_sleep),
    };

    return cmocka_run_group_tests(tests, start, NULL);
}
