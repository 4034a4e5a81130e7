/* SPDX-License-Identifier: ISC */
/* Frames made by hand. */
#include "net/net_frame.h"

#include <string.h>

static const uint8_t head[12] = {0x52, 0x54, 0, 1, 2, 3, 0x52, 0x54, 0, 9, 9, 9};

static void put16(uint8_t *p, size_t value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

uint16_t net_frame_sum(const uint8_t *bytes, size_t len)
{
    uint64_t total = 0;

    for (size_t i = 0; i < len; i++) {
        total += (uint64_t)bytes[i] << (i % 2 == 0 ? 8 : 0);
    }
    return (uint16_t)(0xffff -
                      (total % 0xffff == 0 && total > 0 ? 0xffff : total % 0xffff));
}

void net_frame_arp(struct net_frame *frame)
{
    static const uint8_t arp[] = {0,  1, 8, 0, 6, 4, 0, 1, 0x52, 0x54, 0,  9, 9, 9,
                                  10, 0, 0, 9, 0, 0, 0, 0, 0,    0,    10, 0, 0, 1};

    memset(frame, 0, sizeof(*frame));
    memset(frame->bytes, 0xff, 6);
    memcpy(frame->bytes + 6, head + 6, 6);
    put16(frame->bytes + 12, 0x0806);
    memcpy(frame->bytes + 14, arp, sizeof(arp));
    frame->len = 14 + sizeof(arp);
}

void net_frame_seal(struct net_frame *frame)
{
    uint8_t *ip = frame->bytes + NET_FRAME_IP;

    put16(ip + 10, 0);
    put16(ip + 10, net_frame_sum(ip, 20));
}

void net_frame_packet(struct net_frame *frame, uint8_t protocol, const void *body,
                      size_t len)
{
    static const uint8_t ip[20] = {0x45, 0, 0,  0, 0x12, 0x34, 0,  0, 64, 0,
                                   0,    0, 10, 0, 0,    9,    10, 0, 0,  1};

    memset(frame, 0, sizeof(*frame));
    memcpy(frame->bytes, head, sizeof(head));
    put16(frame->bytes + 12, 0x0800);
    memcpy(frame->bytes + NET_FRAME_IP, ip, sizeof(ip));
    put16(frame->bytes + NET_FRAME_IP + 2, 20 + len);
    frame->bytes[NET_FRAME_IP + 9] = protocol;
    if (len > 0) {
        memcpy(frame->bytes + NET_FRAME_BODY, body, len);
    }
    frame->len = NET_FRAME_BODY + len;
    net_frame_seal(frame);
}

void net_frame_ping(struct net_frame *frame, size_t len)
{
    uint8_t echo[1600] = {8, 0, 0, 0, 0x12, 0x34, 0, 1};

    for (size_t i = 0; i < len; i++) {
        echo[8 + i] = (uint8_t)(i * 7 + 1);
    }
    put16(echo + 2, net_frame_sum(echo, 8 + len));
    net_frame_packet(frame, 1, echo, 8 + len);
}

void net_frame_tcp(struct net_frame *frame, uint16_t to)
{
    uint8_t tcp[20] = {0x99, 0x99, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 0x20, 0};

    put16(tcp + 2, to);
    net_frame_packet(frame, 6, tcp, sizeof(tcp)); /* no checksum: cards do not look */
}

void net_frame_udp(struct net_frame *frame, uint16_t to)
{
    uint8_t udp[16] = {0x99, 0x99, 0,   0,   0,   16,  0,   0,
                       'd',  'a',  't', 'a', 'g', 'r', 'a', 'm'};

    put16(udp + 2, to);
    net_frame_packet(frame, 17, udp, sizeof(udp));
}
