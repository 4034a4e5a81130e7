/* SPDX-License-Identifier: ISC */
/* What tls_conn.c (handshake, TCP's side, life) and tls_plain.c (the protocol's side) share. Nobody
 * else includes this. */
#ifndef VAMT_NET_TLS_CONN_PRIV_H
#define VAMT_NET_TLS_CONN_PRIV_H

#include "config.h"
#include "net/conn.h"
#include "net/tls_config.h"
#include "net/tls_verify.h"

enum tls_conn_state { TLS_CONN_HANDSHAKE, TLS_CONN_OPEN, TLS_CONN_OVER };

struct tls_conn {
    struct conn
        inner; /* first: a protocol's struct conn pointer is a struct tls_conn pointer */
    struct conn *outer;
    struct tls_config *config;
    mbedtls_ssl_context ssl;
    enum tls_conn_state state;
    struct span in; /* what TCP offers in this call */
    uint64_t opened_us;
    uint64_t due_us; /* of the handshake, by the latency model */
    bool is_hailed;  /* the first byte has come */
    bool is_resumed; /* from a ticket */
    bool is_known;   /* the protocol has it: `closed` must be called */
    bool close_asked;
    bool wants_writable;
    bool has_written;
    bool peer_ended;
    bool end_told;
    size_t plain_start;
    size_t plain_len;
    struct tls_verify verify;
    uint8_t plain[CONFIG_TLS_PLAIN_CAP];
};

/* What a protocol does with its connection. */
extern const struct conn_ops tls_plain_ops;
/* Is there a protocol, and does it still want to hear? */
bool tls_plain_is_listening(const struct tls_conn *t);
/* Bytes, room, ends: for the protocol, until it is busy or nothing is left. */
void tls_plain_deliver(struct tls_conn *t);
/* The session has broken down: what Mbed TLS has queued goes out, then TCP ends. */
void tls_conn_fail(struct tls_conn *t);

#endif
