/* SPDX-License-Identifier: ISC */
/*
 * Who may log in. Today one account, `admin`, whose password comes with the first boot as
 * the seed `admin-password`; only HA1 = MD5(name:realm:password) is kept. There is no
 * default password: without a valid seed every login is refused.
 */
#ifndef VAMT_ACCOUNT_ACCOUNT_H
#define VAMT_ACCOUNT_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "base/util.h"
#include "config.h"

enum { ACCOUNT_HA1_LEN = 16, ACCOUNT_PEER_LEN = 16 };

/* Every realm (permission) of AMT; single ones come with user accounts. */
#define ACCOUNT_REALMS_ALL UINT32_MAX

struct account {
    char name[CONFIG_ACCOUNT_NAME_CAP];
    uint8_t ha1[ACCOUNT_HA1_LEN];
    uint32_t realms; /* bit mask */
    bool is_enabled; /* false: never authenticates */
};

/* Read the seed and set up digest nonces. After crypto_start and identity_start. Returns
 * 0; ERR_NOT_FOUND or ERR_INVALID (no seed, or one that breaks AMT's password rule:
 * logged, all logins are refused, the rest works); ERR_IO without random numbers. */
int account_start(void) UTIL_MUST_CHECK;

/* The enabled account with exactly this name, or NULL. Valid for ever. */
const struct account *account_find(struct span name);

/* AMT's rule for passwords: 8 to 32 printable ASCII characters without : , and ", among
 * them a lower-case letter, an upper-case letter, a digit and another character ('_' and
 * the space do not count as one). */
bool account_password_is_valid(struct span password);

/* A login was refused (wrong name or password) or passed. Writes the log, at most one
 * line per second, and is where lock-out will count. */
void account_note_failure(struct span name, const uint8_t peer[ACCOUNT_PEER_LEN]);
void account_note_success(const struct account *account,
                          const uint8_t peer[ACCOUNT_PEER_LEN]);

#endif
