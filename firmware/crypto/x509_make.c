/* SPDX-License-Identifier: ISC */
/* Certificates and requests written. */
#include <string.h>

#include "base/bytes.h"
#include "base/date.h"
#include "base/err.h"
#include "base/panic.h"
#include "config.h"
#include "crypto/pk_priv.h"
#include "crypto/random.h"
#include "crypto/x509.h"
#include "mbedtls/asn1.h"
#include "mbedtls/md.h"
#include "mbedtls/oid.h"
#include "mbedtls/x509_crt.h"
#include "mbedtls/x509_csr.h"

enum {
    SERIAL_LEN = 16,
    TIME_CAP = 16,
    COMMON_NAME_MOST = 64, /* ub-common-name of RFC 5280 */
    SEQUENCE = MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE,
    ATTRIBUTES = MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_CONTEXT_SPECIFIC
};

#define DAY_S         (INT64_C(24) * 60 * 60)
#define OWN_VALID_S   (INT64_C(25) * 365 * DAY_S)
#define CLOCK_WRONG_S INT64_C(1577836800) /* 2020: a clock before it is not set */

static void put_time(char text[TIME_CAP], int64_t unix_s)
{
    struct date d;
    struct sbuf out;

    date_from_unix(unix_s, &d);
    sbuf_init(&out, text, TIME_CAP);
    sbuf_printf(&out, "%04d%02u%02u%02u%02u%02u", (int)d.year, d.month, d.day, d.hour,
                d.minute, d.second);
    panic_unless(sbuf_terminate(&out) == 0);
}

/* Letters, digits, '-', '.': nothing that would have to be escaped in a name. */
static bool is_plain(const char *host)
{
    for (size_t i = 0; host[i] != '\0'; i++) {
        char c = host[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
              (c >= '0' && c <= '9') || c == '-' || c == '.')) {
            return false;
        }
    }
    return host[0] != '\0' && strlen(host) <= COMMON_NAME_MOST;
}

static int set_names(mbedtls_x509write_cert *crt, const char *host)
{
    mbedtls_x509_san_list san = {0};
    char name[COMMON_NAME_MOST + 8];
    struct sbuf out;
    int result;

    sbuf_init(&out, name, sizeof(name));
    sbuf_printf(&out, "CN=%s", host);
    panic_unless(sbuf_terminate(&out) == 0);
    result = mbedtls_x509write_crt_set_subject_name(crt, name);
    if (result == 0) {
        result = mbedtls_x509write_crt_set_issuer_name(crt, name);
    }
    san.node.type = MBEDTLS_X509_SAN_DNS_NAME;
    san.node.san.unstructured_name.p = (unsigned char *)(uintptr_t)host;
    san.node.san.unstructured_name.len = strlen(host);
    return result != 0 ? result
                       : mbedtls_x509write_crt_set_subject_alternative_name(crt, &san);
}

static int set_usages(mbedtls_x509write_cert *crt, bool is_rsa)
{
    mbedtls_asn1_sequence server = {0};
    unsigned usage = MBEDTLS_X509_KU_DIGITAL_SIGNATURE |
                     (is_rsa ? MBEDTLS_X509_KU_KEY_ENCIPHERMENT : 0);
    int result = mbedtls_x509write_crt_set_basic_constraints(crt, 0, -1);

    server.buf.tag = MBEDTLS_ASN1_OID;
    server.buf.p = (unsigned char *)(uintptr_t)MBEDTLS_OID_SERVER_AUTH;
    server.buf.len = MBEDTLS_OID_SIZE(MBEDTLS_OID_SERVER_AUTH);
    if (result == 0) {
        result = mbedtls_x509write_crt_set_key_usage(crt, usage);
    }
    return result != 0 ? result : mbedtls_x509write_crt_set_ext_key_usage(crt, &server);
}

