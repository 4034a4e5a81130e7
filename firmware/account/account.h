/* SPDX-License-Identifier: ISC */
/*
 * Who may log in, and to what: the administrator, digest users, and entries for Kerberos that are
 * kept and can not log in (AMT_AuthorizationService). Of a password only HA1 =
 * MD5(name:realm:password) is kept. There is no default password.
 *
 * First boot: the administrator `admin` gets the password of the seed `admin-password`; with the
 * seed `unprovisioned` there is none, and the local system account $$OsAdmin of the seed
 * `local-password` may log in to activate the device (setup/setup.h). After that the store counts.
 */
#ifndef VAMT_ACCOUNT_ACCOUNT_H
#define VAMT_ACCOUNT_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/util.h"
#include "config.h"

enum {
    ACCOUNT_HA1_LEN = 16,
    ACCOUNT_PEER_LEN = 16,
    ACCOUNT_SID_CAP = 28,
    ACCOUNT_SYSTEM_COUNT = 2 /* entries that AMT itself makes: handles 1 and 2 */
};
#define ACCOUNT_SYSTEM_PREFIX "$$" /* no name of a user begins so */
#define ACCOUNT_LOCAL_SYSTEM  "$$OsAdmin"

/* AMT's realms (AMT_AuthorizationService.AddUserAclEntryEx): bit numbers of `realms`. */
enum account_realm {
    ACCOUNT_REALM_REDIRECTION = 2,
    ACCOUNT_REALM_ADMINISTRATION = 3,
    ACCOUNT_REALM_HARDWARE_ASSET = 4,
    ACCOUNT_REALM_REMOTE_CONTROL = 5,
    ACCOUNT_REALM_STORAGE = 6,
    ACCOUNT_REALM_EVENT_MANAGER = 7,
    ACCOUNT_REALM_STORAGE_ADMINISTRATION = 8,
    ACCOUNT_REALM_AGENT_PRESENCE_LOCAL = 9,
    ACCOUNT_REALM_AGENT_PRESENCE_REMOTE = 10,
    ACCOUNT_REALM_CIRCUIT_BREAKER = 11,
    ACCOUNT_REALM_NETWORK_TIME = 12,
    ACCOUNT_REALM_GENERAL_INFO = 13,
    ACCOUNT_REALM_FIRMWARE_UPDATE = 14,
    ACCOUNT_REALM_EIT = 15,
    ACCOUNT_REALM_LOCAL_UN = 16,
    ACCOUNT_REALM_ENDPOINT_ACCESS = 17,
    ACCOUNT_REALM_ENDPOINT_ACCESS_ADMINISTRATION = 18,
    ACCOUNT_REALM_EVENT_LOG_READER = 19,
    ACCOUNT_REALM_AUDIT_LOG = 20,
    ACCOUNT_REALM_ACL = 21, /* the last one that a user can be given */
    ACCOUNT_REALM_LOCAL_SYSTEM = 24,
    ACCOUNT_REALM_COUNT
};
#define ACCOUNT_REALMS_ALL UINT64_MAX

/* AccessPermission */
enum account_access {
    ACCOUNT_ACCESS_LOCAL = 0,
    ACCOUNT_ACCESS_NETWORK = 1,
    ACCOUNT_ACCESS_ANY = 2
};

struct account {
    uint32_t handle;                    /* 0: the administrator */
    char name[CONFIG_ACCOUNT_NAME_CAP]; /* "" for a Kerberos entry */
    uint8_t ha1[ACCOUNT_HA1_LEN];
    uint8_t sid[ACCOUNT_SID_CAP]; /* Kerberos entry */
    uint8_t sid_len;
    uint64_t realms; /* bit mask by enum account_realm */
    enum account_access access;
    bool is_enabled; /* false: never authenticates */
    bool is_admin;
    bool is_system; /* one of AMT's own: cannot be changed */
};

/* Load, or take the seeds. After crypto_start, identity_start and store_start. Returns 0;
 * ERR_NOT_FOUND or ERR_INVALID (no seed, or one that breaks the password rule: logged, all logins
 * are refused, the rest works); ERR_IO without random numbers. */
int account_start(void) UTIL_MUST_CHECK;
/* Who may log in: the administrator and users, once the device is activated; until then only the
 * local system account. The latter until this is called. */
void account_let_users_in(bool is_activated);

/* The realms in force. ADMINISTRATION is all of them, but AUDIT_LOG only as long as nobody else has
 * that (AMT: then the administrator is no auditor any more). */
uint64_t account_realms(const struct account *account);

/* Who may log in over the network under exactly this name, or NULL: the administrator and enabled
 * digest users whose access is not local only; in SETUP_PRE $$OsAdmin and nobody else. Valid until
 * accounts change: copy what is needed for longer. */
const struct account *account_find(struct span name);

/* The administrator; `name` may change too. ERR_INVALID (name), ERR_EXISTS (a user has it), ERR_IO. */
const struct account *account_admin(void); /* NULL: not set up */
int account_set_admin(struct span name,
                      const uint8_t ha1[ACCOUNT_HA1_LEN]) UTIL_MUST_CHECK;

/* Entries of the access control list, by index in the order of handles and by handle (NULL: no
 * such). AMT's own come first: $$uns and $$OsAdmin, for the local interface. */
size_t account_count(void);
const struct account *account_at(size_t index);
const struct account *account_by_handle(uint32_t handle);
/* Add (wanted->handle is ignored; returns the new handle) or replace; is_admin and is_system are
 * ignored. ERR_INVALID (account_rule.h), ERR_EXISTS (name or SID), ERR_FULL, ERR_TOO_BIG (domains
 * of SIDs), ERR_NOT_FOUND, ERR_DENIED (one of AMT's own), ERR_IO (store: nothing has changed). */
int account_add(const struct account *wanted) UTIL_MUST_CHECK;
int account_update(uint32_t handle, const struct account *wanted) UTIL_MUST_CHECK;
int account_set_enabled(uint32_t handle, bool is_enabled) UTIL_MUST_CHECK;
int account_remove(uint32_t handle) UTIL_MUST_CHECK;
/* No accounts any more but AMT's own (unprovisioning). In force also if the store fails: ERR_IO. */
int account_reset(void) UTIL_MUST_CHECK;

/* AMT's rule for names of digest users and the administrator: 1 to 16 printable ASCII characters,
 * none of : , " \ & < > among them, no space at an end, not $$ at the beginning. */
bool account_name_is_valid(struct span name);
/* Can a user be given this realm? */
bool account_realm_is_valid(uint32_t realm);
/* AMT's rule for passwords: 8 to 32 printable ASCII characters without : , and ", among
 * them a lower-case letter, an upper-case letter, a digit and another character ('_' and
 * the space do not count as one). */
bool account_password_is_valid(struct span password);
/* MD5(name:realm:password) with this device's realm. */
void account_make_ha1(struct span name, struct span password,
                      uint8_t ha1[ACCOUNT_HA1_LEN]);

#endif
