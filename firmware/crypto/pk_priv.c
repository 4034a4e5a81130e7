/* SPDX-License-Identifier: ISC */
#include "crypto/pk_priv.h"

#include "base/bytes.h"
#include "base/err.h"
#include "config.h"
#include "crypto/random.h"
#include "mbedtls/asn1.h"
#include "mbedtls/ecp.h"
#include "mbedtls/rsa.h"
#include "mbedtls/x509.h"

enum { RSA_LEAST = 2048, RSA_MOST = 4096 };

int pk_priv_random(void *unused, unsigned char *dst, size_t len)
{
    (void)unused;
    return random_fill(dst, len) == 0 ? 0 : MBEDTLS_ERR_RSA_RNG_FAILED;
}

/* High-level codes are negative multiples of 0x80 to which a low-level code may be added, so both
 * are looked at: -(high + low). */
int pk_priv_error(int result, int otherwise)
{
    static const int no_memory[] = {MBEDTLS_ERR_MPI_ALLOC_FAILED,
                                    MBEDTLS_ERR_ASN1_ALLOC_FAILED};
    int low = -(-result & 0x7f);

    if (result == MBEDTLS_ERR_PK_ALLOC_FAILED || result == MBEDTLS_ERR_ECP_ALLOC_FAILED ||
        result == MBEDTLS_ERR_X509_ALLOC_FAILED ||
        result == MBEDTLS_ERR_MD_ALLOC_FAILED) {
        return ERR_FULL;
    }
    for (size_t i = 0; i < UTIL_COUNT(no_memory); i++) {
        if (low == no_memory[i]) {
            return ERR_FULL;
        }
    }
    return result == MBEDTLS_ERR_RSA_RNG_FAILED || result == MBEDTLS_ERR_ECP_RANDOM_FAILED
               ? ERR_IO
               : otherwise;
}

bool pk_priv_is_sequence(struct span der)
{
    unsigned char *at = (unsigned char *)(uintptr_t)der.ptr;
    size_t len;

    return der.len > 0 &&
           mbedtls_asn1_get_tag(&at, der.ptr + der.len, &len,
                                MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE) == 0 &&
           at + len == der.ptr + der.len;
}

int pk_priv_parse(mbedtls_pk_context *key, struct span der)
{
    int result;

    if (!pk_priv_is_sequence(der)) {
        return ERR_INVALID;
    }
    result = mbedtls_pk_parse_key(key, der.ptr, der.len, NULL, 0, pk_priv_random, NULL);
    return result == 0 ? 0 : pk_priv_error(result, ERR_INVALID);
}

int pk_priv_describe(const mbedtls_pk_context *key, struct keypair_info *info)
{
    size_t bits = mbedtls_pk_get_bitlen(key);

    if (mbedtls_pk_get_type(key) == MBEDTLS_PK_RSA) {
        if (bits < RSA_LEAST || bits > RSA_MOST) {
            return ERR_UNSUPPORTED;
        }
        info->is_rsa = true;
    } else if (mbedtls_pk_get_type(key) == MBEDTLS_PK_ECKEY) {
        mbedtls_ecp_group_id group = mbedtls_ecp_keypair_get_group_id(
            mbedtls_pk_ec(*key));

        if (group != MBEDTLS_ECP_DP_SECP256R1 && group != MBEDTLS_ECP_DP_SECP384R1) {
            return ERR_UNSUPPORTED;
        }
        info->is_rsa = false;
    } else {
        return ERR_UNSUPPORTED;
    }
    info->bits = (uint16_t)bits;
    return 0;
}

mbedtls_md_type_t pk_priv_digest(unsigned sha_bits)
{
    return sha_bits == 256   ? MBEDTLS_MD_SHA256
           : sha_bits == 384 ? MBEDTLS_MD_SHA384
           : sha_bits == 512 ? MBEDTLS_MD_SHA512
                             : MBEDTLS_MD_NONE;
}

static int put(struct sbuf *out, const mbedtls_pk_context *key,
               int (*write)(const mbedtls_pk_context *, unsigned char *, size_t))
{
    uint8_t der[CONFIG_PKI_KEY_CAP]; /* written from its end towards its start */
    int len = write(key, der, sizeof(der));

    if (len >= 0) {
        sbuf_put(out, span_of(der + sizeof(der) - (size_t)len, (size_t)len));
    }
    bytes_wipe(der, sizeof(der));
    if (len < 0) {
        return pk_priv_error(len, ERR_INVALID);
    }
    return out->overflow ? ERR_FULL : 0;
}

int pk_priv_put_pair(const mbedtls_pk_context *key, struct sbuf *private,
                     struct sbuf *public)
{
    int result = put(private, key, mbedtls_pk_write_key_der);

    return result < 0 ? result : put(public, key, mbedtls_pk_write_pubkey_der);
}
