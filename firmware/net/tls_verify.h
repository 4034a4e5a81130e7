/* SPDX-License-Identifier: ISC */
/* What Mbed TLS leaves to us when it checks a client: dates, revocation, names. */
#ifndef VAMT_NET_TLS_VERIFY_H
#define VAMT_NET_TLS_VERIFY_H

#include "mbedtls/ssl.h"

enum { TLS_VERIFY_NAME_CAP = 128 };

struct tls_verify {
    char
        name[TLS_VERIFY_NAME_CAP]; /* common name of the client's certificate; "": none */
    const char *reason;            /* why the client was refused; NULL: it was not */
};

/* Watch over this session. `verify` stays as long as the session. */
void tls_verify_attach(struct tls_verify *verify, mbedtls_ssl_context *ssl);
/* What to write to the log about an error of Mbed TLS: a constant. */
const char *tls_verify_error(int error);

#endif