static int set_all(mbedtls_x509write_cert *crt, mbedtls_pk_context *key, const char *host,
                   int64_t now_s)
{
    uint8_t serial[SERIAL_LEN];
    char from[TIME_CAP];
    char to[TIME_CAP];
    int64_t from_s = (now_s < CLOCK_WRONG_S ? CLOCK_WRONG_S : now_s) - DAY_S;
    int result;

    if (random_fill(serial, sizeof(serial)) < 0) {
        return MBEDTLS_ERR_RSA_RNG_FAILED;
    }
    serial[0] = (uint8_t)((serial[0] & 0x7f) | 0x40); /* positive, and never shorter */
    put_time(from, from_s);
    put_time(to, from_s + OWN_VALID_S);
    mbedtls_x509write_crt_set_version(crt, MBEDTLS_X509_CRT_VERSION_3);
    mbedtls_x509write_crt_set_md_alg(crt, MBEDTLS_MD_SHA256);
    mbedtls_x509write_crt_set_subject_key(crt, key);
    mbedtls_x509write_crt_set_issuer_key(crt, key);
    result = mbedtls_x509write_crt_set_serial_raw(crt, serial, sizeof(serial));
    if (result == 0) {
        result = mbedtls_x509write_crt_set_validity(crt, from, to);
    }
    if (result == 0) {
        result = set_names(crt, host);
    }
    return result != 0 ? result
                       : set_usages(crt, mbedtls_pk_get_type(key) == MBEDTLS_PK_RSA);
}

int x509_make_own(struct span key_der, const char *host, int64_t now_s, struct sbuf *der)
{
    uint8_t bytes[2048]; /* written from its end */
    mbedtls_x509write_cert crt;
    mbedtls_pk_context key;
    int result;

    mbedtls_pk_init(&key);
    mbedtls_x509write_crt_init(&crt);
    result = pk_priv_parse(&key, key_der);
    if (result == 0) {
        result = set_all(&crt, &key, is_plain(host) ? host : "vamt", now_s);
        if (result == 0) {
            result = mbedtls_x509write_crt_der(&crt, bytes, sizeof(bytes), pk_priv_random,
                                               NULL);
        }
        if (result >= 0) {
            sbuf_put(der,
                     span_of(bytes + sizeof(bytes) - (size_t)result, (size_t)result));
        }
        result = result >= 0 ? 0 : pk_priv_error(result, ERR_INVALID);
    }
    mbedtls_x509write_crt_free(&crt);
    mbedtls_pk_free(&key);
    return result < 0 ? result : der->overflow ? ERR_FULL : 0;
}

/* The part of a request that is signed, and the public key in it. */
struct request {
    struct span info; /* CertificationRequestInfo, whole */
    struct span key;  /* SubjectPublicKeyInfo, whole */
};

/* Take one element with that tag off the front. */
static bool take(struct span *from, int tag, struct span *whole, struct span *content)
{
    unsigned char *at = (unsigned char *)(uintptr_t)from->ptr;
    size_t len;

    if (from->len == 0 ||
        mbedtls_asn1_get_tag(&at, from->ptr + from->len, &len, tag) != 0) {
        return false;
    }
    *content = span_of(at, len);
    return span_take(from, (size_t)(at - from->ptr) + len, whole);
}

/* RFC 2986, clause 4. What follows the CertificationRequestInfo is left unread: it is going to be
 * replaced. */
static bool read_request(struct span der, struct request *request)
{
    struct span whole;
    struct span body;
    struct span info;
    struct span unused;

    return pk_priv_is_sequence(der) && take(&der, SEQUENCE, &whole, &body) &&
           take(&body, SEQUENCE, &request->info, &info) &&
           take(&info, MBEDTLS_ASN1_INTEGER, &whole, &unused) &&
           take(&info, SEQUENCE, &whole, &unused) &&
           take(&info, SEQUENCE, &request->key, &unused) &&
           (info.len == 0 || (take(&info, ATTRIBUTES, &whole, &unused) && info.len == 0));
}

static int check_key(mbedtls_pk_context *key, struct span public_der)
{
    mbedtls_pk_context public;
    unsigned char *at = (unsigned char *)(uintptr_t)public_der.ptr;
    int result;

    mbedtls_pk_init(&public);
    result = mbedtls_pk_parse_subpubkey(&at, public_der.ptr + public_der.len, &public);
    if (result == 0) {
        result = mbedtls_pk_check_pair(&public, key, pk_priv_random, NULL);
        result = result == 0 ? 0 : pk_priv_error(result, ERR_DENIED);
    } else {
        result = pk_priv_error(result, ERR_INVALID);
    }
    mbedtls_pk_free(&public);
    return result;
}

