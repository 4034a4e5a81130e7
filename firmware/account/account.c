/* SPDX-License-Identifier: ISC */
/*
 * The accounts in RAM. A change is made in a copy, which is stored and then taken: whoever is
 * told that it failed finds everything as before.
 */
#include "account/account.h"

#include <string.h>

#include "account/account_lock.h"
#include "account/account_rule.h"
#include "account/account_store.h"
#include "account/digest_nonce.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/log.h"
#include "crypto/hash.h"
#include "hal/board.h"
#include "settings/identity.h"

#define SEED_ADMIN         "admin-password"
#define SEED_LOCAL         "local-password"
#define SEED_UNPROVISIONED "unprovisioned"
#define ADMIN_NAME         "admin"

enum {
    SEED_CAP = CONFIG_ACCOUNT_PASSWORD_CAP + 1, /* 32 characters, CR and LF */
    HANDLE_FIRST = ACCOUNT_SYSTEM_COUNT + 1,
    LOCAL_SYSTEM_AT = 1,
    SID_USER_LEN = 4 /* the end of a SID is the user, what is before it the domain */
};

/* What AMT lists besides users. Both are for the local interface, which is none of ours. */
static const struct account system_entries[ACCOUNT_SYSTEM_COUNT] = {
    {.handle = 1,
     .name = ACCOUNT_SYSTEM_PREFIX "uns",
     .realms = (uint64_t)1 << ACCOUNT_REALM_LOCAL_UN,
     .access = ACCOUNT_ACCESS_LOCAL,
     .is_enabled = true,
     .is_system = true},
    {.handle = 2,
     .name = ACCOUNT_LOCAL_SYSTEM,
     .realms = (uint64_t)1 << ACCOUNT_REALM_LOCAL_SYSTEM,
     .access = ACCOUNT_ACCESS_LOCAL,
     .is_enabled = true,
     .is_system = true},
};

static struct account_table table;
static struct account_table next;   /* a change on its way */
static struct account local_system; /* with its password */
static bool are_users_let_in;

/* ---- secrets ---- */

void account_make_ha1(struct span name, struct span password,
                      uint8_t ha1[ACCOUNT_HA1_LEN])
{
    struct span parts[5] = {name, span_str(":"), span_str(identity_get()->realm),
                            span_str(":"), password};

    hash_md5(parts, UTIL_COUNT(parts), ha1);
}

static bool is_secret(const uint8_t ha1[ACCOUNT_HA1_LEN])
{
    static const uint8_t none[ACCOUNT_HA1_LEN];

    return memcmp(ha1, none, ACCOUNT_HA1_LEN) != 0;
}

/* A file's last newline is not part of the password. */
static struct span without_newline(struct span s)
{
    if (s.len > 0 && s.ptr[s.len - 1] == '\n') {
        s.len--;
    }
    if (s.len > 0 && s.ptr[s.len - 1] == '\r') {
        s.len--;
    }
    return s;
}

/* HA1 of the password in a seed. */
static int read_seed(const char *seed, const char *name, uint8_t ha1[ACCOUNT_HA1_LEN])
{
    uint8_t text[SEED_CAP];
    struct span password;
    int result = board_seed(seed, text, sizeof(text));

    if (result < 0) {
        return result == ERR_TOO_BIG ? ERR_INVALID : ERR_NOT_FOUND;
    }
    password = without_newline(span_of(text, (size_t)result));
    result = account_password_is_valid(password) ? 0 : ERR_INVALID;
    if (result == 0) {
        account_make_ha1(span_str(name), password, ha1);
    }
    bytes_wipe(text, sizeof(text));
    return result;
}

/* ---- start ---- */

static void fill_admin(struct account_table *t, struct span name,
                       const uint8_t ha1[ACCOUNT_HA1_LEN])
{
    memset(&t->admin, 0, sizeof(t->admin));
    memcpy(t->admin.name, name.ptr, name.len);
    memcpy(t->admin.ha1, ha1, ACCOUNT_HA1_LEN);
    t->admin.realms = ACCOUNT_REALMS_ALL;
    t->admin.access = ACCOUNT_ACCESS_ANY;
    t->admin.is_enabled = true;
    t->admin.is_admin = true;
}

