/* SPDX-License-Identifier: ISC */
/* What consoles do with keys and certificates. Each change is in the store before it is in force. */
#include "pki/pki.h"

#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/log.h"
#include "crypto/keypair.h"
#include "crypto/x509.h"
#include "pki/pki_priv.h"

static struct pki_list list;
static uint32_t generation;

uint32_t pki_generation(void)
{
    return generation;
}

void pki_changed(void)
{
    generation++;
}

/* What the tables hold now, with the counters of `list`. */
static struct pki_list list_of_tables(void)
{
    struct pki_list now = list;

    now.doomed_key = 0;
    now.doomed_certificate = 0;
    now.key_count = (uint8_t)pki_table_count_keys();
    for (size_t i = 0; i < now.key_count; i++) {
        now.keys[i] = pki_keys[i].key.handle;
    }
    now.certificate_count = (uint8_t)pki_table_count_certificates();
    for (size_t i = 0; i < now.certificate_count; i++) {
        now.certificates[i] = pki_certificates[i].certificate.handle;
    }
    return now;
}

/* Make it so in the store. ERR_FULL, ERR_IO. */
static int save(const struct pki_list *wanted)
{
    int result = pki_store_save_list(wanted);

    if (result < 0) {
        return result == ERR_FULL ? ERR_FULL : ERR_IO;
    }
    list = *wanted;
    return 0;
}

static void take_out(uint32_t *handles, uint8_t *count, uint32_t handle)
{
    for (size_t i = 0; i < *count; i++) {
        if (handles[i] == handle) {
            memmove(&handles[i], &handles[i + 1], (*count - i - 1) * sizeof(handles[0]));
            (*count)--;
            return;
        }
    }
}

/* --- start ------------------------------------------------------------------------------- */

/* What was being removed when the power went. */
static void finish_removal(void)
{
    if (list.doomed_key != 0 && pki_store_remove_key(list.doomed_key) < 0) {
        log_error("pki", "a removed key is still in the store");
    }
    if (list.doomed_certificate != 0 &&
        pki_store_remove_certificate(list.doomed_certificate) < 0) {
        log_error("pki", "a removed certificate is still in the store");
    }
}

static void load_tables(void)
{
    memset(pki_certificates, 0, sizeof(pki_certificates));
    bytes_wipe(pki_keys, sizeof(pki_keys));
    for (size_t i = 0; i < list.key_count; i++) {
        if (pki_store_load_key(list.keys[i]) < 0) {
            log_error("pki", "key %u is lost", (unsigned)list.keys[i]);
        }
    }
    for (size_t i = 0; i < list.certificate_count; i++) {
        if (pki_store_load_certificate(list.certificates[i]) < 0) {
            log_error("pki", "certificate %u is lost", (unsigned)list.certificates[i]);
        }
    }
}

/* Certificates whose key was lost are as others' certificates; TLS cannot show them. */
static void mend_references(void)
{
    const struct pki_certificate *used;

    for (size_t i = 0; i < pki_certificate_count(); i++) {
        struct pki_certificate *it = &pki_certificates[i].certificate;

        if (pki_key_find(it->key) == NULL) {
            it->key = 0;
        }
    }
    used = pki_certificate_find(list.used);
    if (list.used != 0 && (used == NULL || used->key == 0)) {
        log_error("pki", "the certificate that TLS showed is lost: its own is shown");
        list.used = 0;
    }
}

int pki_start(void)
{
    pki_generate_reset();
    pki_store_load_list(&list);
    finish_removal();
    load_tables();
    mend_references();
    pki_own_start();
    pki_crl_start();
    pki_changed();
    return 0;
}

uint64_t pki_poll(uint64_t now_us)
{
    uint64_t due = pki_own_poll(now_us);

    due = util_earlier(due, pki_generate_poll(now_us));
    /* A pair that is done makes room for the device's own. */
    return due == UINT64_MAX && !pki_generate_is_busy() ? pki_own_poll(now_us) : due;
}

/* --- adding ------------------------------------------------------------------------------ */

static int check_room_for_key(struct span public)
{
    for (size_t i = 0; i < pki_table_count_keys(); i++) {
        if (span_equal(pki_keys[i].key.public, public)) {
            return ERR_EXISTS;
        }
    }
    return pki_table_count_keys() == CONFIG_PKI_KEYS ? ERR_FULL : 0;
}

