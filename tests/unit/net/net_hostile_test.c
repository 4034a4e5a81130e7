/* SPDX-License-Identifier: ISC */
/* Frames that nobody honest sends. Honest ones that follow must be served. */
#include "base/util.h"
#include "net/net.h"
#include "net/net_frame.h"
#include "net/net_world.h"
#include "unit.h"

enum { SECOND = 1000000, TCP = 6 };

static const uint8_t us[4] = {10, 0, 0, 1};
static const uint8_t them[4] = {10, 0, 0, 9};
static const uint8_t our_mac[6] = {0x52, 0x54, 0, 1, 2, 3};
static const uint8_t evil_mac[6] = {0x52, 0x54, 0, 6, 6, 6};

static struct net_world_peer peer;
static uint16_t next_port = 50000;

/* With one connection open. */
static int before(void **state)
{
    (void)state;
    net_world_clear();
    if (!net_world_connect(&peer, next_port++, NET_WORLD_ECHO)) {
        return -1;
    }
    net_world_clear();
    net_world_opened = 0;
    return 0;
}

static void assert_echo(struct net_world_peer *p)
{
    p->data_len = 0;
    net_world_say(p, "hi", 2);
    assert_int_equal(p->data_len, 2);
    net_world_ack(p);
}

/* The connection of before still works, and a new one. */
static int after(void **state)
{
    struct net_world_peer late;

    (void)state;
    assert_echo(&peer);
    assert_true(net_world_connect(&late, next_port++, NET_WORLD_ECHO));
    assert_echo(&late);
    net_world_tcp(&peer, NET_WORLD_RST | NET_WORLD_ACK, NULL, 0, NULL, 0);
    net_world_tcp(&late, NET_WORLD_RST | NET_WORLD_ACK, NULL, 0, NULL, 0);
    net_world_run(SECOND);
    return 0;
}

/* Let it come; the number of frames that it is answered by. */
static unsigned answers_to(const struct net_frame *frame)
{
    uint8_t f[NIC_FRAME_CAP];
    unsigned count = 0;

    net_world_clear();
    net_world_put(frame->bytes, frame->len);
    net_world_run(SECOND / 10); /* less than until a repetition */
    while (net_world_take(f, sizeof(f)) > 0) {
        count++;
    }
    return count;
}

/* A SYN with all checksums right. */
static void make_syn(struct net_frame *frame, const uint8_t from[4], uint16_t port)
{
    uint8_t b[32] = {0};
    uint8_t *tcp = b + 12;
    uint16_t sum;

    memcpy(b, from, 4);
    memcpy(b + 4, us, 4);
    b[9] = TCP;
    b[11] = 20;
    tcp[0] = (uint8_t)(port >> 8);
    tcp[1] = (uint8_t)port;
    tcp[3] = NET_WORLD_ECHO;
    tcp[7] = 1;
    tcp[12] = 0x50;
    tcp[13] = NET_WORLD_SYN;
    tcp[14] = 0x20;
    sum = net_frame_sum(b, sizeof(b));
    tcp[16] = (uint8_t)(sum >> 8);
    tcp[17] = (uint8_t)sum;
    net_frame_packet(frame, TCP, tcp, 20);
    memcpy(frame->bytes + NET_FRAME_IP + 12, from, 4);
    net_frame_seal(frame);
}

