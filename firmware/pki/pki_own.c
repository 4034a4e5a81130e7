/* SPDX-License-Identifier: ISC */
/*
 * The device's own pairs and certificates. P-256 is made soon after the start, but not before a
 * slow machine has given its first answers: after EC_AFTER times as long as the start took, or when
 * TLS cannot wait (pki_make_identity). The search for RSA-2048 begins when the device has been up for a while, and rests between its slices, so that
 * nobody waits for it. A device that forgets it at the next reset (no flash) has none: clients that
 * cannot do elliptic curves are too rare for minutes of work at every start.
 *
 * A certificate names the host as it was called then. It is not made anew when a console changes
 * the name: clients have pinned it, and one who wants another brings his own.
 */
#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/log.h"
#include "crypto/keypair.h"
#include "crypto/x509.h"
#include "hal/board.h"
#include "pki/pki_priv.h"
#include "settings/general_settings.h"
#include "store/store.h"

enum {
    EC_BITS = 256,
    RSA_BITS = 2048,
    EC_AFTER = 4,
    EC_MOST_US = 2000000,
    RSA_AFTER_US = 3000000,
    RSA_REST_US = 60000, /* between slices */
    RETRY_US = 60000000  /* after a failure */
};

enum own_state { OWN_EC, OWN_RSA_WAIT, OWN_RSA_SEARCH, OWN_DONE };

static enum own_state state;
static uint64_t due_us;

static uint32_t handle_of(enum pki_own own)
{
    return PKI_OWN_HANDLE + (uint32_t)own;
}

static bool has(enum pki_own own)
{
    return pki_certificate_find(handle_of(own)) != NULL;
}

/* The name that the device goes by. */
static void get_host_name(char *dst, size_t cap)
{
    char seed[64];
    const char *set = general_settings_get()->host_name;
    int len = board_seed("hostname", seed, sizeof(seed));

    if (set[0] != '\0' && span_copy_str(span_str(set), dst, cap) > 0) {
        return;
    }
    if (len <= 0 || span_copy_str(span_trim(span_of(seed, (size_t)len)), dst, cap) <= 0) {
        memcpy(dst, "vamt", sizeof("vamt"));
    }
}

/* Certificate for a pair that is in the table. */
static int certify(enum pki_own own)
{
    static uint8_t der[CONFIG_PKI_CERTIFICATE_CAP];
    const struct pki_key *key = pki_key_find(handle_of(own));
    struct pki_certificate certificate = {
        .handle = handle_of(own), .key = handle_of(own), .is_own = true};
    char host[64];
    struct sbuf out;
    int result;

    get_host_name(host, sizeof(host));
    sbuf_init(&out, der, sizeof(der));
    result = x509_make_own(key->der, host, board_wall_s(), &out);
    if (result < 0) {
        return result;
    }
    certificate.der = sbuf_span(&out);
    if (pki_store_save_certificate(&certificate) < 0) {
        log_error("pki", "own certificate could not be stored: it holds until the reset");
    }
    log_info("pki", "own %s certificate is made for %s",
             own == PKI_OWN_RSA ? "RSA-2048" : "P-256", host);
    return pki_table_add_certificate(&certificate);
}

/* A new pair becomes the own one of its kind; its certificate is made later. */
static int adopt(enum pki_own own, const struct sbuf *private, const struct sbuf *public)
{
    struct pki_key key = {.handle = handle_of(own),
                          .is_own = true,
                          .is_rsa = own == PKI_OWN_RSA,
                          .bits = own == PKI_OWN_RSA ? RSA_BITS : EC_BITS,
                          .der = sbuf_span(private),
                          .public = sbuf_span(public)};

    /* One of an older pair must not be found beside this one after a power cut. */
    if (pki_store_remove_certificate(key.handle) < 0 || pki_store_save_key(&key) < 0) {
        log_error("pki", "own key could not be stored: it holds until the reset");
    }
    return pki_table_add_key(&key);
}

static int make_ec_pair(void)
{
    uint8_t private_der[256];
    uint8_t public_der[KEYPAIR_PUBLIC_CAP];
    struct sbuf private;
    struct sbuf public;
    int result;

    sbuf_init(&private, private_der, sizeof(private_der));
    sbuf_init(&public, public_der, sizeof(public_der));
    result = keypair_make_p256(&private, &public);
    if (result == 0) {
        result = adopt(PKI_OWN_EC, &private, &public);
    }
    bytes_wipe(private_der, sizeof(private_der));
    return result;
}

static bool can_remember(void)
{
    struct store_status status;

    store_get_status(&status);
    return status.state != STORE_NONE && status.state != STORE_FAILED;
}

static void wait_for_rsa(uint64_t now_us)
{
    state = OWN_RSA_WAIT;
    due_us = now_us + RSA_AFTER_US;
    if (has(PKI_OWN_RSA) || !can_remember()) {
        state = OWN_DONE;
    }
}

