/* SPDX-License-Identifier: ISC */
/* Key pairs whole: made, checked, described. RSA pairs are made in keypair_rsa.c. */
#include "crypto/keypair.h"

#include "base/err.h"
#include "crypto/pk_priv.h"
#include "mbedtls/asn1.h"
#include "mbedtls/ecp.h"
#include "mbedtls/pk.h"

int keypair_make_p256(struct sbuf *private, struct sbuf *public)
{
    mbedtls_pk_context key;
    int result;

    mbedtls_pk_init(&key);
    result = mbedtls_pk_setup(&key, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY));
    if (result == 0) {
        result = mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(key),
                                     pk_priv_random, NULL);
    }
    result = result == 0 ? pk_priv_put_pair(&key, private, public)
                         : pk_priv_error(result, ERR_IO);
    mbedtls_pk_free(&key);
    return result;
}

int keypair_describe(struct span der, struct keypair_info *info, struct sbuf *private,
                     struct sbuf *public)
{
    mbedtls_pk_context key;
    struct keypair_info read;
    int result;

    mbedtls_pk_init(&key);
    result = pk_priv_parse(&key, der);
    if (result == 0) {
        result = pk_priv_describe(&key, &read);
    }
    if (result == 0) { /* a pair with itself: do its numbers belong together? */
        int check = mbedtls_pk_check_pair(&key, &key, pk_priv_random, NULL);
        result = check == 0 ? 0 : pk_priv_error(check, ERR_INVALID);
    }
    if (result == 0) {
        result = pk_priv_put_pair(&key, private, public);
    }
    if (result == 0) {
        *info = read;
    }
    mbedtls_pk_free(&key);
    return result;
}

int keypair_describe_public(struct span der, struct keypair_info *info)
{
    mbedtls_pk_context key;
    unsigned char *at = (unsigned char *)(uintptr_t)der.ptr;
    int result;

    if (!pk_priv_is_sequence(der)) {
        return ERR_INVALID;
    }
    mbedtls_pk_init(&key);
    result = mbedtls_pk_parse_subpubkey(&at, der.ptr + der.len, &key);
    result = result == 0 ? pk_priv_describe(&key, info)
                         : pk_priv_error(result, ERR_INVALID);
    mbedtls_pk_free(&key);
    return result;
}

struct span keypair_bare_public(struct span der)
{
    static const int sequence = MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE;
    unsigned char *at = (unsigned char *)(uintptr_t)der.ptr;
    const unsigned char *end = der.ptr + der.len;
    mbedtls_asn1_bitstring bits;
    struct keypair_info info;
    size_t len;

    if (keypair_describe_public(der, &info) < 0 || !info.is_rsa ||
        mbedtls_asn1_get_tag(&at, end, &len, sequence) != 0 ||
        mbedtls_asn1_get_tag(&at, end, &len, sequence) != 0) {
        return der;
    }
    at += len; /* AlgorithmIdentifier */
    return mbedtls_asn1_get_bitstring(&at, end, &bits) == 0 ? span_of(bits.p, bits.len)
                                                            : der;
}
