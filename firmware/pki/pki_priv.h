/* SPDX-License-Identifier: ISC */
/*
 * The tables behind pki.h. Records in the store:
 *
 *   pki              which handles exist, the next ones, which certificate TLS shows
 *   pki.key.N        a pair: kind, public part, private part
 *   pki.cert.N       a certificate: handle of its key, kind, DER
 *   pki.own.key.K    the device's own pairs and certificates, K = ec, rsa; not in the list
 *   pki.own.cert.K
 *   pki.crl          revoked serial numbers
 *
 * Order of writing: a thing first and then the list that names it; a thing is taken out of the
 * list first and then removed. `doomed` in the list names what was being removed when the power
 * went, so that nothing stays behind. Things that the list names but that are damaged are dropped
 * at start.
 */
#ifndef VAMT_PKI_PKI_PRIV_H
#define VAMT_PKI_PKI_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "config.h"
#include "crypto/keypair.h"
#include "pki/pki.h"

enum pki_own { PKI_OWN_EC, PKI_OWN_RSA, PKI_OWN_COUNT };
enum {
    PKI_OWN_HANDLE = 0x7ffffff0, /* own things: that and pki_own; never in the list */
    PKI_KEY_SLOTS = CONFIG_PKI_KEYS + PKI_OWN_COUNT,
    PKI_CERTIFICATE_SLOTS = CONFIG_PKI_CERTIFICATES + PKI_OWN_COUNT
};

struct pki_key_slot {
    struct pki_key key; /* handle 0: free */
    uint8_t der[CONFIG_PKI_KEY_CAP];
    uint8_t public[KEYPAIR_PUBLIC_CAP];
};
struct pki_certificate_slot {
    struct pki_certificate certificate; /* handle 0: free */
    uint8_t der[CONFIG_PKI_CERTIFICATE_CAP];
};

/* In the order of handles, used ones first. */
extern struct pki_key_slot pki_keys[PKI_KEY_SLOTS];
extern struct pki_certificate_slot pki_certificates[PKI_CERTIFICATE_SLOTS];

/* Something has changed. */
void pki_changed(void);
/* Put a copy in its place in the table. ERR_FULL, ERR_TOO_BIG. */
int pki_table_add_key(const struct pki_key *key) UTIL_MUST_CHECK;
int pki_table_add_certificate(const struct pki_certificate *certificate) UTIL_MUST_CHECK;
void pki_table_remove_key(uint32_t handle);
void pki_table_remove_certificate(uint32_t handle);
/* Used slots without the device's own. */
size_t pki_table_count_keys(void);
size_t pki_table_count_certificates(void);

/* The list, as it is in the store. */
struct pki_list {
    uint32_t next_key;
    uint32_t next_certificate;
    uint32_t used; /* shown by TLS; 0: own */
    uint32_t doomed_key;
    uint32_t doomed_certificate;
    uint32_t keys[CONFIG_PKI_KEYS];
    uint32_t certificates[CONFIG_PKI_CERTIFICATES];
    uint8_t key_count;
    uint8_t certificate_count;
};
/* Results of store_read and store_write. A list that is missing or damaged is an empty one. */
void pki_store_load_list(struct pki_list *list);
int pki_store_save_list(const struct pki_list *list) UTIL_MUST_CHECK;
/* Read into the table. ERR_NOT_FOUND: missing or damaged. */
int pki_store_load_key(uint32_t handle) UTIL_MUST_CHECK;
int pki_store_load_certificate(uint32_t handle) UTIL_MUST_CHECK;
int pki_store_save_key(const struct pki_key *key) UTIL_MUST_CHECK;
int pki_store_save_certificate(const struct pki_certificate *certificate) UTIL_MUST_CHECK;
int pki_store_remove_key(uint32_t handle) UTIL_MUST_CHECK;
int pki_store_remove_certificate(uint32_t handle) UTIL_MUST_CHECK;

/* The device's own pairs (pki_own.c). */
void pki_own_start(void);
uint64_t pki_own_poll(uint64_t now_us);
/* Forget them, in the store too, and begin anew. */
int pki_own_reset(void) UTIL_MUST_CHECK;
size_t pki_own_identities(struct pki_identity out[2]);
/* An RSA search for a console begins, is under way, is over: own ones wait meanwhile. */
bool pki_generate_is_busy(void);
uint64_t pki_generate_poll(uint64_t now_us);
void pki_generate_reset(void);

void pki_crl_start(void);

#endif
