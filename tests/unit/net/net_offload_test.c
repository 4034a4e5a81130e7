/* SPDX-License-Identifier: ISC */
/* What a card tells of frames, and its answers, byte for byte. */
#include "net/net_offload.h"

#include <stdlib.h>

#include "base/util.h"
#include "net/net_frame.h"
#include "unit.h"

static const struct net_offload_self self = {{0x52, 0x54, 0, 1, 2, 3}, {10, 0, 0, 1}};
static struct net_frame f;

/* The frame in memory of exactly its size, so that reading beyond it is seen. */
static enum net_offload_kind classify(const struct net_frame *frame)
{
    uint8_t *exact = malloc(frame->len > 0 ? frame->len : 1);
    struct net_offload_reply reply;

    memcpy(exact, frame->bytes, frame->len);
    struct span span = span_of(exact, frame->len);
    enum net_offload_kind kind = net_offload_classify(span, &self);
    bool answered = net_offload_answer(span, &self, &reply);
    if (answered) {
        assert_true(kind == NET_OFFLOAD_ARP || kind == NET_OFFLOAD_PING);
    }
    free(exact);
    return kind;
}

/* ---- kinds ---------------------------------------------------------------------------- */

static void arp(void)
{
    net_frame_arp(&f);
}

static void ping(void)
{
    net_frame_ping(&f, 56);
}

static void tcp(void)
{
    net_frame_tcp(&f, 16992);
}

static void udp(void)
{
    net_frame_udp(&f, 623);
}

