/* SPDX-License-Identifier: ISC */
/* Keys and certificates in memory: sorted by handle, used slots first. */
#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "pki/pki_priv.h"

struct pki_key_slot pki_keys[PKI_KEY_SLOTS];
struct pki_certificate_slot pki_certificates[PKI_CERTIFICATE_SLOTS];

static bool is_own(uint32_t handle)
{
    return handle >= PKI_OWN_HANDLE;
}

size_t pki_key_count(void)
{
    size_t count = 0;

    while (count < PKI_KEY_SLOTS && pki_keys[count].key.handle != 0) {
        count++;
    }
    return count;
}

size_t pki_certificate_count(void)
{
    size_t count = 0;

    while (count < PKI_CERTIFICATE_SLOTS &&
           pki_certificates[count].certificate.handle != 0) {
        count++;
    }
    return count;
}

size_t pki_table_count_keys(void)
{
    size_t count = pki_key_count();

    while (count > 0 && is_own(pki_keys[count - 1].key.handle)) {
        count--;
    }
    return count;
}

size_t pki_table_count_certificates(void)
{
    size_t count = pki_certificate_count();

    while (count > 0 && is_own(pki_certificates[count - 1].certificate.handle)) {
        count--;
    }
    return count;
}

const struct pki_key *pki_key_at(size_t index)
{
    return index < pki_key_count() ? &pki_keys[index].key : NULL;
}

const struct pki_certificate *pki_certificate_at(size_t index)
{
    return index < pki_certificate_count() ? &pki_certificates[index].certificate : NULL;
}

const struct pki_key *pki_key_find(uint32_t handle)
{
    for (size_t i = 0; i < PKI_KEY_SLOTS && handle != 0; i++) {
        if (pki_keys[i].key.handle == handle) {
            return &pki_keys[i].key;
        }
    }
    return NULL;
}

const struct pki_certificate *pki_certificate_find(uint32_t handle)
{
    for (size_t i = 0; i < PKI_CERTIFICATE_SLOTS && handle != 0; i++) {
        if (pki_certificates[i].certificate.handle == handle) {
            return &pki_certificates[i].certificate;
        }
    }
    return NULL;
}

/* Spans point into their own slot, so they follow it when it moves. */
static void settle_keys(void)
{
    for (size_t i = 0; i < PKI_KEY_SLOTS; i++) {
        pki_keys[i].key.der.ptr = pki_keys[i].der;
        pki_keys[i].key.public.ptr = pki_keys[i].public;
    }
}

static void settle_certificates(void)
{
    for (size_t i = 0; i < PKI_CERTIFICATE_SLOTS; i++) {
        pki_certificates[i].certificate.der.ptr = pki_certificates[i].der;
    }
}

int pki_table_add_key(const struct pki_key *key)
{
    size_t count = pki_key_count();
    size_t at = 0;
    struct pki_key_slot *slot;

    if (key->der.len > sizeof(slot->der) || key->public.len > sizeof(slot->public)) {
        return ERR_TOO_BIG;
    }
    if (count == PKI_KEY_SLOTS ||
        (!is_own(key->handle) && pki_table_count_keys() == CONFIG_PKI_KEYS)) {
        return ERR_FULL;
    }
    while (at < count && pki_keys[at].key.handle < key->handle) {
        at++;
    }
    slot = &pki_keys[at];
    memmove(slot + 1, slot, (count - at) * sizeof(*slot));
    slot->key = *key;
    memcpy(slot->der, key->der.ptr, key->der.len);
    memcpy(slot->public, key->public.ptr, key->public.len);
    settle_keys();
    pki_changed();
    return 0;
}

int pki_table_add_certificate(const struct pki_certificate *certificate)
{
    size_t count = pki_certificate_count();
    size_t at = 0;
    struct pki_certificate_slot *slot;

    if (certificate->der.len > sizeof(slot->der)) {
        return ERR_TOO_BIG;
    }
    if (count == PKI_CERTIFICATE_SLOTS ||
        (!is_own(certificate->handle) &&
         pki_table_count_certificates() == CONFIG_PKI_CERTIFICATES)) {
        return ERR_FULL;
    }
    while (at < count && pki_certificates[at].certificate.handle < certificate->handle) {
        at++;
    }
    slot = &pki_certificates[at];
    memmove(slot + 1, slot, (count - at) * sizeof(*slot));
    slot->certificate = *certificate;
    memcpy(slot->der, certificate->der.ptr, certificate->der.len);
    settle_certificates();
    pki_changed();
    return 0;
}

void pki_table_remove_key(uint32_t handle)
{
    size_t count = pki_key_count();

    for (size_t i = 0; i < count; i++) {
        if (pki_keys[i].key.handle != handle) {
            continue;
        }
        memmove(&pki_keys[i], &pki_keys[i + 1], (count - i - 1) * sizeof(pki_keys[0]));
        bytes_wipe(&pki_keys[count - 1], sizeof(pki_keys[0]));
        settle_keys();
        pki_changed();
        return;
    }
}

void pki_table_remove_certificate(uint32_t handle)
{
    size_t count = pki_certificate_count();

    for (size_t i = 0; i < count; i++) {
        if (pki_certificates[i].certificate.handle != handle) {
            continue;
        }
        memmove(&pki_certificates[i], &pki_certificates[i + 1],
                (count - i - 1) * sizeof(pki_certificates[0]));
        memset(&pki_certificates[count - 1], 0, sizeof(pki_certificates[0]));
        settle_certificates();
        pki_changed();
        return;
    }
}
