/* SPDX-License-Identifier: ISC */
/*
 * TCP behind net/conn.h. Every connection owns two fixed buffers: received bytes that the
 * protocol has not consumed (CONFIG_NET_RECV_CAP, exactly the TCP window, so a peer can never
 * send more than there is room for) and bytes to send (CONFIG_NET_SEND_CAP, kept until the
 * peer has acknowledged them). One slow peer thus takes nothing from the others.
 *
 * lwIP's callbacks only note what happened; handlers are called from tcp_conn_poll.
 */
#ifndef VAMT_NET_TCP_CONN_H
#define VAMT_NET_TCP_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/conn.h"

struct tcp_conn_counts {
    uint32_t in_use;     /* connections now, those that are closing included */
    uint32_t high_water; /* the most that protocols had at any time */
    uint32_t accepted;   /* since start */
    uint32_t refused;    /* since start: no room, or refused by the protocol */
};

/* Empty the pool. Once, at boot, before any listener. */
void tcp_conn_start(void);
/* Call the handlers for all that happened: open, input, writable, ended, timeout, closed.
 *
 * Order and repetition: unread bytes are offered again on every poll, and within one poll
 * as long as the handler consumes some or writes. `ended` comes once all received bytes were
 * consumed. `closed` is called exactly once for each connection whose `open` returned 0.
 * A deadline that `timeout` leaves in the past resets the connection. */
void tcp_conn_poll(uint64_t now_us);
/* Pass queued bytes to lwIP and carry out closes and aborts. Returns when tcp_conn_poll must run
 * next: `now_us` if there is something to deliver, UINT64_MAX if nothing is due. */
uint64_t tcp_conn_flush(uint64_t now_us);
/* Forget all connections without a word to their peers; `closed` is called now. Listeners
 * stay. Not from inside a handler. */
void tcp_conn_drop(uint64_t now_us);
/* True once after a peer has closed or a connection broke. To be polled then before the next
 * frame, so that a client that closes and connects anew finds the room it has just left. */
bool tcp_conn_has_ends(void);
struct tcp_conn_counts tcp_conn_count(void);

#endif
