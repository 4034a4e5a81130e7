/* SPDX-License-Identifier: ISC */
/*
 * Frames as a card sees them: Ethernet II (IEEE 802.3 without tags), ARP (RFC 826), IPv4
 * (RFC 791), ICMP echo (RFC 792). An answer is the one that lwIP would give.
 */
#include "net/net_offload.h"

#include <string.h>

#include "base/util.h"

enum {
    MAC_LEN = 6,
    ADDRESS_LEN = 4,
    ETHERNET_LEN = 14,
    TYPE_IPV4 = 0x0800,
    TYPE_ARP = 0x0806,

    ARP_LEN = 28, /* Ethernet and IPv4 */
    ARP_REQUEST = 1,
    ARP_REPLY = 2,

    IPV4_LEN = 20, /* without options */
    IPV4_PLAIN = 0x45,
    IPV4_TTL = 255, /* lwIP's */
    MORE_FRAGMENTS = 0x2000,
    OFFSET_MASK = 0x1fff,
    ICMP = 1,
    TCP = 6,
    UDP = 17,

    ICMP_LEN = 8,
    ECHO_REPLY = 0,
    ECHO_REQUEST = 8,
    TCP_LEN = 20,
    UDP_LEN = 8,
    DHCP_CLIENT = 68
};

_Static_assert((int)NET_OFFLOAD_HEAD_CAP == ETHERNET_LEN + ARP_LEN, "an answer to ARP");
_Static_assert((int)NET_OFFLOAD_HEAD_CAP == ETHERNET_LEN + IPV4_LEN + ICMP_LEN,
               "to ping");

/* ARP's fixed beginning: Ethernet, IPv4, their lengths. */
static const uint8_t arp_kind[] = {0, 1, 8, 0, MAC_LEN, ADDRESS_LEN};

