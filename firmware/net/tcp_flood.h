/* SPDX-License-Identifier: ISC */
/* Half-open connections: a flood of SYN must not keep others out. */
#ifndef VAMT_NET_TCP_FLOOD_H
#define VAMT_NET_TCP_FLOOD_H

/* Before a frame is received: if so many connections are half open that a listener may
 * soon take no more, forget the oldest of them, in silence. A handshake takes a round
 * trip; who has not answered while so many others came does not exist, or will try
 * again. */
void tcp_flood_poll(void);

#endif
