/* SPDX-License-Identifier: ISC */
/*
 * TLS configurations. Only what has no known weakness is offered: TLS 1.2 with ephemeral keys and
 * authenticated ciphers, TLS 1.3, no renegotiation, no compression. A session can be resumed from
 * a ticket, except where clients must show a certificate: a ticket would outlive its revocation.
 */
#include "net/tls_config.h"

#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "base/panic.h"
#include "config.h"
#include "crypto/random.h"
#include "pki/pki.h"
#include "settings/tls_settings.h"

enum { CONFIGS = 2 };

static struct tls_config configs[CONFIGS];
static struct tls_config *current;
static bool took_ticket;

static const int suites[] = {MBEDTLS_TLS1_3_AES_128_GCM_SHA256,
                             MBEDTLS_TLS1_3_AES_256_GCM_SHA384,
                             MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256,
                             MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
                             MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
                             MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
                             MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
                             MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
                             MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
                             0};

/* The fastest first: P-256 is what our own certificate uses as well. */
static const uint16_t groups[] = {
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1, MBEDTLS_SSL_IANA_TLS_GROUP_X25519,
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP384R1, MBEDTLS_SSL_IANA_TLS_GROUP_NONE};

static int take_random(void *unused, unsigned char *dst, size_t len)
{
    (void)unused;
    return random_fill(dst, len) == 0 ? 0 : MBEDTLS_ERR_ERROR_GENERIC_ERROR;
}

static void clear(struct tls_config *config)
{
    mbedtls_ssl_config_free(&config->ssl);
    mbedtls_ssl_ticket_free(&config->tickets);
    mbedtls_x509_crt_free(&config->roots);
    for (size_t i = 0; i < TLS_CONFIG_IDENTITIES; i++) {
        mbedtls_x509_crt_free(&config->certificates[i]);
        mbedtls_pk_free(&config->keys[i]);
    }
    config->is_set = false;
}

static void init(struct tls_config *config)
{
    mbedtls_ssl_config_init(&config->ssl);
    mbedtls_ssl_ticket_init(&config->tickets);
    mbedtls_x509_crt_init(&config->roots);
    for (size_t i = 0; i < TLS_CONFIG_IDENTITIES; i++) {
        mbedtls_x509_crt_init(&config->certificates[i]);
        mbedtls_pk_init(&config->keys[i]);
    }
    config->sessions = 0;
    config->is_set = true;
}

static bool add_identity(struct tls_config *config, size_t i,
                         const struct pki_identity *identity)
{
    struct span certificate = identity->certificate->der;
    struct span key = identity->key->der;

    return mbedtls_x509_crt_parse_der(&config->certificates[i], certificate.ptr,
                                      certificate.len) == 0 &&
           mbedtls_pk_parse_key(&config->keys[i], key.ptr, key.len, NULL, 0, take_random,
                                NULL) == 0 &&
           mbedtls_ssl_conf_own_cert(&config->ssl, &config->certificates[i],
                                     &config->keys[i]) == 0;
}

static bool add_roots(struct tls_config *config)
{
    for (size_t i = 0; i < pki_certificate_count(); i++) {
        const struct pki_certificate *certificate = pki_certificate_at(i);

        if (certificate->is_trusted_root &&
            mbedtls_x509_crt_parse_der(&config->roots, certificate->der.ptr,
                                       certificate->der.len) != 0) {
            return false;
        }
    }
    mbedtls_ssl_conf_ca_chain(&config->ssl, &config->roots, NULL);
    mbedtls_ssl_conf_authmode(&config->ssl, MBEDTLS_SSL_VERIFY_REQUIRED);
    return true;
}

static int parse_ticket(void *context, mbedtls_ssl_session *session, unsigned char *bytes,
                        size_t len)
{
    int result = mbedtls_ssl_ticket_parse(context, session, bytes, len);

    took_ticket |= result == 0;
    return result;
}

bool tls_config_took_ticket(void)
{
    bool took = took_ticket;

    took_ticket = false;
    return took;
}

static bool add_tickets(struct tls_config *config)
{
    if (mbedtls_ssl_ticket_setup(&config->tickets, take_random, NULL,
                                 MBEDTLS_CIPHER_AES_256_GCM, CONFIG_TLS_TICKET_S) != 0) {
        return false;
    }
    mbedtls_ssl_conf_session_tickets_cb(&config->ssl, mbedtls_ssl_ticket_write,
                                        parse_ticket, &config->tickets);
    return true;
}

static bool fill(struct tls_config *config, const struct pki_identity *identities,
                 size_t count)
{
    if (mbedtls_ssl_config_defaults(&config->ssl, MBEDTLS_SSL_IS_SERVER,
                                    MBEDTLS_SSL_TRANSPORT_STREAM,
                                    MBEDTLS_SSL_PRESET_DEFAULT) != 0) {
        return false;
    }
    mbedtls_ssl_conf_rng(&config->ssl, take_random, NULL);
    mbedtls_ssl_conf_min_tls_version(&config->ssl, MBEDTLS_SSL_VERSION_TLS1_2);
    mbedtls_ssl_conf_ciphersuites(&config->ssl, suites);
    mbedtls_ssl_conf_groups(&config->ssl, groups);
    mbedtls_ssl_conf_preference_order(&config->ssl,
                                      MBEDTLS_SSL_SRV_CIPHERSUITE_ORDER_SERVER);
    for (size_t i = 0; i < count; i++) {
        if (!add_identity(config, i, &identities[i])) {
            return false;
        }
    }
    config->is_mutual = tls_settings_get()->is_mutual;
    return config->is_mutual ? add_roots(config) : add_tickets(config);
}

void tls_config_start(void)
{
    current = NULL;
    for (size_t i = 0; i < CONFIGS; i++) {
        if (configs[i].is_set) {
            clear(&configs[i]);
        }
    }
}

/* Not the current one, and used by nobody. */
static struct tls_config *find_room(void)
{
    for (size_t i = 0; i < CONFIGS; i++) {
        if (&configs[i] != current && configs[i].sessions == 0) {
            return &configs[i];
        }
    }
    return NULL;
}

int tls_config_build(void)
{
    struct pki_identity identities[TLS_CONFIG_IDENTITIES];
    size_t count = pki_identities(identities);
    struct tls_config *config = find_room();

    if (count == 0) {
        return ERR_NOT_FOUND;
    }
    if (config == NULL) {
        return ERR_BUSY;
    }
    if (config->is_set) {
        clear(config);
    }
    init(config);
    if (!fill(config, identities, count)) {
        clear(config);
        return ERR_FULL;
    }
    if (current != NULL && current->sessions == 0) {
        clear(current);
    }
    current = config;
    return 0;
}

/* Whoever comes before the device's own pair was made has to wait for it. */
struct tls_config *tls_config_take(void)
{
    if (current == NULL) {
        pki_make_identity();
        (void)!tls_config_build();
    }
    if (current != NULL) {
        current->sessions++;
    }
    return current;
}

void tls_config_drop(struct tls_config *config)
{
    panic_unless(config->sessions > 0);
    config->sessions--;
    if (config->sessions == 0 && config != current) {
        clear(config);
    }
}
