/* SPDX-License-Identifier: ISC */
/*
 * TLS 1.2 and 1.3 between TCP and any protocol: tls_conn.c is a conn_handler for TCP and a
 * `struct conn` for the protocol inside, which cannot tell the difference. Mbed TLS lives in one
 * fixed arena with room for CONFIG_TLS_SESSIONS sessions; one more is closed before its first
 * byte is read, and the others do not notice.
 */
#ifndef VAMT_NET_TLS_H
#define VAMT_NET_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"
#include "net/conn.h"

struct tls_status {
    uint32_t sessions;      /* now, those in handshake included */
    uint32_t sessions_most; /* at any time */
    uint32_t handshakes;    /* completed since start */
    uint32_t resumed;       /* of them, from a ticket */
    uint32_t failed;        /* handshakes that ended in an alert or a time-out */
    uint32_t refused;       /* no room */
    uint32_t arena_most; /* bytes of the arena in use at most, of CONFIG_TLS_ARENA_CAP */
};

/* The handler for a conn_service with `inner` set. */
extern const struct conn_handler tls_conn_handler;

/* Arena, PSA, tickets. Before net_start. ERR_IO. */
int tls_start(void) UTIL_MUST_CHECK;
/* Follow pki_generation and tls_settings_generation. Sessions under way go on as they are. */
void tls_poll(uint64_t now_us);
void tls_get_status(struct tls_status *status);
/* The peer's verified certificate: its subject's common name; "" without one. NULL: no TLS. */
const char *tls_peer_name(const struct conn *conn);

#endif