/* One change to a right frame and what it is then. `seal`: with a right header checksum. */
static const struct spoil {
    void (*make)(void);
    const char *what;
    size_t at;
    size_t count;
    const char *bytes;
    bool seal;
    enum net_offload_kind kind;
} spoils[] = {
    {arp, "plain", 0, 0, "", false, NET_OFFLOAD_ARP},
    {arp, "to our MAC", 0, 6, "\x52\x54\0\x01\x02\x03", false, NET_OFFLOAD_ARP},
    {arp, "a probe, from nobody's address", 28, 4, "\0\0\0\0", false, NET_OFFLOAD_ARP},
    {arp, "with a target MAC", 32, 6, "\xff\xff\xff\xff\xff\xff", false, NET_OFFLOAD_ARP},
    {arp, "to another MAC", 0, 6, "\x52\x54\0\x01\x02\x04", false, NET_OFFLOAD_OTHER},
    {arp, "to a group", 0, 6, "\x01\0\x5e\0\0\1", false, NET_OFFLOAD_OTHER},
    {arp, "for another address", 41, 1, "\x02", false, NET_OFFLOAD_OTHER},
    {arp, "a reply", 21, 1, "\x02", false, NET_OFFLOAD_OTHER},
    {arp, "no such operation", 20, 1, "\x01", false, NET_OFFLOAD_OTHER},
    {arp, "an announcement of our address", 28, 4, "\x0a\0\0\1", false,
     NET_OFFLOAD_OTHER},
    {arp, "from our MAC", 22, 6, "\x52\x54\0\x01\x02\x03", false, NET_OFFLOAD_OTHER},
    {arp, "from a group's MAC", 22, 1, "\x53", false, NET_OFFLOAD_OTHER},
    {arp, "from no MAC", 22, 6, "\0\0\0\0\0\0", false, NET_OFFLOAD_OTHER},
    {arp, "other hardware", 15, 1, "\x06", false, NET_OFFLOAD_OTHER},
    {arp, "other protocol", 16, 1, "\x86", false, NET_OFFLOAD_OTHER},
    {arp, "other hardware length", 18, 1, "\x08", false, NET_OFFLOAD_OTHER},
    {arp, "other address length", 19, 1, "\x10", false, NET_OFFLOAD_OTHER},

    {ping, "plain", 0, 0, "", false, NET_OFFLOAD_PING},
    {ping, "to everybody's MAC", 0, 6, "\xff\xff\xff\xff\xff\xff", false,
     NET_OFFLOAD_OTHER},
    {ping, "to another MAC", 5, 1, "\x04", false, NET_OFFLOAD_OTHER},
    {ping, "from a group's MAC", 6, 1, "\x53", false, NET_OFFLOAD_OTHER},
    {ping, "from our MAC", 6, 6, "\x52\x54\0\x01\x02\x03", false, NET_OFFLOAD_OTHER},
    {ping, "to another address", 33, 1, "\x02", true, NET_OFFLOAD_OTHER},
    {ping, "to the network", 33, 1, "\xff", true, NET_OFFLOAD_OTHER},
    {ping, "from a group", 26, 1, "\xe0", true, NET_OFFLOAD_OTHER},
    {ping, "from everybody", 26, 4, "\xff\xff\xff\xff", true, NET_OFFLOAD_OTHER},
    {ping, "from nobody", 26, 4, "\0\0\0\0", true, NET_OFFLOAD_OTHER},
    {ping, "from a loopback", 26, 1, "\x7f", true, NET_OFFLOAD_OTHER},
    {ping, "from ourselves", 26, 4, "\x0a\0\0\1", true, NET_OFFLOAD_OTHER},
    {ping, "IPv6", 14, 1, "\x65", true, NET_OFFLOAD_OTHER},
    {ping, "with options", 14, 1, "\x46", true, NET_OFFLOAD_OTHER},
    {ping, "with less than a header", 14, 1, "\x44", true, NET_OFFLOAD_OTHER},
    {ping, "longer than the frame", 16, 2, "\0\x55", true, NET_OFFLOAD_OTHER},
    {ping, "shorter than its header", 16, 2, "\0\x13", true, NET_OFFLOAD_OTHER},
    {ping, "length zero", 16, 2, "\0\0", true, NET_OFFLOAD_OTHER},
    {ping, "length at its most", 16, 2, "\xff\xff", true, NET_OFFLOAD_OTHER},
    {ping, "nothing but a header", 16, 2, "\0\x14", true, NET_OFFLOAD_OTHER},
    {ping, "half an ICMP header", 16, 2, "\0\x1b", true, NET_OFFLOAD_OTHER},
    {ping, "wrong header checksum", 24, 1, "\x77", false, NET_OFFLOAD_OTHER},
    {ping, "first of its fragments", 20, 1, "\x20", true, NET_OFFLOAD_OTHER},
    {ping, "a later fragment", 21, 1, "\x01", true, NET_OFFLOAD_OTHER},
    {ping, "not to be fragmented", 20, 1, "\x40", true, NET_OFFLOAD_PING},
    {ping, "an echo reply", 34, 1, "\0", false, NET_OFFLOAD_OTHER},
    {ping, "another ICMP message", 34, 1, "\x03", false, NET_OFFLOAD_OTHER},
    {ping, "an unknown code", 35, 1, "\x01", false, NET_OFFLOAD_OTHER},
    {ping, "IGMP", 23, 1, "\x02", true, NET_OFFLOAD_OTHER},
    {ping, "another Ethernet type", 12, 2, "\x86\xdd", false, NET_OFFLOAD_OTHER},
    {ping, "a tagged frame", 12, 2, "\x81\0", false, NET_OFFLOAD_OTHER},

    {tcp, "plain", 0, 0, "", false, NET_OFFLOAD_TRAFFIC},
    {tcp, "first of its fragments", 20, 1, "\x20", true, NET_OFFLOAD_TRAFFIC},
    {tcp, "a later fragment", 21, 1, "\x01", true, NET_OFFLOAD_OTHER},
    {tcp, "last fragment", 20, 2, "\x1f\xff", true, NET_OFFLOAD_OTHER},
    {tcp, "less than a TCP header", 16, 2, "\0\x27", true, NET_OFFLOAD_OTHER},
    {tcp, "to another address", 30, 1, "\x0b", true, NET_OFFLOAD_OTHER},
    {tcp, "to everybody's MAC", 0, 6, "\xff\xff\xff\xff\xff\xff", false,
     NET_OFFLOAD_OTHER},

    {udp, "plain", 0, 0, "", false, NET_OFFLOAD_TRAFFIC},
    {udp, "DHCP's answer", 36, 2, "\0\x44", false, NET_OFFLOAD_OTHER},
    {udp, "from DHCP's port", 34, 2, "\0\x44", false, NET_OFFLOAD_TRAFFIC},
    {udp, "less than a UDP header", 16, 2, "\0\x1b", true, NET_OFFLOAD_OTHER},
    {udp, "a later fragment", 21, 1, "\x01", true, NET_OFFLOAD_OTHER},
};

static void test_kinds(void **state)
{
    (void)state;
    for (size_t i = 0; i < UTIL_COUNT(spoils); i++) {
        const struct spoil *spoil = &spoils[i];

        spoil->make();
        memcpy(f.bytes + spoil->at, spoil->bytes, spoil->count);
        if (spoil->seal) {
            net_frame_seal(&f);
        }
        if (classify(&f) != spoil->kind) {
            fail_msg("%zu: %s: not of kind %d", i, spoil->what, spoil->kind);
        }
    }
}

static void test_every_length(void **state)
{
    static void (*const make[])(void) = {arp, ping, tcp, udp};

    (void)state;
    for (size_t i = 0; i < UTIL_COUNT(make); i++) {
        make[i]();
        for (size_t len = f.len; len-- > 0;) {
            f.len = len;
            assert_int_equal(classify(&f), NET_OFFLOAD_OTHER);
        }
        make[i]();
        assert_int_not_equal(classify(&f), NET_OFFLOAD_OTHER);
        f.len = 60 > f.len ? 60 : f.len; /* padding does not harm */
        assert_int_not_equal(classify(&f), NET_OFFLOAD_OTHER);
    }
}