/* CVE-2020-0594 and others (INTEL-SA-00295, -00391): IPv6 is not spoken at all. */
static void test_sa_00295_ipv6_is_not_spoken(void **state)
{
    /* what follows the header: next header, first byte of its body */
    static const uint8_t kinds[][2] = {
        {58, 128}, {58, 133}, {58, 134}, {58, 135}, {58, 136},  {58, 130}, {0, 58},
        {44, 58},  {43, 58},  {60, 58},  {6, 0x99}, {17, 0x99}, {59, 0}};
    struct net_frame frame;
    struct net_status status;

    (void)state;
    for (size_t i = 0; i < UTIL_COUNT(kinds); i++) {
        for (unsigned is_group = 0; is_group < 2; is_group++) {
            net_frame_ping(&frame, 60);
            memcpy(frame.bytes, is_group ? "\x33\x33\0\0\0\x01" : (const char *)our_mac,
                   6);
            memset(frame.bytes + 12, 0, 58);
            frame.bytes[12] = 0x86;
            frame.bytes[13] = 0xdd;
            frame.bytes[14] = 0x60;
            frame.bytes[19] = 40;
            frame.bytes[20] = kinds[i][0];
            frame.bytes[21] = 255;
            memcpy(frame.bytes + 22, "\xfe\x80", 2);
            memcpy(frame.bytes + 38, "\xfe\x80", 2);
            frame.bytes[54] = kinds[i][1];
            assert_int_equal(answers_to(&frame), 0);
        }
    }
    net_get_status(&status);
    assert_int_equal(status.conns, 1);
}

/* A connection from ourselves to ourselves. */
static void test_land_attack(void **state)
{
    struct net_frame frame;

    (void)state;
    for (unsigned i = 0; i < 30; i++) {
        make_syn(&frame, us, NET_WORLD_ECHO);
        if (i % 2 == 0) {
            memcpy(frame.bytes + 6, our_mac, 6);
        }
        (void)answers_to(&frame);
    }
    net_world_run(10 * SECOND);
    assert_int_equal(net_world_opened, 0);
}

static void test_source_routes_are_refused(void **state)
{
    static const uint8_t routes[][4] = {
        {0x83, 3, 4, 0}, {0x89, 3, 4, 0}, {0x07, 3, 4, 0}, {0x83, 0xff, 4, 0}};
    struct net_frame frame;

    (void)state;
    make_syn(&frame, them, 777);
    assert_int_equal(answers_to(&frame), 1); /* so without */
    for (size_t i = 0; i < UTIL_COUNT(routes); i++) {
        uint8_t *ip = frame.bytes + NET_FRAME_IP;
        uint16_t sum;

        make_syn(&frame, them, (uint16_t)(800 + i));
        memmove(ip + 24, ip + 20, 20);
        memcpy(ip + 20, routes[i], 4);
        ip[0] = 0x46;
        ip[3] += 4;
        frame.len += 4;
        ip[10] = ip[11] = 0;
        sum = net_frame_sum(ip, 24);
        ip[10] = (uint8_t)(sum >> 8);
        ip[11] = (uint8_t)sum;
        assert_int_equal(answers_to(&frame), 0);
    }
}

/* Who says that our address is theirs does not get it; other claims push nobody out. */
static void test_arp_spoof(void **state)
{
    struct net_frame frame;
    uint8_t f[NIC_FRAME_CAP];

    (void)state;
    for (unsigned i = 0; i < 200; i++) {
        net_frame_arp(&frame);
        frame.bytes[21] = (uint8_t)(1 + i % 2); /* question, answer */
        memcpy(frame.bytes + 6, evil_mac, 6);
        memcpy(frame.bytes + 22, evil_mac, 6);
        memcpy(frame.bytes + 28, us, 4);
        if (i >= 4) { /* strangers, about themselves */
            frame.bytes[30] = frame.bytes[40] = 1;
            frame.bytes[31] = frame.bytes[41] = (uint8_t)i;
        }
        assert_true(answers_to(&frame) <= 1);
    }
    assert_echo(&peer);
    net_world_clear();
    net_frame_arp(&frame);
    net_world_put(frame.bytes, frame.len);
    net_world_run(1000);
    assert_int_equal(net_world_take(f, sizeof(f)) > 0, true);
    assert_memory_equal(f + 22, our_mac, 6);
    assert_memory_equal(f + 28, us, 4);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, before, after)
    const struct CMUnitTest tests[] = {
        TEST(sa_00295_ipv6_is_not_spoken),
        TEST(land_attack),
        TEST(source_routes_are_refused),
        TEST(arp_spoof),
    };
    return cmocka_run_group_tests(tests, net_world_start_echo, NULL);
}