/* Certificates that came before their key are its own from now on. */
static void adopt_certificates(const struct pki_key *key)
{
    struct x509_info info;

    for (size_t i = 0; i < pki_table_count_certificates(); i++) {
        struct pki_certificate *it = &pki_certificates[i].certificate;

        if (it->key != 0 || it->is_trusted_root || x509_parse(it->der, &info) < 0 ||
            !span_equal(info.public_key, key->public)) {
            continue;
        }
        it->key = key->handle;
        if (pki_store_save_certificate(it) < 0) {
            log_error("pki", "a certificate's key is known until the reset only");
        }
        pki_changed();
    }
}

static int store_key(struct pki_key *key)
{
    struct pki_list wanted;
    int result = pki_store_save_key(key);

    if (result < 0) {
        return result == ERR_FULL ? ERR_FULL : ERR_IO;
    }
    wanted = list_of_tables();
    wanted.keys[wanted.key_count++] = key->handle;
    wanted.next_key = key->handle + 1;
    result = save(&wanted);
    if (result < 0) {
        (void)!pki_store_remove_key(key->handle); /* no list names it */
        return result;
    }
    result = pki_table_add_key(key);
    if (result == 0) {
        adopt_certificates(key);
    }
    return result;
}

int pki_add_key(struct span der)
{
    static uint8_t private_der[CONFIG_PKI_KEY_CAP];
    uint8_t public_der[KEYPAIR_PUBLIC_CAP];
    struct keypair_info info;
    struct pki_key key = {.handle = list.next_key};
    struct sbuf private;
    struct sbuf public;
    int result;

    sbuf_init(&private, private_der, sizeof(private_der));
    sbuf_init(&public, public_der, sizeof(public_der));
    result = keypair_describe(der, &info, &private, &public);
    if (result == 0) {
        result = check_room_for_key(sbuf_span(&public));
    } else if (result == ERR_UNSUPPORTED) {
        result = ERR_INVALID;
    }
    if (result == 0) {
        key.der = sbuf_span(&private);
        key.public = sbuf_span(&public);
        key.is_rsa = info.is_rsa;
        key.bits = info.bits;
        result = store_key(&key);
    }
    bytes_wipe(private_der, sizeof(private_der));
    return result < 0 ? result : (int)key.handle;
}

static int check_room_for_certificate(struct span der, bool is_trusted_root)
{
    for (size_t i = 0; i < pki_table_count_certificates(); i++) {
        const struct pki_certificate *it = &pki_certificates[i].certificate;

        if (it->is_trusted_root == is_trusted_root && span_equal(it->der, der)) {
            return ERR_EXISTS;
        }
    }
    return pki_table_count_certificates() == CONFIG_PKI_CERTIFICATES ? ERR_FULL : 0;
}

/* The handle of the pair with this public part, or 0. */
static uint32_t key_with(struct span public)
{
    for (size_t i = 0; i < pki_table_count_keys(); i++) {
        if (span_equal(pki_keys[i].key.public, public)) {
            return pki_keys[i].key.handle;
        }
    }
    return 0;
}

static int store_certificate(const struct pki_certificate *certificate)
{
    struct pki_list wanted;
    int result = pki_store_save_certificate(certificate);

    if (result < 0) {
        return result == ERR_FULL ? ERR_FULL : ERR_IO;
    }
    wanted = list_of_tables();
    wanted.certificates[wanted.certificate_count++] = certificate->handle;
    wanted.next_certificate = certificate->handle + 1;
    result = save(&wanted);
    if (result < 0) {
        (void)!pki_store_remove_certificate(certificate->handle);
        return result;
    }
    return pki_table_add_certificate(certificate);
}

