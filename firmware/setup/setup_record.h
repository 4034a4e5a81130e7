/* SPDX-License-Identifier: ISC */
/*
 * How this device was set up, each time (IPS_ProvisioningRecordLog): the last
 * CONFIG_SETUP_RECORDS, kept in the store, also when the device is unprovisioned.
 */
#ifndef VAMT_SETUP_SETUP_RECORD_H
#define VAMT_SETUP_SETUP_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"

enum setup_record_kind {
    SETUP_RECORD_ADMIN,  /* AdminSetup, UpgradeClientToAdmin: a certificate chain */
    SETUP_RECORD_CLIENT, /* Setup */
    SETUP_RECORD_MANUAL, /* attached by the host shim, with a password */
    SETUP_RECORD_TLS,    /* AMT's remote configuration; does not happen here */
    SETUP_RECORD_DAL,    /* by an applet of the engine; nor does this */
    SETUP_RECORD_KINDS
};

enum {
    SETUP_RECORD_NAME_CAP = 128,
    SETUP_RECORD_HASH_CAP = 32,
    SETUP_RECORD_SERIALS_CAP = 3 * 20 /* of three authorities */
};

struct setup_record {
    uint8_t kind; /* enum setup_record_kind */
    uint32_t id;  /* counts up */
    int64_t time_s;
    char common_name[SETUP_RECORD_NAME_CAP]; /* of the leaf */
    uint8_t hash[SETUP_RECORD_HASH_CAP]; /* SHA-256: admin: the root; client: the leaf */
    uint8_t hash_len;                    /* 0: none */
    uint8_t serials[SETUP_RECORD_SERIALS_CAP]; /* of authorities, from the leaf up */
    uint8_t serials_len;
    bool has_more_serials; /* there were more authorities */
};

/* Load. */
void setup_record_start(void);
/* Add with the next id and the wall clock's time; the oldest goes if there is no room. ERR_IO. */
int setup_record_add(const struct setup_record *record) UTIL_MUST_CHECK;
/* By kind and index, oldest first; SETUP_RECORD_KINDS: of all kinds. NULL: no such. Valid until
 * the next change. */
size_t setup_record_count(enum setup_record_kind kind);
const struct setup_record *setup_record_at(enum setup_record_kind kind, size_t index);

#endif
