/* SPDX-License-Identifier: ISC */
/* One record: the administrator, the local system's password, then the users. A record with
 * a user that this image would not accept is refused as a whole: it cannot tell what else of it is
 * wrong, and a damaged list must not open a door. */
#include "account/account_store.h"

#include <string.h>

#include "account/account_rule.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/log.h"
#include "store/record.h"
#include "store/store.h"

enum {
    VERSION = 1,
    /* handle, access, enabled, realms, and three texts or octets with their lengths */
    ENTRY_CAP = 4 + 1 + 1 + 8 + 2 + CONFIG_ACCOUNT_NAME_CAP + 2 + ACCOUNT_HA1_LEN + 2 +
                ACCOUNT_SID_CAP,
    RECORD_CAP = (1 + ACCOUNT_STORE_USERS) * ENTRY_CAP + 2 + ACCOUNT_HA1_LEN + 2
};
_Static_assert(RECORD_CAP <= CONFIG_STORE_RECORD_CAP,
               "accounts must fit into one record");

static const char record_name[] = "accounts";

static void put_entry(struct record_writer *w, const struct account *account)
{
    record_put_u32(w, account->handle);
    record_put_u8(w, (uint8_t)account->access);
    record_put_bool(w, account->is_enabled);
    record_put_u64(w, account->realms);
    record_put_text(w, account->name);
    record_put_octets(w, span_of(account->ha1, sizeof(account->ha1)));
    record_put_octets(w, span_of(account->sid, account->sid_len));
}

static void get_octets(struct record_reader *r, uint8_t *dst, size_t cap, uint8_t *len)
{
    struct span octets = record_get_octets(r);

    if (octets.len > cap) {
        r->is_bad = true;
        return;
    }
    memset(dst, 0, cap);
    if (octets.len > 0) {
        memcpy(dst, octets.ptr, octets.len);
    }
    *len = (uint8_t)octets.len;
}

static void get_entry(struct record_reader *r, struct account *account)
{
    uint8_t len = 0;

    account->handle = record_get_u32(r, 0);
    account->access = (enum account_access)record_get_u8(r, ACCOUNT_ACCESS_LOCAL);
    account->is_enabled = record_get_bool(r, false);
    account->realms = record_get_u64(r, 0);
    record_get_text(r, account->name, sizeof(account->name));
    get_octets(r, account->ha1, sizeof(account->ha1), &len);
    r->is_bad = r->is_bad || len != ACCOUNT_HA1_LEN;
    get_octets(r, account->sid, sizeof(account->sid), &account->sid_len);
}

static void get_table(struct record_reader *r, struct account_table *table)
{
    uint8_t len = 0;
    uint8_t count;

    get_entry(r, &table->admin);
    table->admin.is_admin = table->admin.name[0] != '\0';
    get_octets(r, table->local_ha1, sizeof(table->local_ha1), &len);
    count = record_get_u8(r, 0);
    r->is_bad = r->is_bad || len != ACCOUNT_HA1_LEN || count > ACCOUNT_STORE_USERS;
    for (size_t i = 0; i < count && !r->is_bad; i++) {
        struct account *user = &table->users[i];

        get_entry(r, user);
        r->is_bad = r->is_bad || account_rule_check(user) < 0 ||
                    user->handle <=
                        (i > 0 ? table->users[i - 1].handle : ACCOUNT_SYSTEM_COUNT);
        table->count++;
    }
}

int account_store_load(struct account_table *table)
{
    struct record_reader r;
    struct span content;
    uint16_t version;

    memset(table, 0, sizeof(*table));
    if (store_view(record_name, &version, &content) < 0) {
        return ERR_NOT_FOUND;
    }
    record_reader_init(&r, content);
    get_table(&r, table);
    if (version < VERSION || !record_is_sound(&r)) {
        log_error("account", "the stored accounts cannot be read and are dropped");
        bytes_wipe(table, sizeof(*table));
        return ERR_NOT_FOUND;
    }
    return 0;
}

int account_store_save(const struct account_table *table)
{
    uint8_t bytes[RECORD_CAP];
    struct record_writer w;
    int result;

    record_writer_init(&w, bytes, sizeof(bytes));
    put_entry(&w, &table->admin);
    record_put_octets(&w, span_of(table->local_ha1, sizeof(table->local_ha1)));
    record_put_u8(&w, (uint8_t)table->count);
    for (size_t i = 0; i < table->count; i++) {
        put_entry(&w, &table->users[i]);
    }
    result = store_write(record_name, VERSION, record_done(&w));
    bytes_wipe(bytes, sizeof(bytes));
    return result;
}
