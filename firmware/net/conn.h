/* SPDX-License-Identifier: ISC */
/*
 * A connection as protocols see it: bytes in through a handler, bytes out through the
 * connection. TCP (net/tcp_conn.c), later TLS on top of it, and test doubles implement
 * `struct conn_ops`; protocol code cannot tell them apart and never blocks.
 */
#ifndef VAMT_NET_CONN_H
#define VAMT_NET_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct conn;

/* What a protocol does with its connections. All calls come from the event loop, never
 * from inside a conn_ function. */
struct conn_handler {
    /* A new connection. Sets conn->session and returns 0, or ERR_FULL to refuse it (the
     * peer gets a TCP reset, unless `refusal` is set: those bytes are sent first). */
    int (*open)(struct conn *conn);
    /* Bytes arrived; returns how many were consumed. The rest is offered again, together
     * with new bytes, after the session wrote, was polled or more arrived; unread bytes close the
     * TCP window, so a session may leave bytes for as long as it is busy. */
    size_t (*input)(struct conn *conn, struct span bytes);
    /* There is room again in the send buffer after conn_write took less than offered. */
    void (*writable)(struct conn *conn);
    /* conn->deadline_us has passed. The handler sets a new one or closes. */
    void (*timeout)(struct conn *conn);
    /* The peer has closed its sending side: no more input. Default (NULL): conn_close. */
    void (*ended)(struct conn *conn);
    /* Gone, for any reason, also after conn_close. The last call; conn is invalid after. */
    void (*closed)(struct conn *conn);
    /* Whole reply for a connection that open refused with ERR_FULL; empty: TCP reset. */
    struct span refusal;
};

struct conn_ops {
    size_t (*write)(struct conn *conn, struct span bytes);
    size_t (*room)(struct conn *conn);
    void (*close)(struct conn *conn);
    void (*abort)(struct conn *conn);
};

struct conn {
    const struct conn_ops *ops;
    const struct conn_handler *handler;
    const struct conn_service *service;
    bool is_secure; /* the peer came over TLS */
    void *session;  /* the protocol's own */
    uint64_t
        deadline_us; /* board_now_us scale; UINT64_MAX: none. The protocol sets it. */
    uint64_t
        hold_us; /* what is written leaves no earlier: the latency model's hold of what
                       * is no protocol's reply. 0: at once */
    uint64_t
        input_us; /* when the poll began that last called `input`: before any work on its
                        * bytes */
    uint8_t peer[16]; /* IPv6 or IPv4-mapped address of the other side */
    uint16_t peer_port;
    uint16_t local_port;
};

/* A listener: which protocol answers on which port. Tables of these are const and live in
 * main.c (the one place that wires things). */
struct conn_service {
    uint16_t port;
    const struct conn_handler *handler;
    const struct conn_handler *inner; /* with handler tls_conn_handler: what is inside */
    const char *name;                 /* for the log */
};

/* Queue bytes; returns how many were taken (they are copied). Less than offered means the
 * send buffer is full: `writable` follows. */
static inline size_t conn_write(struct conn *conn, struct span bytes)
{
    return conn->ops->write(conn, bytes);
}

/* Bytes that conn_write would take now. */
static inline size_t conn_room(struct conn *conn)
{
    return conn->ops->room(conn);
}

/* Send what is queued, then close in order. `closed` follows later, from the loop. */
static inline void conn_close(struct conn *conn)
{
    conn->ops->close(conn);
}

/* Reset at once, dropping what is queued. `closed` follows later, from the loop. */
static inline void conn_abort(struct conn *conn)
{
    conn->ops->abort(conn);
}

#endif
