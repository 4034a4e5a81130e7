/* SPDX-License-Identifier: ISC */
/*
 * The state lies in one record. Activation writes it last, so that a cut leaves PRE. Unprovisioning
 * writes it twice: first what is to be done, and when all is done that it is; in between nobody
 * is let in, because modules forget their accounts and the state in memory is PRE.
 */
#include "setup/setup.h"

#include "audit/audit_policy.h"
#include "base/err.h"
#include "base/log.h"
#include "base/util.h"
#include "engine/engine.h"
#include "hal/board.h"
#include "pki/pki.h"
#include "settings/settings.h"
#include "settings/tls_settings.h"
#include "setup/consent.h"
#include "setup/setup_chain.h"
#include "setup/setup_hash.h"
#include "setup/setup_mebx.h"
#include "setup/setup_record.h"
#include "store/record.h"
#include "store/store.h"

enum { VERSION = 1, RECORD_CAP = 8 };

/* What an unprovisioning has yet to do. */
enum pending { PENDING_NONE, PENDING_PARTIAL, PENDING_FULL, PENDING_COUNT };

struct now {
    uint8_t mode;    /* enum setup_mode; the state follows from it */
    uint8_t pending; /* enum pending */
    bool is_client_disabled;
};

static const char record_name[] = "setup";
static struct now now;

static int save(const struct now *next)
{
    uint8_t bytes[RECORD_CAP];
    struct record_writer w;

    record_writer_init(&w, bytes, sizeof(bytes));
    record_put_u8(&w, next->mode);
    record_put_u8(&w, next->pending);
    record_put_bool(&w, next->is_client_disabled);
    return store_write(record_name, VERSION, record_done(&w)) < 0 ? ERR_IO : 0;
}

static int first_error(int a, int b)
{
    return a < 0 ? a : b;
}

/* False: there is none, or none that can be read. */
static bool load(void)
{
    uint8_t bytes[RECORD_CAP];
    uint16_t version;
    struct record_reader r;
    int len = store_read(record_name, &version, bytes, sizeof(bytes));

    if (len < 0) {
        return false;
    }
    record_reader_init(&r, span_of(bytes, (size_t)len));
    now.mode = record_get_u8(&r, SETUP_MODE_NONE);
    now.pending = record_get_u8(&r, PENDING_NONE);
    now.is_client_disabled = record_get_bool(&r, false);
    return record_is_sound(&r) && now.mode <= SETUP_MODE_ADMIN &&
           now.pending < PENDING_COUNT;
}

/* First boot: the seeds say whose it is. */
static int begin(void)
{
    uint8_t text[8];
    int len = board_seed("unprovisioned", text, sizeof(text));
    struct setup_record record = {.kind = SETUP_RECORD_MANUAL};
    int result = 0;

    now = (struct now){.mode = SETUP_MODE_ADMIN};
    if (len != ERR_NOT_FOUND) {
        now.mode = SETUP_MODE_NONE;
    } else {
        result = setup_record_add(&record);
    }
    return first_error(save(&now), result);
}

/* As it is when nobody has changed the policy: all is audited, nothing is critical. */
static int reset_audit(void)
{
    enum { EVENTS_CAP = 160 };
    static struct audit_policy_entry entries[EVENTS_CAP];
    size_t count = 0;

    while (count < EVENTS_CAP && audit_policy_at(count, &entries[count])) {
        entries[count].is_enabled = true;
        entries[count].is_critical = false;
        count++;
    }
    return audit_policy_set(entries, count) < 0 ? ERR_IO : 0;
}

/* After each change of the mode. */
static void tell_accounts(void)
{
    account_let_users_in(setup_state() == SETUP_POST);
}

static int forget(bool is_full)
{
    int result = account_reset();

    result = first_error(result, pki_reset(!is_full));
    tls_settings_reset();
    result = first_error(result, settings_reset(!is_full));
    result = first_error(result, consent_reset());
    if (is_full) {
        result = first_error(result, setup_mebx_reset());
        result = first_error(result, reset_audit());
        now.is_client_disabled = false;
    }
    setup_chain_reset();
    return result;
}

/* All steps may be repeated: an unprovisioning that was cut off begins anew. */
static int finish(void)
{
    bool is_full = now.pending == PENDING_FULL;
    int result;

    now.mode = SETUP_MODE_NONE;
    tell_accounts();
    result = forget(is_full);
    if (result < 0) {
        log_error("setup", "unprovisioning: %s; goes on at the next start",
                  err_name(result));
        return ERR_IO;
    }
    now.pending = PENDING_NONE;
    return save(&now);
}

int setup_start(void)
{
    int result = setup_chain_start();

    setup_hash_start();
    setup_record_start();
    consent_start();
    if (!load()) {
        result = first_error(result, begin());
    } else if (now.pending != PENDING_NONE) {
        log_warn("setup", "an unprovisioning was cut off");
        result = first_error(result, pki_start()); /* it forgets what it has loaded */
        result = first_error(result, finish());
    }
    tell_accounts();
    log_info("setup", "%s", setup_name());
    return result;
}

enum setup_state setup_state(void)
{
    return now.mode == SETUP_MODE_NONE ? SETUP_PRE : SETUP_POST;
}

enum setup_mode setup_mode(void)
{
    return (enum setup_mode)now.mode;
}

const char *setup_name(void)
{
    static const char *const names[] = {[SETUP_MODE_NONE] = "unprovisioned",
                                        [SETUP_MODE_CLIENT] = "client control",
                                        [SETUP_MODE_ADMIN] = "admin control"};

    return names[now.mode];
}

/* Write first; memory follows. */
static int enter(const struct now *next)
{
    int result = save(next);

    if (result < 0) {
        return result;
    }
    now = *next;
    tell_accounts();
    log_info("setup", "now in %s", setup_name());
    return 0;
}

int setup_activate(enum setup_mode mode, const uint8_t ha1[ACCOUNT_HA1_LEN])
{
    struct now next = now;
    int result;

    if (setup_state() != SETUP_PRE || now.pending != PENDING_NONE ||
        mode == SETUP_MODE_NONE) {
        return ERR_INVALID;
    }
    if (mode == SETUP_MODE_CLIENT && !setup_allows_client()) {
        return ERR_DENIED;
    }
    if (account_set_admin(span_str("admin"), ha1) < 0) {
        return ERR_IO;
    }
    next.mode = (uint8_t)mode;
    result = enter(&next);
    if (result < 0 && account_reset() < 0) {
        log_error("setup", "the account of a failed activation stays");
    }
    return result;
}

int setup_upgrade(void)
{
    struct now next = now;

    if (setup_mode() != SETUP_MODE_CLIENT) {
        return ERR_INVALID;
    }
    next.mode = SETUP_MODE_ADMIN;
    return enter(&next);
}

bool setup_allows_client(void)
{
    return !now.is_client_disabled;
}

int setup_disable_client(void)
{
    struct now next = now;

    if (setup_mode() != SETUP_MODE_ADMIN) {
        return ERR_INVALID;
    }
    next.is_client_disabled = true;
    return enter(&next);
}

int setup_unprovision(bool is_full)
{
    struct now next = now;
    int result;

    if (setup_state() == SETUP_PRE) {
        return ERR_INVALID;
    }
    next.pending = is_full ? PENDING_FULL : PENDING_PARTIAL;
    if (save(&next) < 0) {
        return ERR_IO;
    }
    now = next;
    log_info("setup", "unprovisioning, %s", is_full ? "full" : "partial");
    result = finish();
    engine_reset("unprovisioned");
    return result;
}
