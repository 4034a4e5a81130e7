/* SPDX-License-Identifier: ISC */
/* The accounts as a whole, in RAM and as one record: a change of any of them is whole or not. */
#ifndef VAMT_ACCOUNT_ACCOUNT_STORE_H
#define VAMT_ACCOUNT_ACCOUNT_STORE_H

#include <stddef.h>

#include "account/account.h"
#include "base/util.h"

enum { ACCOUNT_STORE_USERS = CONFIG_ACCOUNT_USERS + CONFIG_ACCOUNT_KERBEROS };

struct account_table {
    struct account admin;                      /* name "": there is none */
    struct account users[ACCOUNT_STORE_USERS]; /* in the order of handles */
    size_t count;
    /* of $$OsAdmin; all zero: it cannot log in */
    uint8_t local_ha1[ACCOUNT_HA1_LEN];
};

/* 0, or ERR_NOT_FOUND: no record, or none that can be read (logged). `table` is written in any
 * case: empty then. */
int account_store_load(struct account_table *table) UTIL_MUST_CHECK;
/* An error of store_write: the old record stays. */
int account_store_save(const struct account_table *table) UTIL_MUST_CHECK;

#endif
