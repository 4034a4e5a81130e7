/* SPDX-License-Identifier: ISC */
/*
 * Key pairs as DER. A P-256 pair is made at once; an RSA pair takes minutes of prime search on a
 * slow machine and is made in slices, one at a time.
 */
#ifndef VAMT_CRYPTO_KEYPAIR_H
#define VAMT_CRYPTO_KEYPAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sbuf.h"
#include "base/span.h"
#include "base/util.h"

enum { KEYPAIR_PUBLIC_CAP = 600 };

struct keypair_info {
    bool is_rsa; /* else elliptic curve */
    uint16_t bits;
};

/* A new pair: SEC1 DER, and its SubjectPublicKeyInfo. ERR_IO: no random numbers; ERR_FULL: no
 * memory, or a buffer is too small. */
int keypair_make_p256(struct sbuf *private, struct sbuf *public) UTIL_MUST_CHECK;

/* RSA, exponent 65537. One pair at a time: ERR_BUSY. ERR_INVALID: not 2048, 3072 or 4096. */
int keypair_rsa_start(unsigned bits) UTIL_MUST_CHECK;
/* Work for some tens of milliseconds. 0: call again; 1: done, PKCS#1 DER and SubjectPublicKeyInfo
 * are there; ERR_IO, ERR_FULL: it has failed. After 1 or an error another pair can be started. */
int keypair_rsa_step(struct sbuf *private, struct sbuf *public) UTIL_MUST_CHECK;
void keypair_rsa_stop(void);

/* Check a private key (PKCS#1, SEC1 or PKCS#8 DER, whole and consistent) and say what it is. Its
 * canonical DER (PKCS#1, SEC1) goes to `private`, its SubjectPublicKeyInfo to `public`; both may
 * hold bytes after an error. ERR_INVALID; ERR_UNSUPPORTED: neither RSA of 2048 to 4096 bits nor
 * P-256 or P-384; ERR_FULL: no memory, or a buffer is too small. */
int keypair_describe(struct span der, struct keypair_info *info, struct sbuf *private,
                     struct sbuf *public) UTIL_MUST_CHECK;
/* What a SubjectPublicKeyInfo says of an RSA key alone (RSAPublicKey of PKCS#1); the whole of
 * it for another kind. In the DER. */
struct span keypair_bare_public(struct span der);
/* The same as keypair_describe for a SubjectPublicKeyInfo. */
int keypair_describe_public(struct span der, struct keypair_info *info) UTIL_MUST_CHECK;

#endif
