/* SPDX-License-Identifier: ISC */
/* What an entry of the access control list may look like. */
#ifndef VAMT_ACCOUNT_ACCOUNT_RULE_H
#define VAMT_ACCOUNT_ACCOUNT_RULE_H

#include "account/account.h"
#include "base/util.h"

/* 0; ERR_INVALID: a digest user's name, a SID, a realm or the access permission is none that
 * AMT takes, or it is both or neither of a digest user and a Kerberos entry. */
int account_rule_check(const struct account *account) UTIL_MUST_CHECK;

#endif
