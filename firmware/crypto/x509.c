/* SPDX-License-Identifier: ISC */
/* Certificates read and verified. They are made in x509_make.c. */
#include "crypto/x509.h"

#include <string.h>

#include "base/date.h"
#include "base/err.h"
#include "crypto/pk_priv.h"
#include "crypto/x509_name.h"
#include "mbedtls/md.h"
#include "mbedtls/oid.h"
#include "mbedtls/x509_crt.h"

/* 2.16.840.1.113741.1.2.3, as a DER value */
static const uint8_t provisioning_oid[] = {0x60, 0x86, 0x48, 0x01, 0x86,
                                           0xf8, 0x4d, 0x01, 0x02, 0x03};

static int parse(mbedtls_x509_crt *crt, struct span der)
{
    int result;

    if (!pk_priv_is_sequence(der)) {
        return ERR_INVALID;
    }
    result = mbedtls_x509_crt_parse_der_nocopy(crt, der.ptr, der.len);
    return result == 0 ? 0 : pk_priv_error(result, ERR_INVALID);
}

/* Mbed TLS has checked that the fields are in range. */
static int64_t unix_of(const mbedtls_x509_time *t)
{
    struct date date = {.year = t->year,
                        .month = (uint8_t)t->mon,
                        .day = (uint8_t)t->day,
                        .hour = (uint8_t)t->hour,
                        .minute = (uint8_t)t->min,
                        .second = (uint8_t)t->sec};
    return date_to_unix(&date);
}

static int read_usages(const mbedtls_x509_crt *crt, struct x509_info *info)
{
    const mbedtls_x509_sequence *usage = &crt->ext_key_usage;

    if (!mbedtls_x509_crt_has_ext_type(crt, MBEDTLS_X509_EXT_EXTENDED_KEY_USAGE)) {
        return 0;
    }
    for (; usage != NULL; usage = usage->next) {
        if (info->eku_count == X509_OIDS) {
            return ERR_TOO_BIG;
        }
        info->eku[info->eku_count++] = span_of(usage->buf.p, usage->buf.len);
    }
    return 0;
}

static int read_info(const mbedtls_x509_crt *crt, struct x509_info *info)
{
    struct keypair_info key;
    int result = pk_priv_describe(&crt->pk, &key);

    memset(info, 0, sizeof(*info));
    if (result == 0) {
        result = x509_name_text(&crt->subject, info->subject, sizeof(info->subject));
    }
    if (result == 0) {
        result = x509_name_text(&crt->issuer, info->issuer, sizeof(info->issuer));
    }
    if (result == 0) {
        result = read_usages(crt, info);
    }
    if (result < 0) {
        return result;
    }
    x509_name_part(&crt->subject, "CN", info->common_name, sizeof(info->common_name));
    x509_name_part(&crt->subject, "OU", info->org_unit, sizeof(info->org_unit));
    info->serial = span_of(crt->serial.p, crt->serial.len);
    info->public_key = span_of(crt->pk_raw.p, crt->pk_raw.len);
    info->not_before = unix_of(&crt->valid_from);
    info->not_after = unix_of(&crt->valid_to);
    info->bits = key.bits;
    info->is_rsa = key.is_rsa;
    info->is_ca = mbedtls_x509_crt_get_ca_istrue(crt) == 1;
    info->is_self_issued = span_equal(span_of(crt->subject_raw.p, crt->subject_raw.len),
                                      span_of(crt->issuer_raw.p, crt->issuer_raw.len));
    return 0;
}

int x509_parse(struct span der, struct x509_info *info)
{
    mbedtls_x509_crt crt;
    int result;

    mbedtls_x509_crt_init(&crt);
    result = parse(&crt, der);
    if (result == 0) {
        result = read_info(&crt, info);
    }
    mbedtls_x509_crt_free(&crt);
    return result;
}

bool x509_has_eku(const struct x509_info *info, struct span oid)
{
    for (size_t i = 0; i < info->eku_count; i++) {
        if (span_equal(info->eku[i], oid)) {
            return true;
        }
    }
    return false;
}

