/* SPDX-License-Identifier: ISC */
/*
 * A client's certificate chain: Mbed TLS checks signatures, usages and the root; it has no clock
 * here and no list of ours, so dates, revocation and the names that may come in are checked for
 * each certificate of the chain in its callback.
 */
#include "net/tls_verify.h"

#include <string.h>

#include "base/date.h"
#include "base/span.h"
#include "hal/board.h"
#include "mbedtls/oid.h"
#include "pki/pki.h"
#include "settings/tls_settings.h"

static int64_t seconds_of(const mbedtls_x509_time *time)
{
    const struct date date = {.year = (uint16_t)time->year,
                              .month = (uint8_t)time->mon,
                              .day = (uint8_t)time->day,
                              .hour = (uint8_t)time->hour,
                              .minute = (uint8_t)time->min,
                              .second = (uint8_t)time->sec};

    return date_to_unix(&date);
}

/* The last common name of the subject; false: none, too long, or with a NUL in it, which is a
 * trick and no name. */
static bool take_name(const mbedtls_x509_crt *certificate, char name[TLS_VERIFY_NAME_CAP])
{
    bool is_taken = false;

    for (const mbedtls_x509_name *n = &certificate->subject; n != NULL; n = n->next) {
        if (MBEDTLS_OID_CMP(MBEDTLS_OID_AT_CN, &n->oid) == 0) {
            is_taken = n->val.len < TLS_VERIFY_NAME_CAP &&
                       memchr(n->val.p, '\0', n->val.len) == NULL;
            if (is_taken) {
                memcpy(name, n->val.p, n->val.len);
                name[n->val.len] = '\0';
            }
        }
    }
    return is_taken;
}

/* A name of the list is the common name itself, or a domain that it lies in. */
static bool is_listed(const char *listed, const char *name)
{
    size_t listed_len = strlen(listed);
    size_t len = strlen(name);

    if (len < listed_len ||
        !span_equal_nocase(span_of(name + len - listed_len, listed_len), listed)) {
        return false;
    }
    return len == listed_len || name[len - listed_len - 1] == '.';
}

static bool is_welcome(const char *name)
{
    const struct tls_settings *settings = tls_settings_get();
    bool any = true;

    for (size_t i = 0; i < TLS_SETTINGS_NAMES; i++) {
        if (settings->names[i][0] != '\0') {
            any = false;
            if (is_listed(settings->names[i], name)) {
                return true;
            }
        }
    }
    return any;
}

static int check(void *context, mbedtls_x509_crt *certificate, int depth, uint32_t *flags)
{
    struct tls_verify *verify = context;
    int64_t now_s = board_wall_s();
    const char *reason = NULL;

    if (now_s < seconds_of(&certificate->valid_from)) {
        *flags |= MBEDTLS_X509_BADCERT_FUTURE;
        reason = "a certificate is not valid yet";
    } else if (now_s > seconds_of(&certificate->valid_to)) {
        *flags |= MBEDTLS_X509_BADCERT_EXPIRED;
        reason = "a certificate has expired";
    } else if (pki_is_revoked(span_of(certificate->serial.p, certificate->serial.len))) {
        *flags |= MBEDTLS_X509_BADCERT_REVOKED;
        reason = "a certificate is revoked";
    } else if (depth == 0 &&
               (!take_name(certificate, verify->name) || !is_welcome(verify->name))) {
        *flags |= MBEDTLS_X509_BADCERT_CN_MISMATCH;
        reason = "the client's name is not among those allowed";
    } else if (*flags != 0) {
        reason = "its certificate is not under a trusted root";
    }
    if (verify->reason == NULL) {
        verify->reason = reason;
    }
    return 0;
}

void tls_verify_attach(struct tls_verify *verify, mbedtls_ssl_context *ssl)
{
    *verify = (struct tls_verify){0};
    mbedtls_ssl_set_verify(ssl, check, verify);
}

const char *tls_verify_error(int error)
{
    switch (error) {
    case MBEDTLS_ERR_SSL_CONN_EOF:
        return "the peer has gone";
    case MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE:
        return "the peer sent an alert";
    case MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION:
        return "no version in common";
    case MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE:
        return "nothing in common";
    case MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE:
        return "no client certificate";
    case MBEDTLS_ERR_SSL_INVALID_RECORD:
    case MBEDTLS_ERR_SSL_DECODE_ERROR:
    case MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE:
    case MBEDTLS_ERR_SSL_UNEXPECTED_RECORD:
        return "not TLS as it should be";
    case MBEDTLS_ERR_SSL_INVALID_MAC:
        return "a record is not authentic";
    case MBEDTLS_ERR_SSL_ALLOC_FAILED:
        return "no memory";
    default:
        return "refused";
    }
}
