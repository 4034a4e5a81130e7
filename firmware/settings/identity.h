/* SPDX-License-Identifier: ISC */
/*
 * Who this device says it is: firmware version of the emulated generation, digest realm,
 * host name and UUID. Fixed after identity_start, until a settings store exists.
 */
#ifndef VAMT_SETTINGS_IDENTITY_H
#define VAMT_SETTINGS_IDENTITY_H

#include <stdint.h>

enum { IDENTITY_REALM_LEN = 39 /* "Digest:" and 32 hexadecimal digits */ };

struct identity {
    const char *version; /* "11.8.50" */
    const char *build;   /* "3425" */
    const char *host_name;
    uint8_t uuid[16];                   /* board_uuid */
    char realm[IDENTITY_REALM_LEN + 1]; /* stable per UUID, not secret */
};

/* Derive the identity from the board. Call once, after board_start. */
void identity_start(void);
/* Valid for ever. Before identity_start the realm is empty. */
const struct identity *identity_get(void);
/* "11.8.50.3425", the form of the Server header. */
const char *identity_version(void);

#endif
