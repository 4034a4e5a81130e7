/* SPDX-License-Identifier: ISC */
/*
 * Roots that may set this device up in admin control mode (AMT_ProvisioningCertificateHash): the
 * operator's, from the seed `provisioning-hashes`, one `NAME SHA256` a line. The SHA-256 of the
 * root's DER in hexadecimal, with or without colons. Vendors' roots are not shipped: without
 * the seed no certificate sets up this device.
 */
#ifndef VAMT_SETUP_SETUP_HASH_H
#define VAMT_SETUP_SETUP_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

enum { SETUP_HASH_NAME_CAP = 64, SETUP_HASH_LEN = 32 };

struct setup_hash {
    char name[SETUP_HASH_NAME_CAP];
    uint8_t sha256[SETUP_HASH_LEN];
};

/* Read the seed. Lines that are none are logged and passed over. */
void setup_hash_start(void);
size_t setup_hash_count(void);
/* NULL: no such index. Valid for ever. */
const struct setup_hash *setup_hash_at(size_t index);
/* The trusted hash of this certificate, or NULL. */
const struct setup_hash *setup_hash_find(struct span der);

#endif
