/* SPDX-License-Identifier: ISC */
/* The administrator's account and the log of refused logins. */
#include "account/account.h"

#include <string.h>

#include "account/digest_nonce.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/log.h"
#include "crypto/hash.h"
#include "hal/board.h"
#include "settings/identity.h"

#define SEED_NAME  "admin-password"
#define ADMIN_NAME "admin"

enum {
    PASSWORD_MIN = 8,
    SEED_CAP = CONFIG_ACCOUNT_PASSWORD_CAP + 1, /* 32 characters, CR and LF */
    FAILURE_LOG_US = 1000000,
    FAILURE_NAME_LOG = 32
};

static struct account admin;
static uint64_t failure_logged_us;
static unsigned failures_unlogged;
static bool failure_seen;

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

static void make_ha1(const char *name, struct span password, uint8_t ha1[ACCOUNT_HA1_LEN])
{
    struct span parts[5] = {span_str(name), span_str(":"),
                            span_str(identity_get()->realm), span_str(":"), password};

    hash_md5(parts, UTIL_COUNT(parts), ha1);
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

static int load_admin(void)
{
    uint8_t seed[SEED_CAP];
    struct span password;
    int result = board_seed(SEED_NAME, seed, sizeof(seed));

    if (result < 0) {
        log_error("account", "no administrator password (%s): every login is refused",
                  err_name(result));
        return result == ERR_TOO_BIG ? ERR_INVALID : ERR_NOT_FOUND;
    }
    password = without_newline(span_of(seed, (size_t)result));
    if (account_password_is_valid(password)) {
        make_ha1(ADMIN_NAME, password, admin.ha1);
        memcpy(admin.name, ADMIN_NAME, sizeof(ADMIN_NAME));
        admin.realms = ACCOUNT_REALMS_ALL;
        admin.is_enabled = true;
        result = 0;
    } else {
        log_error("account", "the administrator password breaks the password rule:"
                             " every login is refused");
        result = ERR_INVALID;
    }
    bytes_wipe(seed, sizeof(seed));
    return result;
}

int account_start(void)
{
    int result = digest_nonce_start();

    bytes_wipe(&admin, sizeof(admin));
    failure_seen = false;
    failures_unlogged = 0;
    return result < 0 ? result : load_admin();
}

const struct account *account_find(struct span name)
{
    if (!admin.is_enabled || !span_equal_str(name, admin.name)) {
        return NULL;
    }
    return &admin;
}

static void put_peer(struct sbuf *out, const uint8_t peer[ACCOUNT_PEER_LEN])
{
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

    if (memcmp(peer, mapped, sizeof(mapped)) == 0) {
        sbuf_printf(out, "%u.%u.%u.%u", peer[12], peer[13], peer[14], peer[15]);
        return;
    }
    for (size_t i = 0; i < ACCOUNT_PEER_LEN; i += 2) {
        sbuf_put_str(out, i > 0 ? ":" : "");
        sbuf_put_hex(out, (uint64_t)peer[i] << 8 | peer[i + 1], 1, false);
    }
}

void account_note_failure(struct span name, const uint8_t peer[ACCOUNT_PEER_LEN])
{
    char text[64];
    struct sbuf where;
    uint64_t now_us = board_now_us();

    if (failure_seen && now_us - failure_logged_us < FAILURE_LOG_US) {
        failures_unlogged++;
        return;
    }
    sbuf_init(&where, text, sizeof(text) - 1);
    put_peer(&where, peer);
    text[where.len] = '\0';
    name = span_slice(name, 0, FAILURE_NAME_LOG);
    log_warn("account", "login refused: user \"%.*s\" from %s (%u more before)",
             (int)name.len, name.len > 0 ? (const char *)name.ptr : "", text,
             failures_unlogged);
    failure_seen = true;
    failures_unlogged = 0;
    failure_logged_us = now_us;
}

void account_note_success(const struct account *account,
                          const uint8_t peer[ACCOUNT_PEER_LEN])
{
    char text[64];
    struct sbuf where;

    sbuf_init(&where, text, sizeof(text) - 1);
    put_peer(&where, peer);
    text[where.len] = '\0';
    log_debug("account", "user %s from %s", account->name, text);
}
