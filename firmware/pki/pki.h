/* SPDX-License-Identifier: ISC */
/*
 * Keys and certificates of the device, as AMT_PublicKeyManagementService manages them: key
 * pairs, certificates (its own and trusted roots) and a list of revoked ones, each with a handle that
 * never changes, kept in the store. DER throughout; Mbed TLS stays behind crypto/.
 *
 * On first boot the device makes itself a P-256 pair and certificate soon, and an RSA-2048
 * pair and certificate in the background, in slices (pki_poll), so that nothing waits for it.
 */
#ifndef VAMT_PKI_PKI_H
#define VAMT_PKI_PKI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sbuf.h"
#include "base/span.h"
#include "base/util.h"
#include "config.h"

struct pki_key {
    uint32_t handle;
    struct span der;    /* the private key, PKCS#1 or SEC1; never leaves the device */
    struct span public; /* SubjectPublicKeyInfo */
    bool is_rsa;
    bool is_own; /* the device's own pair */
    uint16_t bits;
};

struct pki_certificate {
    uint32_t handle;
    uint32_t key; /* handle of its key pair; 0: not ours */
    bool is_trusted_root;
    bool is_own; /* made by the device itself */
    struct span der;
};

/* Load, and begin to make what is missing. After store_start. */
int pki_start(void) UTIL_MUST_CHECK;
/* Go on with a key that is being made; returns when to call next (UINT64_MAX: nothing to do). A
 * call takes a few tens of milliseconds at most. */
uint64_t pki_poll(uint64_t now_us);
/* Rises whenever anything here changes; TLS then builds its configuration anew. */
uint32_t pki_generation(void);

/* By index, 0 .. count-1, in the order of handles; by handle: NULL if there is none. Valid until
 * the next change. */
size_t pki_key_count(void);
const struct pki_key *pki_key_at(size_t index);
const struct pki_key *pki_key_find(uint32_t handle);
size_t pki_certificate_count(void);
const struct pki_certificate *pki_certificate_at(size_t index);
const struct pki_certificate *pki_certificate_find(uint32_t handle);

/* All: ERR_FULL (no more of that kind), ERR_INVALID (not parsable, key does not match or too weak),
 * ERR_EXISTS if the same is there already, ERR_IO (store). Return the new handle. */
int pki_add_key(struct span der) UTIL_MUST_CHECK;
int pki_add_certificate(struct span der, bool is_trusted_root) UTIL_MUST_CHECK;
/* ERR_NOT_FOUND; ERR_BUSY: TLS uses it; ERR_IO. Certificates of a removed pair stay, as if they
 * were others'. The device's own cannot be removed. */
int pki_remove_key(uint32_t handle) UTIL_MUST_CHECK;
int pki_remove_certificate(uint32_t handle) UTIL_MUST_CHECK;

/* Make an RSA pair of 2048 (or 3072, 4096) bits; `done` is called from pki_poll with the handle
 * or an error. ERR_BUSY: another one is being made. */
int pki_generate_key(unsigned bits, void (*done)(void *context, int result),
                     void *context) UTIL_MUST_CHECK;
void pki_generate_cancel(void *context);
/* Sign the certificate request (PKCS#10, its signature is ignored) with the key: DER into out. */
int pki_sign_request(uint32_t key, unsigned sha_bits, struct span request,
                     struct sbuf *out) UTIL_MUST_CHECK;

/* Revoked certificates, by distribution point URL and serial number. */
int pki_crl_set(struct span url, const struct span *serials,
                size_t count) UTIL_MUST_CHECK;
int pki_crl_reset(void) UTIL_MUST_CHECK;
bool pki_is_revoked(struct span serial);

/* What TLS shows: the certificate set by a console (AMT_TLSCredentialContext), else the device's
 * own P-256 and, when it is made, RSA-2048. Returns how many of `out` are set, 0 to 2. */
struct pki_identity {
    const struct pki_certificate *certificate;
    const struct pki_key *key;
};
size_t pki_identities(struct pki_identity out[2]);
/* Make the device's own P-256 now if it is still to be made (first boot; it would be made a moment
 * later). Takes as long as two signatures. */
void pki_make_identity(void);
/* The console's choice; 0: none, the device's own. ERR_NOT_FOUND, ERR_INVALID (no key of ours). */
int pki_use_certificate(uint32_t handle) UTIL_MUST_CHECK;
uint32_t pki_used_certificate(void);

/* As new: everything that consoles put here is gone; with keep_roots trusted roots stay. The
 * device's own pairs are made anew. */
int pki_reset(bool keep_roots) UTIL_MUST_CHECK;

#endif
