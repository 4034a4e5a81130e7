/* SPDX-License-Identifier: ISC */
/* What the files of this folder share about keys; nobody else includes it. */
#ifndef VAMT_CRYPTO_PK_PRIV_H
#define VAMT_CRYPTO_PK_PRIV_H

#include <stddef.h>

#include "base/sbuf.h"
#include "base/span.h"
#include "crypto/keypair.h"
#include "mbedtls/md.h"
#include "mbedtls/pk.h"

/* Random numbers as Mbed TLS asks for them. */
int pk_priv_random(void *unused, unsigned char *dst, size_t len);
/* An error of Mbed TLS: out of memory is ERR_FULL, no random numbers ERR_IO, else `otherwise`. */
int pk_priv_error(int result, int otherwise);
/* Is it one whole DER SEQUENCE with nothing after it? */
bool pk_priv_is_sequence(struct span der);
/* Parse a private key; init before, free after. Does not check that its numbers agree. */
int pk_priv_parse(mbedtls_pk_context *key, struct span der);
/* ERR_UNSUPPORTED for a kind or size that we do not take. */
int pk_priv_describe(const mbedtls_pk_context *key, struct keypair_info *info);
/* SHA-256, -384, -512 by their bits; MBEDTLS_MD_NONE for others. */
mbedtls_md_type_t pk_priv_digest(unsigned sha_bits);
/* Append the pair's own DER (PKCS#1, SEC1) and its SubjectPublicKeyInfo. ERR_FULL. */
int pk_priv_put_pair(const mbedtls_pk_context *key, struct sbuf *private,
                     struct sbuf *public) UTIL_MUST_CHECK;

#endif
