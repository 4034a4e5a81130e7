/* SPDX-License-Identifier: ISC */
/*
 * What TLS sessions are set up with: identities, trusted roots, tickets. Each change of keys,
 * certificates or settings makes a new configuration; sessions keep theirs until they end, so at
 * most two exist. Only net/tls* includes this.
 */
#ifndef VAMT_NET_TLS_CONFIG_H
#define VAMT_NET_TLS_CONFIG_H

#include <stdbool.h>

#include "base/util.h"
#include "mbedtls/error.h"
#include "mbedtls/ssl.h"
#include "mbedtls/ssl_ticket.h"

enum { TLS_CONFIG_IDENTITIES = 2 };

struct tls_config {
    mbedtls_ssl_config ssl;
    mbedtls_x509_crt certificates[TLS_CONFIG_IDENTITIES];
    mbedtls_pk_context keys[TLS_CONFIG_IDENTITIES];
    mbedtls_x509_crt roots;
    mbedtls_ssl_ticket_context tickets;
    unsigned sessions; /* that use it */
    bool is_mutual;
    bool is_set;
};

/* None. Once, at boot. */
void tls_config_start(void);
/* Build a new one from pki/ and the settings in force, for sessions from now on. 0; ERR_NOT_FOUND:
 * there is no identity yet; ERR_BUSY: two older ones are still in use; ERR_FULL: no memory. On
 * failure the one before stays. */
int tls_config_build(void) UTIL_MUST_CHECK;
/* The one for a new session, counted; NULL: none yet. */
struct tls_config *tls_config_take(void);
/* True once after a ticket was accepted: the session under way is resumed from it. */
bool tls_config_took_ticket(void);
/* That session has ended. */
void tls_config_drop(struct tls_config *config);

#endif