/* First boot: the one password that this device is to have. */
static int begin(void)
{
    uint8_t ha1[ACCOUNT_HA1_LEN];
    uint8_t unused[1];
    bool is_unprovisioned = board_seed(SEED_UNPROVISIONED, unused, sizeof(unused)) !=
                            ERR_NOT_FOUND;
    int result;

    if (is_unprovisioned) {
        log_info("account", "no administrator yet: the device waits for its activation");
        return account_store_save(&table) < 0 ? ERR_IO : 0;
    }
    result = read_seed(SEED_ADMIN, ADMIN_NAME, ha1);
    if (result < 0) {
        log_error("account", "%s: every login is refused",
                  result == ERR_NOT_FOUND
                      ? "no administrator password"
                      : "the administrator password breaks the password rule");
        return result;
    }
    fill_admin(&table, span_str(ADMIN_NAME), ha1);
    bytes_wipe(ha1, sizeof(ha1));
    return account_store_save(&table) < 0 ? ERR_IO : 0;
}

int account_start(void)
{
    int result = digest_nonce_start();
    bool is_first_boot;

    account_lock_start();
    if (result < 0) {
        bytes_wipe(&table, sizeof(table));
        return result;
    }
    is_first_boot = account_store_load(&table) < 0;
    /* Its host may change this one at any boot: it is a key of the host, not of a console. */
    if (read_seed(SEED_LOCAL, ACCOUNT_LOCAL_SYSTEM, table.local_ha1) == ERR_INVALID) {
        log_error("account", "the local password breaks the password rule");
    }
    return is_first_boot ? begin() : 0;
}

void account_let_users_in(bool is_activated)
{
    are_users_let_in = is_activated;
}

/* ---- reading ---- */

static const struct account *find_local(struct span name)
{
    if (!span_equal_str(name, ACCOUNT_LOCAL_SYSTEM) || !is_secret(table.local_ha1)) {
        return NULL;
    }
    local_system = system_entries[LOCAL_SYSTEM_AT];
    memcpy(local_system.ha1, table.local_ha1, sizeof(local_system.ha1));
    return &local_system;
}

/* All entries are looked at, so that the time does not tell which one it was. */
const struct account *account_find(struct span name)
{
    const struct account *local = find_local(name);
    const struct account *found = NULL;

    if (name.len > 0 && span_equal_str(name, table.admin.name)) {
        found = &table.admin;
    }
    for (size_t i = 0; i < table.count; i++) {
        const struct account *user = &table.users[i];

        if (name.len > 0 && span_equal_str(name, user->name)) {
            found = user->is_enabled && user->access != ACCOUNT_ACCESS_LOCAL ? user
                                                                             : NULL;
        }
    }
    return are_users_let_in ? found : local;
}

static uint64_t realm_bit(enum account_realm realm)
{
    return (uint64_t)1 << realm;
}

uint64_t account_realms(const struct account *account)
{
    const uint64_t auditor = realm_bit(ACCOUNT_REALM_AUDIT_LOG);

    if ((account->realms & realm_bit(ACCOUNT_REALM_ADMINISTRATION)) == 0) {
        return account->realms;
    }
    for (size_t i = 0; i < table.count; i++) {
        const struct account *user = &table.users[i];

        if (user != account && user->is_enabled && (user->realms & auditor) != 0) {
            return account->is_admin
                       ? ACCOUNT_REALMS_ALL & ~auditor
                       : (ACCOUNT_REALMS_ALL & ~auditor) | (account->realms & auditor);
        }
    }
    return ACCOUNT_REALMS_ALL;
}

const struct account *account_admin(void)
{
    return table.admin.name[0] != '\0' ? &table.admin : NULL;
}

size_t account_count(void)
{
    return ACCOUNT_SYSTEM_COUNT + table.count;
}

const struct account *account_at(size_t index)
{
    if (index < ACCOUNT_SYSTEM_COUNT) {
        return &system_entries[index];
    }
    index -= ACCOUNT_SYSTEM_COUNT;
    return index < table.count ? &table.users[index] : NULL;
}

const struct account *account_by_handle(uint32_t handle)
{
    for (size_t i = 0; i < account_count(); i++) {
        if (account_at(i)->handle == handle) {
            return account_at(i);
        }
    }
    return NULL;
}

/* ---- changes ---- */

/* Into force if it can be kept. */
static int commit(void)
{
    int result = account_store_save(&next) < 0 ? ERR_IO : 0;

    if (result == 0) {
        table = next;
    }
    bytes_wipe(&next, sizeof(next));
    return result;
}

/* Does somebody else than `handle` have this name or SID? */
static bool is_taken(const struct account *wanted, uint32_t handle)
{
    struct span name = span_str(wanted->name);

    if (name.len > 0 && span_equal_str(name, table.admin.name)) {
        return true;
    }
    for (size_t i = 0; i < table.count; i++) {
        const struct account *user = &table.users[i];

        if (user->handle == handle) {
            continue;
        }
        if (name.len > 0 ? span_equal_str(name, user->name)
                         : wanted->sid_len == user->sid_len &&
                               memcmp(wanted->sid, user->sid, sizeof(user->sid)) == 0) {
            return true;
        }
    }
    return false;
}