int pki_add_certificate(struct span der, bool is_trusted_root)
{
    struct pki_certificate certificate = {
        .handle = list.next_certificate, .is_trusted_root = is_trusted_root, .der = der};
    struct x509_info info;
    int result;

    if (der.len > CONFIG_PKI_CERTIFICATE_CAP) {
        return ERR_INVALID;
    }
    result = x509_parse(der, &info);
    if (result < 0) {
        return result == ERR_FULL ? ERR_FULL : ERR_INVALID;
    }
    if (is_trusted_root && !info.is_ca) {
        return ERR_INVALID;
    }
    result = check_room_for_certificate(der, is_trusted_root);
    if (result < 0) {
        return result;
    }
    certificate.key = is_trusted_root ? 0 : key_with(info.public_key);
    result = store_certificate(&certificate);
    return result < 0 ? result : (int)certificate.handle;
}

/* --- removing ---------------------------------------------------------------------------- */

int pki_remove_key(uint32_t handle)
{
    struct pki_list wanted = list_of_tables();
    int result;

    if (pki_key_find(handle) == NULL || handle >= PKI_OWN_HANDLE) {
        return ERR_NOT_FOUND;
    }
    if (list.used != 0 && pki_certificate_find(list.used)->key == handle) {
        return ERR_BUSY;
    }
    take_out(wanted.keys, &wanted.key_count, handle);
    wanted.doomed_key = handle;
    result = save(&wanted);
    if (result < 0) {
        return ERR_IO;
    }
    pki_table_remove_key(handle);
    mend_references(); /* records keep the handle, which never names anything again */
    if (pki_store_remove_key(handle) < 0) {
        log_error("pki", "a removed key is still in the store");
    }
    return 0;
}

int pki_remove_certificate(uint32_t handle)
{
    struct pki_list wanted = list_of_tables();
    int result;

    if (pki_certificate_find(handle) == NULL || handle >= PKI_OWN_HANDLE) {
        return ERR_NOT_FOUND;
    }
    if (handle == list.used) {
        return ERR_BUSY;
    }
    take_out(wanted.certificates, &wanted.certificate_count, handle);
    wanted.doomed_certificate = handle;
    result = save(&wanted);
    if (result < 0) {
        return ERR_IO;
    }
    pki_table_remove_certificate(handle);
    if (pki_store_remove_certificate(handle) < 0) {
        log_error("pki", "a removed certificate is still in the store");
    }
    return 0;
}

/* --- using ------------------------------------------------------------------------------- */

int pki_sign_request(uint32_t handle, unsigned sha_bits, struct span request,
                     struct sbuf *out)
{
    const struct pki_key *key = pki_key_find(handle);

    if (key == NULL || handle >= PKI_OWN_HANDLE) {
        return ERR_NOT_FOUND;
    }
    return x509_make_request(key->der, sha_bits, request, out);
}

int pki_use_certificate(uint32_t handle)
{
    const struct pki_certificate *certificate = pki_certificate_find(handle);
    struct pki_list wanted = list_of_tables();

    if (handle != 0 && (certificate == NULL || handle >= PKI_OWN_HANDLE)) {
        return ERR_NOT_FOUND;
    }
    if (handle != 0 && certificate->key == 0) {
        return ERR_INVALID;
    }
    if (handle == list.used) {
        return 0;
    }
    wanted.used = handle;
    if (save(&wanted) < 0) {
        return ERR_IO;
    }
    pki_changed();
    return 0;
}

uint32_t pki_used_certificate(void)
{
    return list.used;
}

size_t pki_identities(struct pki_identity out[2])
{
    const struct pki_certificate *used = pki_certificate_find(list.used);

    if (used == NULL) {
        return pki_own_identities(out);
    }
    out[0].certificate = used;
    out[0].key = pki_key_find(used->key);
    return 1;
}

int pki_reset(bool keep_roots)
{
    int result = pki_use_certificate(0);

    pki_generate_reset();
    for (size_t i = pki_table_count_certificates(); i > 0; i--) {
        const struct pki_certificate *it = &pki_certificates[i - 1].certificate;

        if (!(keep_roots && it->is_trusted_root) &&
            pki_remove_certificate(it->handle) < 0) {
            result = ERR_IO;
        }
    }
    for (size_t i = pki_table_count_keys(); i > 0; i--) {
        if (pki_remove_key(pki_keys[i - 1].key.handle) < 0) {
            result = ERR_IO;
        }
    }
    if (pki_crl_reset() < 0 || pki_own_reset() < 0) {
        result = ERR_IO;
    }
    return result;
}