static void retry(uint64_t now_us, enum own_state wanted, int result)
{
    log_error("pki", "own %s pair: %s", wanted == OWN_EC ? "P-256" : "RSA",
              err_name(result));
    state = wanted;
    due_us = now_us + RETRY_US;
}

/* The pair, and in another turn its certificate: each takes a while on a slow machine. */
static void work_on_ec(uint64_t now_us)
{
    bool is_certified = has(PKI_OWN_EC);
    bool has_pair = pki_key_find(handle_of(PKI_OWN_EC)) != NULL;
    int result = is_certified ? 0 : has_pair ? certify(PKI_OWN_EC) : make_ec_pair();

    if (result < 0) {
        retry(now_us, OWN_EC, result);
    } else if (is_certified || has_pair) {
        wait_for_rsa(now_us);
    } else {
        due_us = now_us;
    }
}

static void begin_rsa(uint64_t now_us)
{
    bool has_pair = pki_key_find(handle_of(PKI_OWN_RSA)) != NULL;
    int result = has_pair ? certify(PKI_OWN_RSA) : keypair_rsa_start(RSA_BITS);

    state = has_pair ? OWN_DONE : OWN_RSA_SEARCH;
    due_us = now_us;
    if (result < 0) {
        retry(now_us, OWN_RSA_WAIT, result);
    }
}

static void search_rsa(uint64_t now_us)
{
    static uint8_t private_der[CONFIG_PKI_KEY_CAP];
    uint8_t public_der[KEYPAIR_PUBLIC_CAP];
    struct sbuf private;
    struct sbuf public;
    int result;

    sbuf_init(&private, private_der, sizeof(private_der));
    sbuf_init(&public, public_der, sizeof(public_der));
    result = keypair_rsa_step(&private, &public);
    due_us = now_us + RSA_REST_US;
    if (result == 1) {
        result = adopt(PKI_OWN_RSA, &private, &public);
        bytes_wipe(private_der, sizeof(private_der));
        state = OWN_RSA_WAIT; /* for its certificate */
    }
    if (result < 0) {
        retry(now_us, OWN_RSA_WAIT, result);
    }
}

uint64_t pki_own_poll(uint64_t now_us)
{
    if (pki_generate_is_busy() && state != OWN_EC) { /* a console waits for its pair */
        if (state == OWN_RSA_SEARCH) {
            keypair_rsa_stop();
            wait_for_rsa(now_us);
        }
        return UINT64_MAX;
    }
    if (state == OWN_DONE || now_us < due_us) {
        return state == OWN_DONE ? UINT64_MAX : due_us;
    }
    if (state == OWN_EC) {
        work_on_ec(now_us);
    } else if (state == OWN_RSA_WAIT) {
        begin_rsa(now_us);
    } else {
        search_rsa(now_us);
    }
    return state == OWN_DONE ? UINT64_MAX : due_us;
}

void pki_own_start(void)
{
    keypair_rsa_stop();
    for (unsigned i = 0; i < PKI_OWN_COUNT; i++) {
        uint32_t handle = handle_of((enum pki_own)i);

        if (pki_store_load_key(handle) == 0 && pki_store_load_certificate(handle) < 0) {
            log_info("pki", "an own certificate is missing and will be made anew");
        }
    }
    state = OWN_EC;
    due_us = board_now_us() > EC_MOST_US / EC_AFTER ? EC_MOST_US
                                                    : board_now_us() * EC_AFTER;
}

int pki_own_reset(void)
{
    int result = 0;

    if (state == OWN_RSA_SEARCH) {
        keypair_rsa_stop();
    }
    for (unsigned i = 0; i < PKI_OWN_COUNT; i++) {
        uint32_t handle = handle_of((enum pki_own)i);

        pki_table_remove_certificate(handle);
        pki_table_remove_key(handle);
        if (pki_store_remove_certificate(handle) < 0 ||
            pki_store_remove_key(handle) < 0) {
            result = ERR_IO;
        }
    }
    state = OWN_EC;
    due_us = 0;
    return result;
}

void pki_make_identity(void)
{
    for (unsigned i = 0; i < 2 && state == OWN_EC && !has(PKI_OWN_EC); i++) {
        work_on_ec(board_now_us());
    }
}

size_t pki_own_identities(struct pki_identity out[2])
{
    size_t count = 0;

    for (unsigned i = 0; i < PKI_OWN_COUNT; i++) {
        const struct pki_certificate *certificate = pki_certificate_find(
            handle_of((enum pki_own)i));

        if (certificate != NULL) {
            out[count].certificate = certificate;
            out[count++].key = pki_key_find(certificate->key);
        }
    }
    return count;
}
