/* SPDX-License-Identifier: ISC */
/* AMT's rules for names, SIDs, realms and passwords. */
#include "account/account_rule.h"

#include <string.h>

#include "base/err.h"

enum { PASSWORD_MIN = 8, SID_UNIT = 4 };

/* Digest names lie between quotes and colons of protocols; names with $$ are the firmware's own. */
bool account_name_is_valid(struct span name)
{
    if (name.len == 0 || name.len >= CONFIG_ACCOUNT_NAME_CAP ||
        span_starts_with(name, ACCOUNT_SYSTEM_PREFIX)) {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = name.ptr[i];

        if (c < ' ' || c > '~' || strchr(":,\"\\&<>", c) != NULL) {
            return false;
        }
    }
    return name.ptr[0] != ' ' && name.ptr[name.len - 1] != ' ';
}

bool account_realm_is_valid(uint32_t realm)
{
    return realm >= ACCOUNT_REALM_REDIRECTION && realm <= ACCOUNT_REALM_ACL;
}

static bool are_realms_valid(uint64_t realms)
{
    for (uint32_t realm = 0; realm < 64; realm++) {
        if ((realms >> realm & 1) != 0 && !account_realm_is_valid(realm)) {
            return false;
        }
    }
    return realms != 0;
}

int account_rule_check(const struct account *account)
{
    struct span name = span_of(account->name,
                               strnlen(account->name, sizeof(account->name)));
    bool is_kerberos = account->sid_len > 0;

    if (is_kerberos ? name.len > 0 || account->sid_len > ACCOUNT_SID_CAP ||
                          account->sid_len % SID_UNIT != 0
                    : !account_name_is_valid(name)) {
        return ERR_INVALID;
    }
    return are_realms_valid(account->realms) && account->access <= ACCOUNT_ACCESS_ANY
               ? 0
               : ERR_INVALID;
}

bool account_password_is_valid(struct span password)
{
    bool has_lower = false;
    bool has_upper = false;
    bool has_digit = false;
    bool has_special = false;

    if (password.len < PASSWORD_MIN || password.len >= CONFIG_ACCOUNT_PASSWORD_CAP) {
        return false;
    }
    for (size_t i = 0; i < password.len; i++) {
        uint8_t c = password.ptr[i];

        if (c < ' ' || c > '~' || c == ':' || c == ',' || c == '"') {
            return false;
        }
        if (c >= 'a' && c <= 'z') {
            has_lower = true;
        } else if (c >= 'A' && c <= 'Z') {
            has_upper = true;
        } else if (c >= '0' && c <= '9') {
            has_digit = true;
        } else if (c != '_' && c != ' ') {
            has_special = true;
        }
    }
    return has_lower && has_upper && has_digit && has_special;
}
