/* SPDX-License-Identifier: ISC */
/* TLS sessions as tls.c drives them. Only net/tls* includes this. */
#ifndef VAMT_NET_TLS_CONN_H
#define VAMT_NET_TLS_CONN_H

#include <stdint.h>

#include "net/tls.h"

/* No session. Once, at boot. */
void tls_conn_start(void);
/* Deliver what waits for a protocol that was busy, tell it of room, follow its deadlines. */
void tls_conn_poll(uint64_t now_us);
/* Fills the counts of sessions. */
void tls_conn_get_status(struct tls_status *status);
/* tls_peer_name. */
const char *tls_conn_peer_name(const struct conn *conn);

#endif
