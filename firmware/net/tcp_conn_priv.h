/* SPDX-License-Identifier: ISC */
/*
 * What tcp_conn.c (the protocol's side: delivery, life) and tcp_link.c (lwIP's side: callbacks,
 * pcb) share. Nobody else includes this.
 */
#ifndef VAMT_NET_TCP_CONN_PRIV_H
#define VAMT_NET_TCP_CONN_PRIV_H

#include "base/ring.h"
#include "config.h"
#include "lwip/tcp.h"
#include "net/conn.h"

enum tcp_conn_state { TCP_CONN_FREE, TCP_CONN_NEW, TCP_CONN_OPEN, TCP_CONN_DRAIN };

struct tcp_conn {
    struct conn conn;    /* first: a struct conn pointer is a struct tcp_conn pointer */
    struct tcp_pcb *pcb; /* NULL when lwIP has given it up */
    enum tcp_conn_state state;
    bool close_asked;
    bool abort_asked;
    bool wants_writable; /* conn_write took less than offered */
    bool has_written;    /* since the last input call */
    bool peer_ended;
    bool end_told;
    bool fin_sent;
    bool is_cut; /* a fault: the stream ends after cut_left more bytes */
    uint32_t cut_left;
    uint64_t drain_until_us;
    size_t in_start; /* unread bytes: in[in_start .. in_start + in_len) */
    size_t in_len;
    struct ring out;
    size_t out_sent; /* bytes at the ring's start that lwIP refers to */
    uint8_t in[CONFIG_NET_RECV_CAP];
    uint8_t out_bytes[CONFIG_NET_SEND_CAP];
};

/* A new connection of lwIP's, for the protocol of its service. ERR_OK; ERR_MEM: no room, to be
 * reset. */
err_t tcp_conn_accept(struct tcp_pcb *pcb, const struct conn_service *service);

/* Connect c (c->pcb set) with lwIP's callbacks and set keep-alive and no-delay. */
void tcp_link_attach(struct tcp_conn *c);
/* Undo that. */
void tcp_link_detach(struct tcp_pcb *pcb);
/* Reset the connection; c->pcb is NULL afterwards. */
void tcp_link_abort(struct tcp_conn *c);
/* All of lwIP's connections vanish without a word to their peers, also those half open, in
 * TIME-WAIT or being refused. Who had a pcb in TIME-WAIT is not told. */
void tcp_link_drop_all(void);
/* Leave the pcb to lwIP, which finishes the exchange of FINs. Only after our FIN is queued and
 * when lwIP refers to no byte of the ring. False if lwIP has no memory now. */
bool tcp_link_release(struct tcp_conn *c);
/* After both FINs lwIP moves a pcb to its TIME-WAIT list without a word, and may reuse it at
 * any time from then on. Such a pcb is no longer ours: c->pcb becomes NULL. To be called before
 * the pcb of a connection that has sent its FIN is touched. */
void tcp_link_notice_end(struct tcp_conn *c);
/* True once after a peer has closed or a connection broke. */
bool tcp_link_take_ends(void);
/* Hand bytes of the ring to lwIP, as many as it takes, and have them sent. */
void tcp_link_send(struct tcp_conn *c);

#endif