/* Any single bit may be wrong: nothing but the frame is read, and an answer goes to a station. */
static void test_every_bit(void **state)
{
    static void (*const make[])(void) = {arp, ping, tcp, udp};

    (void)state;
    for (size_t i = 0; i < UTIL_COUNT(make); i++) {
        make[i]();
        for (size_t bit = 0; bit < f.len * 8; bit++) {
            f.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
            (void)classify(&f);
            if (bit / 8 >= 14 && bit / 8 < 34 && i > 0) {
                assert_int_equal(classify(&f), NET_OFFLOAD_OTHER);
            }
            f.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
    }
}

static void test_nobody(void **state)
{
    static const struct net_offload_self nobody = {{0x52, 0x54, 0, 1, 2, 3},
                                                   {0, 0, 0, 0}};

    (void)state;
    arp();
    memset(f.bytes + 38, 0, 4);
    assert_int_equal(net_offload_classify(span_of(f.bytes, f.len), &nobody),
                     NET_OFFLOAD_OTHER);
    ping();
    memset(f.bytes + 30, 0, 4);
    net_frame_seal(&f);
    assert_int_equal(net_offload_classify(span_of(f.bytes, f.len), &nobody),
                     NET_OFFLOAD_OTHER);
}

/* ---- answers -------------------------------------------------------------------------- */

static void test_answer_to_arp(void **state)
{
    static const uint8_t expected[] = {0x52, 0x54, 0, 9, 9, 9,  0x52, 0x54, 0, 1, 2,
                                       3,    8,    6, 0, 1, 8,  0,    6,    4, 0, 2,
                                       0x52, 0x54, 0, 1, 2, 3,  10,   0,    0, 1, 0x52,
                                       0x54, 0,    9, 9, 9, 10, 0,    0,    9};
    struct net_offload_reply reply;

    (void)state;
    arp();
    f.len = 60;
    assert_true(net_offload_answer(span_of(f.bytes, f.len), &self, &reply));
    assert_memory_equal(reply.head, expected, sizeof(expected));
    assert_int_equal(reply.rest.len, 0);
}

static void test_answer_to_ping(void **state)
{
    /* As in net_test.c; the sums of the answer are computed elsewhere. */
    static const uint8_t question[] = {
        0x52, 0x54, 0,    1,    2,  3, 0x52, 0x54, 0,   9,   9, 9, 8,  0, 0x45, 0, 0, 32,
        0,    1,    0,    0,    64, 1, 0x66, 0xd3, 10,  0,   0, 9, 10, 0, 0,    1, 8, 0,
        0x21, 0x04, 0x12, 0x34, 0,  1, 'a',  'b',  'c', 'd', 0, 0};
    static const uint8_t expected[] = {
        0x52, 0x54, 0,  9,  9, 9, 0x52, 0x54, 0,    1,    2,    3,    8,  0,
        0x45, 0,    0,  32, 0, 1, 0,    0,    255,  1,    0xa7, 0xd2, 10, 0,
        0,    1,    10, 0,  0, 9, 0,    0,    0x29, 0x04, 0x12, 0x34, 0,  1};
    struct net_offload_reply reply;

    (void)state;
    assert_true(net_offload_answer(span_of(question, sizeof(question)), &self, &reply));
    assert_memory_equal(reply.head, expected, sizeof(expected));
    assert_int_equal(reply.rest.len, 4); /* no padding */
    assert_memory_equal(reply.rest.ptr, "abcd", 4);
}

static void test_answer_to_every_size(void **state)
{
    uint8_t whole[1600];
    struct net_offload_reply reply;

    (void)state;
    for (size_t len = 0; len <= 1472; len++) {
        net_frame_ping(&f, len);
        assert_true(net_offload_answer(span_of(f.bytes, f.len), &self, &reply));
        assert_int_equal(reply.rest.len, len);
        memcpy(whole, reply.head, sizeof(reply.head));
        memcpy(whole + sizeof(reply.head), reply.rest.ptr, len);
        assert_int_equal(net_frame_sum(whole + 14, 20), 0);
        assert_int_equal(net_frame_sum(whole + 34, 8 + len), 0);
        assert_memory_equal(whole + 38, f.bytes + 38, 4 + len);
    }
}

static void test_no_answer(void **state)
{
    struct net_offload_reply reply;

    (void)state;
    ping();
    f.bytes[f.len - 1]++; /* its checksum is wrong now */
    assert_int_equal(classify(&f), NET_OFFLOAD_PING);
    assert_false(net_offload_answer(span_of(f.bytes, f.len), &self, &reply));
    tcp();
    assert_false(net_offload_answer(span_of(f.bytes, f.len), &self, &reply));
    assert_false(net_offload_answer(span_of(f.bytes, 0), &self, &reply));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_every_length),
        cmocka_unit_test(test_every_bit),
        cmocka_unit_test(test_nobody),
        cmocka_unit_test(test_answer_to_arp),
        cmocka_unit_test(test_answer_to_ping),
        cmocka_unit_test(test_answer_to_every_size),
        cmocka_unit_test(test_no_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