bool x509_is_provisioning(const struct x509_info *info)
{
    return x509_has_eku(info, span_of(provisioning_oid, sizeof(provisioning_oid)));
}

bool x509_is_valid_at(const struct x509_info *info, int64_t now_s)
{
    return info->not_before <= now_s && now_s <= info->not_after;
}

/* The chain as given, while Mbed TLS builds one of its own from it. */
struct order {
    const struct span *chain;
    size_t count;
    bool is_other; /* Mbed TLS went another way */
};

static int check_order(void *context, mbedtls_x509_crt *crt, int depth, uint32_t *flags)
{
    struct order *order = context;

    (void)flags;
    if ((size_t)depth >= order->count || crt->raw.p != order->chain[depth].ptr) {
        order->is_other = true;
    }
    return 0;
}

static int verify(mbedtls_x509_crt *crts, const struct span *chain, size_t count)
{
    struct order order = {.chain = chain, .count = count};
    uint32_t flags = 0;
    int result;

    for (size_t i = 0; i + 2 < count; i++) { /* the root stays apart */
        crts[i].next = &crts[i + 1];
    }
    result = mbedtls_x509_crt_verify_with_profile(&crts[0], &crts[count - 1], NULL,
                                                  &mbedtls_x509_crt_profile_default, NULL,
                                                  &flags, check_order, &order);
    for (size_t i = 0; i < count; i++) {
        crts[i].next = NULL;
    }
    if (result != 0) {
        return pk_priv_error(result, ERR_DENIED);
    }
    return order.is_other ? ERR_DENIED : 0;
}

static int check_member(const mbedtls_x509_crt *crt, bool is_root, bool is_leaf,
                        int64_t now_s)
{
    struct x509_info info;
    int result = read_info(crt, &info);

    if (result < 0) {
        return result == ERR_FULL ? ERR_FULL : ERR_INVALID;
    }
    if ((is_root && !is_leaf && !info.is_self_issued) || (!is_leaf && !info.is_ca) ||
        (now_s != INT64_MIN && !x509_is_valid_at(&info, now_s))) {
        return ERR_DENIED;
    }
    return 0;
}

int x509_verify_chain(const struct span *chain, size_t count, int64_t now_s)
{
    mbedtls_x509_crt crts[X509_CHAIN_CAP];
    int result = 0;

    if (count == 0 || count > X509_CHAIN_CAP) {
        return count == 0 ? ERR_INVALID : ERR_TOO_BIG;
    }
    for (size_t i = 0; i < count; i++) {
        mbedtls_x509_crt_init(&crts[i]);
    }
    for (size_t i = 0; result == 0 && i < count; i++) {
        result = parse(&crts[i], chain[i]);
    }
    for (size_t i = 0; result == 0 && i < count; i++) {
        result = check_member(&crts[i], i == count - 1, i == 0, now_s);
    }
    if (result == 0) {
        result = verify(crts, chain, count);
    }
    for (size_t i = 0; i < count; i++) {
        mbedtls_x509_crt_free(&crts[i]);
    }
    return result;
}

int x509_verify_signature(struct span certificate, unsigned sha_bits, struct span text,
                          struct span signature)
{
    uint8_t digest[MBEDTLS_MD_MAX_SIZE];
    mbedtls_md_type_t md = pk_priv_digest(sha_bits);
    mbedtls_x509_crt crt;
    int result;

    if (md == MBEDTLS_MD_NONE) {
        return ERR_UNSUPPORTED;
    }
    mbedtls_x509_crt_init(&crt);
    result = parse(&crt, certificate);
    if (result == 0 &&
        (mbedtls_md(mbedtls_md_info_from_type(md), text.ptr, text.len, digest) != 0 ||
         signature.len == 0)) {
        result = ERR_DENIED;
    }
    if (result == 0) {
        result = mbedtls_pk_verify(&crt.pk, md, digest, 0, signature.ptr, signature.len);
        result = result == 0 ? 0 : pk_priv_error(result, ERR_DENIED);
    }
    mbedtls_x509_crt_free(&crt);
    return result;
}
