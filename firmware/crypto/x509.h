/* SPDX-License-Identifier: ISC */
/*
 * X.509 certificates and PKCS#10 requests, DER in and out. Nothing here keeps a pointer after
 * its call, except that spans in `struct x509_info` point into the DER that was parsed.
 */
#ifndef VAMT_CRYPTO_X509_H
#define VAMT_CRYPTO_X509_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sbuf.h"
#include "base/span.h"
#include "base/util.h"

enum { X509_NAME_CAP = 512, X509_OIDS = 8, X509_CHAIN_CAP = 8 };

/* What is known of a certificate. */
struct x509_info {
    char subject[X509_NAME_CAP]; /* "C=x,O=y,CN=z": as AMT shows it; never cut off */
    char issuer[X509_NAME_CAP];
    char common_name[128];  /* of the subject, the last one; "" without */
    char org_unit[128];     /* of the subject, the last one; "" without */
    struct span serial;     /* big-endian, in the DER */
    struct span public_key; /* SubjectPublicKeyInfo, in the DER */
    struct span
        eku[X509_OIDS]; /* extended key usages, DER of the OID's value, in the DER */
    size_t eku_count;
    int64_t not_before; /* seconds since 1970 UTC */
    int64_t not_after;
    uint16_t bits; /* of the key */
    bool is_rsa;   /* else elliptic curve */
    bool is_ca;
    bool is_self_issued; /* subject and issuer are the same */
};

/* ERR_INVALID: not a certificate, or bytes follow it; ERR_TOO_BIG: a name over the limit, or too
 * many usages; ERR_UNSUPPORTED: a key that we do not know; ERR_FULL: no memory now. */
int x509_parse(struct span der, struct x509_info *info) UTIL_MUST_CHECK;
/* Has the certificate this extended key usage, e.g. "\x2b\x06\x01..." (DER value)? */
bool x509_has_eku(const struct x509_info *info, struct span oid);
/* The usage by which AMT accepts a provisioning certificate, 2.16.840.1.113741.1.2.3. */
bool x509_is_provisioning(const struct x509_info *info);
/* not_before <= now_s <= not_after */
bool x509_is_valid_at(const struct x509_info *info, int64_t now_s);

/* Is chain[0] signed by chain[1], and so on to the last, a self-signed CA, every one a CA but
 * the first, and all valid at now_s (INT64_MIN: do not ask)? Whether the last is trusted is the
 * caller's to know (hash_sha256 of its DER). Weak keys and digests (RSA below 2048, SHA-1) are
 * refused. 0; ERR_INVALID: not parsable or not a chain; ERR_DENIED: a signature, usage, strength
 * or date is wrong; ERR_TOO_BIG: more than X509_CHAIN_CAP; ERR_FULL. */
int x509_verify_chain(const struct span *chain, size_t count,
                      int64_t now_s) UTIL_MUST_CHECK;
/* Is `signature` (RSA PKCS#1 v1.5 or ECDSA DER) by the certificate's key over `text` with
 * SHA-`sha_bits` (256, 384, 512)? 0, ERR_DENIED if not; ERR_INVALID: not a certificate;
 * ERR_UNSUPPORTED: another digest; ERR_FULL. */
int x509_verify_signature(struct span certificate, unsigned sha_bits, struct span text,
                          struct span signature) UTIL_MUST_CHECK;

/* A certificate that a key signs for itself: CN and SAN are `host`, valid from a day before
 * now_s for years, random serial. ERR_INVALID: key; ERR_IO: no random numbers; ERR_FULL. */
int x509_make_own(struct span key, const char *host, int64_t now_s,
                  struct sbuf *der) UTIL_MUST_CHECK;

/* PKCS#10. The request's subject and attributes, signed anew with `key` and SHA-`sha_bits`; its
 * own signature is ignored (consoles send one of zeroes). Its public key must be that of `key`:
 * ERR_DENIED otherwise. ERR_INVALID: not a request; ERR_UNSUPPORTED: digest; ERR_TOO_BIG: over
 * CONFIG_PKI_CERTIFICATE_CAP; ERR_FULL. */
int x509_make_request(struct span key, unsigned sha_bits, struct span request,
                      struct sbuf *der) UTIL_MUST_CHECK;

#endif
