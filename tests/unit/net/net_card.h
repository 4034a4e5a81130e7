/* SPDX-License-Identifier: ISC */
/*
 * A card made of memory, with nothing but net_gate before it, and a clock. The test plays lwIP.
 * Not together with net_world.h.
 */
#ifndef NET_CARD_H
#define NET_CARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hal/nic.h"
#include "net/net_frame.h"

enum { NET_CARD_QUEUE = 256 };

extern uint64_t net_card_now_us;
extern struct nic net_card;                           /* the real one */
extern struct nic *net_card_gate;                     /* what lwIP would see of it */
extern size_t net_card_in_count;                      /* frames that wait in the card */
extern struct net_frame net_card_out[NET_CARD_QUEUE]; /* frames that left */
extern size_t net_card_out_count;
extern int net_card_send_result; /* what the card says of frames to send */
extern bool net_card_tells;      /* ... of its link, and of announcements */

/* Start anew, without faults. A cmocka set-up function. */
int net_card_before(void **state);
/* Room for the next frame to come in, and: it is made, let it come. */
struct net_frame *net_card_next(void);
void net_card_put(void);
void net_card_put_tcp(uint16_t to);
void net_card_put_udp(uint16_t to);
void net_card_put_arp(void);
void net_card_put_ping(void);
/* What lwIP gets next: the port of a TCP or UDP frame, 1 for something else, 0 for nothing. */
unsigned net_card_take(void);
/* lwIP sends a frame "to: TEXT" in two pieces. */
int net_card_send(const char *text);
/* This was the frame that left as number `index`. */
void net_card_assert_sent(size_t index, const char *text);

#endif