static size_t length_len(size_t len)
{
    return len < 0x80 ? 1 : len < 0x100 ? 2 : 3;
}

/* Tag and length of a DER element of at most 64 KiB. */
static void put_head(struct sbuf *out, int tag, size_t len)
{
    sbuf_put_u8(out, (uint8_t)tag);
    if (len >= 0x100) {
        sbuf_put_u8(out, 0x82);
        sbuf_put_u8(out, (uint8_t)(len >> 8));
    } else if (len >= 0x80) {
        sbuf_put_u8(out, 0x81);
    }
    sbuf_put_u8(out, (uint8_t)len);
}

/* SEQUENCE { info, AlgorithmIdentifier, BIT STRING } */
static void put_request(struct sbuf *out, struct span info, struct span oid, bool is_rsa,
                        struct span signature)
{
    size_t algorithm_len = 2 + oid.len + (is_rsa ? 2 : 0); /* RSA: NULL parameters */
    size_t bits_len = 1 + signature.len;

    put_head(out, SEQUENCE,
             info.len + 2 + algorithm_len + 1 + length_len(bits_len) + bits_len);
    sbuf_put(out, info);
    put_head(out, SEQUENCE, algorithm_len);
    put_head(out, MBEDTLS_ASN1_OID, oid.len);
    sbuf_put(out, oid);
    if (is_rsa) {
        put_head(out, MBEDTLS_ASN1_NULL, 0);
    }
    put_head(out, MBEDTLS_ASN1_BIT_STRING, bits_len);
    sbuf_put_u8(out, 0); /* no unused bits */
    sbuf_put(out, signature);
}

static int sign(mbedtls_pk_context *key, mbedtls_md_type_t md, struct span info,
                struct sbuf *out)
{
    uint8_t signature[MBEDTLS_PK_SIGNATURE_MAX_SIZE];
    uint8_t digest[MBEDTLS_MD_MAX_SIZE];
    bool is_rsa = mbedtls_pk_get_type(key) == MBEDTLS_PK_RSA;
    const char *oid;
    size_t oid_len;
    size_t signature_len = 0;
    int result = mbedtls_md(mbedtls_md_info_from_type(md), info.ptr, info.len, digest) |
                 mbedtls_oid_get_oid_by_sig_alg(
                     is_rsa ? MBEDTLS_PK_RSA : MBEDTLS_PK_ECDSA, md, &oid, &oid_len);

    panic_unless(result == 0);
    result = mbedtls_pk_sign(key, md, digest, 0, signature, sizeof(signature),
                             &signature_len, pk_priv_random, NULL);
    if (result != 0) {
        return pk_priv_error(result, ERR_INVALID);
    }
    put_request(out, info, span_of(oid, oid_len), is_rsa,
                span_of(signature, signature_len));
    return out->overflow ? ERR_FULL : 0;
}

/* Can others read it? What was looked at of the request so far is its skeleton only. */
static int check_request(struct span der)
{
    mbedtls_x509_csr csr;
    int result;

    mbedtls_x509_csr_init(&csr);
    result = mbedtls_x509_csr_parse_der(&csr, der.ptr, der.len);
    mbedtls_x509_csr_free(&csr);
    return result == 0 ? 0 : pk_priv_error(result, ERR_INVALID);
}

int x509_make_request(struct span key_der, unsigned sha_bits, struct span der,
                      struct sbuf *out)
{
    mbedtls_md_type_t md = pk_priv_digest(sha_bits);
    struct request request;
    mbedtls_pk_context key;
    size_t before = out->len;
    int result;

    if (md == MBEDTLS_MD_NONE) {
        return ERR_UNSUPPORTED;
    }
    if (der.len > CONFIG_PKI_CERTIFICATE_CAP) {
        return ERR_TOO_BIG;
    }
    if (!read_request(der, &request)) {
        return ERR_INVALID;
    }
    mbedtls_pk_init(&key);
    result = pk_priv_parse(&key, key_der);
    if (result == 0) {
        result = check_key(&key, request.key);
    }
    if (result == 0) {
        result = sign(&key, md, request.info, out);
    }
    if (result == 0) {
        result = check_request(span_of(out->ptr + before, out->len - before));
    }
    if (result < 0) {
        out->len = before;
    }
    mbedtls_pk_free(&key);
    return result;
}