/* Index of a user that may be changed. */
static int find_user(uint32_t handle)
{
    if (handle > 0 && handle <= ACCOUNT_SYSTEM_COUNT) {
        return ERR_DENIED;
    }
    for (size_t i = 0; i < table.count; i++) {
        if (table.users[i].handle == handle) {
            return (int)i;
        }
    }
    return ERR_NOT_FOUND;
}

/* The place of the lowest handle that is free: behind those without a gap before them. */
static size_t find_gap(void)
{
    size_t at = 0;

    while (at < table.count && table.users[at].handle == HANDLE_FIRST + at) {
        at++;
    }
    return at;
}

static bool is_same_domain(const struct account *a, const struct account *b)
{
    return a->sid_len > SID_USER_LEN && a->sid_len == b->sid_len &&
           memcmp(a->sid, b->sid, (size_t)a->sid_len - SID_USER_LEN) == 0;
}

/* Is this user the first of its domain in the list? */
static bool is_first_of_domain(size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (is_same_domain(&table.users[i], &table.users[at])) {
            return false;
        }
    }
    return table.users[at].sid_len > 0;
}

/* Has the list room for one more like this? */
static int check_room(const struct account *wanted)
{
    size_t kerberos = 0;
    size_t domains = 0;
    bool is_known = false;

    for (size_t i = 0; i < table.count; i++) {
        kerberos += table.users[i].sid_len > 0 ? 1 : 0;
        domains += is_first_of_domain(i) ? 1 : 0;
        is_known = is_known || is_same_domain(wanted, &table.users[i]);
    }
    if (wanted->sid_len == 0) {
        return table.count - kerberos < CONFIG_ACCOUNT_USERS ? 0 : ERR_FULL;
    }
    if (kerberos >= CONFIG_ACCOUNT_KERBEROS) {
        return ERR_FULL;
    }
    return is_known || domains < CONFIG_ACCOUNT_DOMAINS ? 0 : ERR_TOO_BIG;
}

/* The rest of what is the same for a new user and a changed one. */
static int check(const struct account *wanted, uint32_t handle)
{
    int result = account_rule_check(wanted);

    if (result < 0) {
        return result;
    }
    return is_taken(wanted, handle) ? ERR_EXISTS : 0;
}

int account_add(const struct account *wanted)
{
    size_t at = find_gap();
    struct account *user = &next.users[at];
    int result = check(wanted, 0);

    result = result < 0 ? result : check_room(wanted);
    if (result < 0) {
        return result;
    }
    next = table;
    memmove(user + 1, user, (table.count - at) * sizeof(*user));
    *user = *wanted;
    user->handle = (uint32_t)(HANDLE_FIRST + at);
    user->is_admin = false;
    user->is_system = false;
    next.count++;
    result = commit();
    return result < 0 ? result : (int)(HANDLE_FIRST + at);
}

int account_update(uint32_t handle, const struct account *wanted)
{
    int at = find_user(handle);
    int result = at < 0 ? at : check(wanted, handle);

    if (result < 0) {
        return result;
    }
    if ((wanted->sid_len > 0) != (table.users[at].sid_len > 0)) {
        return ERR_INVALID; /* of the other kind, which has a limit of its own */
    }
    next = table;
    next.users[at] = *wanted;
    next.users[at].handle = handle;
    next.users[at].is_admin = false;
    next.users[at].is_system = false;
    return commit();
}

int account_set_enabled(uint32_t handle, bool is_enabled)
{
    int at = find_user(handle);

    if (at < 0) {
        return at;
    }
    next = table;
    next.users[at].is_enabled = is_enabled;
    return commit();
}

int account_remove(uint32_t handle)
{
    int at = find_user(handle);

    if (at < 0) {
        return at;
    }
    next = table;
    next.count--;
    memmove(&next.users[at], &next.users[at + 1],
            (next.count - (size_t)at) * sizeof(next.users[0]));
    bytes_wipe(&next.users[next.count], sizeof(next.users[0]));
    return commit();
}

int account_set_admin(struct span name, const uint8_t ha1[ACCOUNT_HA1_LEN])
{
    if (!account_name_is_valid(name)) {
        return ERR_INVALID;
    }
    for (size_t i = 0; i < table.count; i++) {
        if (span_equal_str(name, table.users[i].name)) {
            return ERR_EXISTS;
        }
    }
    next = table;
    fill_admin(&next, name, ha1);
    return commit();
}

int account_reset(void)
{
    bytes_wipe(&table.admin, sizeof(table.admin));
    bytes_wipe(table.users, sizeof(table.users));
    table.count = 0;
    account_lock_start();
    return account_store_save(&table) < 0 ? ERR_IO : 0;
}