static unsigned get_be16(const uint8_t *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

static void put_be16(uint8_t *p, unsigned value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

/* The Internet checksum's sum (RFC 1071) of bytes, not yet folded. */
static uint32_t sum(const uint8_t *p, size_t len)
{
    uint32_t total = 0;

    for (size_t i = 0; i + 1 < len; i += 2) {
        total += get_be16(p + i);
    }
    return len % 2 != 0 ? total + ((uint32_t)p[len - 1] << 8) : total;
}

/* The checksum of a sum; 0 for what carries its right checksum. */
static unsigned fold(uint32_t total)
{
    total = (total & 0xffff) + (total >> 16);
    total = (total & 0xffff) + (total >> 16);
    return ~total & 0xffff;
}

static bool is_same_mac(const uint8_t *a, const uint8_t *b)
{
    return memcmp(a, b, MAC_LEN) == 0;
}

static bool is_same_address(const uint8_t *a, const uint8_t *b)
{
    return memcmp(a, b, ADDRESS_LEN) == 0;
}

static bool is_nobody(const uint8_t address[4])
{
    static const uint8_t none[ADDRESS_LEN];

    return is_same_address(address, none);
}

/* One station's MAC address that is not ours: somebody to answer. */
static bool is_station(const uint8_t *mac, const struct net_offload_self *self)
{
    static const uint8_t none[MAC_LEN];

    return (mac[0] & 1) == 0 && !is_same_mac(mac, none) && !is_same_mac(mac, self->mac);
}

static bool is_question(struct span frame, const struct net_offload_self *self)
{
    static const uint8_t everybody[MAC_LEN] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    const uint8_t *arp = frame.ptr + ETHERNET_LEN;

    if (frame.len < ETHERNET_LEN + ARP_LEN ||
        !(is_same_mac(frame.ptr, everybody) || is_same_mac(frame.ptr, self->mac))) {
        return false;
    }
    /* Somebody who says that our address is his asks nothing. */
    return memcmp(arp, arp_kind, sizeof(arp_kind)) == 0 &&
           get_be16(arp + 6) == ARP_REQUEST && is_station(arp + 8, self) &&
           !is_same_address(arp + 14, self->address) &&
           is_same_address(arp + 24, self->address);
}

/* The IPv4 packet in a frame to our MAC address, without the frame's padding; empty if it is
 * none that lwIP would take. */
static struct span packet_of(struct span frame, const struct net_offload_self *self)
{
    struct span none = span_of(frame.ptr, 0);
    const uint8_t *ip = frame.ptr + ETHERNET_LEN;

    if (frame.len < ETHERNET_LEN + IPV4_LEN || !is_same_mac(frame.ptr, self->mac) ||
        !is_station(frame.ptr + MAC_LEN, self)) {
        return none;
    }
    unsigned len = get_be16(ip + 2);
    if (ip[0] != IPV4_PLAIN || len < IPV4_LEN || len > frame.len - ETHERNET_LEN ||
        fold(sum(ip, IPV4_LEN)) != 0) {
        return none;
    }
    /* From one host's address, not a group's, our own, nobody's or a loopback. */
    if (!is_same_address(ip + 16, self->address) ||
        is_same_address(ip + 12, self->address) || ip[12] == 0 || ip[12] == 127 ||
        ip[12] >= 224) {
        return none;
    }
    return span_of(ip, len);
}

static enum net_offload_kind classify_packet(struct span packet)
{
    const uint8_t *body = packet.ptr + IPV4_LEN;

    if (packet.len < IPV4_LEN) {
        return NET_OFFLOAD_OTHER;
    }
    size_t len = packet.len - IPV4_LEN;
    unsigned fragment = get_be16(packet.ptr + 6);
    if ((fragment & OFFSET_MASK) != 0) {
        return NET_OFFLOAD_OTHER;
    }
    switch (packet.ptr[9]) {
    case ICMP:
        return len >= ICMP_LEN && body[0] == ECHO_REQUEST && body[1] == 0 &&
                       (fragment & MORE_FRAGMENTS) == 0
                   ? NET_OFFLOAD_PING
                   : NET_OFFLOAD_OTHER;
    case TCP:
        return len >= TCP_LEN ? NET_OFFLOAD_TRAFFIC : NET_OFFLOAD_OTHER;
    case UDP:
        return len >= UDP_LEN && get_be16(body + 2) != DHCP_CLIENT ? NET_OFFLOAD_TRAFFIC
                                                                   : NET_OFFLOAD_OTHER;
    default:
        return NET_OFFLOAD_OTHER;
    }
}

enum net_offload_kind net_offload_classify(struct span frame,
                                           const struct net_offload_self *self)
{
    if (frame.len < ETHERNET_LEN || is_nobody(self->address)) {
        return NET_OFFLOAD_OTHER;
    }
    switch (get_be16(frame.ptr + 2 * MAC_LEN)) {
    case TYPE_ARP:
        return is_question(frame, self) ? NET_OFFLOAD_ARP : NET_OFFLOAD_OTHER;
    case TYPE_IPV4:
        return classify_packet(packet_of(frame, self));
    default:
        return NET_OFFLOAD_OTHER;
    }
}

static void put_ethernet(uint8_t *head, const uint8_t *to, const uint8_t *from,
                         unsigned type)
{
    memcpy(head, to, MAC_LEN);
    memcpy(head + MAC_LEN, from, MAC_LEN);
    put_be16(head + 2 * MAC_LEN, type);
}

static void answer_arp(struct span frame, const struct net_offload_self *self,
                       struct net_offload_reply *reply)
{
    const uint8_t *question = frame.ptr + ETHERNET_LEN;
    uint8_t *arp = reply->head + ETHERNET_LEN;

    put_ethernet(reply->head, question + 8, self->mac, TYPE_ARP);
    memcpy(arp, arp_kind, sizeof(arp_kind));
    put_be16(arp + 6, ARP_REPLY);
    memcpy(arp + 8, self->mac, MAC_LEN);
    memcpy(arp + 14, self->address, ADDRESS_LEN);
    memcpy(arp + 18, question + 8, MAC_LEN + ADDRESS_LEN); /* who has asked */
    reply->rest = span_of(frame.ptr, 0);
}

static bool answer_ping(struct span frame, const struct net_offload_self *self,
                        struct net_offload_reply *reply)
{
    struct span packet = packet_of(frame, self);
    const uint8_t *echo = packet.ptr + IPV4_LEN;
    size_t len = packet.len - IPV4_LEN;
    uint8_t *ip = reply->head + ETHERNET_LEN;
    uint8_t *icmp = ip + IPV4_LEN;

    if (fold(sum(echo, len)) != 0) {
        return false;
    }
    put_ethernet(reply->head, frame.ptr + MAC_LEN, self->mac, TYPE_IPV4);
    memcpy(ip, packet.ptr, IPV4_LEN + ICMP_LEN);
    ip[8] = IPV4_TTL;
    memcpy(ip + 12, self->address, ADDRESS_LEN);
    memcpy(ip + 16, packet.ptr + 12, ADDRESS_LEN);
    put_be16(ip + 10, 0);
    put_be16(ip + 10, fold(sum(ip, IPV4_LEN)));
    icmp[0] = ECHO_REPLY;
    put_be16(icmp + 2, fold(sum(echo + 4, len - 4))); /* type and code are zero */
    reply->rest = span_slice(packet, IPV4_LEN + ICMP_LEN, packet.len);
    return true;
}

bool net_offload_answer(struct span frame, const struct net_offload_self *self,
                        struct net_offload_reply *reply)
{
    switch (net_offload_classify(frame, self)) {
    case NET_OFFLOAD_ARP:
        answer_arp(frame, self, reply);
        return true;
    case NET_OFFLOAD_PING:
        return answer_ping(frame, self, reply);
    default:
        return false;
    }
}
