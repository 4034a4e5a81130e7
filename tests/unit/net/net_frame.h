/* SPDX-License-Identifier: ISC */
/*
 * Frames from the peer of net_world.h to the firmware, made by hand: right in everything until a
 * test spoils them.
 */
#ifndef NET_FRAME_H
#define NET_FRAME_H

#include <stddef.h>
#include <stdint.h>

enum { NET_FRAME_IP = 14, NET_FRAME_BODY = 34 }; /* offsets */

struct net_frame {
    uint8_t bytes[2000];
    size_t len;
};

/* Who has 10.0.0.1? Asked by 10.0.0.9, broadcast. */
void net_frame_arp(struct net_frame *frame);
/* An IPv4 packet without options. */
void net_frame_packet(struct net_frame *frame, uint8_t protocol, const void *body,
                      size_t len);
/* An echo request with `len` bytes of data. */
void net_frame_ping(struct net_frame *frame, size_t len);
/* A TCP header with the flag SYN / a UDP datagram of eight bytes of data. */
void net_frame_tcp(struct net_frame *frame, uint16_t to);
void net_frame_udp(struct net_frame *frame, uint16_t to);
/* Make the IPv4 header's checksum right again. */
void net_frame_seal(struct net_frame *frame);
/* The Internet checksum of bytes. */
uint16_t net_frame_sum(const uint8_t *bytes, size_t len);

#endif
