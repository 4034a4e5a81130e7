/* SPDX-License-Identifier: ISC */
/*
 * The MAC of records: HMAC-SHA-256, cut to 16 bytes, over a label, the record's name filled up
 * with zeroes, and all of the file behind the MAC. One buffer holds it in that order:
 *
 *     label 16 | name 24 | version 2 | erases 4 | content
 *     `------- not in the file ------' `- in the file, behind the MAC
 */
#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "crypto/hash.h"
#include "store/store_priv.h"

#define LABEL_RECORD "vAMT record 1"
#define LABEL_KEY_ID "vAMT key id 1"

enum {
    LABEL_LEN = 16,
    NAME_AT = LABEL_LEN,
    VERSION_AT = NAME_AT + CONFIG_STORE_NAME_CAP,
    ERASES_AT = VERSION_AT + 2,
    CONTENT_AT = ERASES_AT + 4,
    MAC_AT = VERSION_AT - STORE_MAC_LEN /* where the file's bytes begin */
};
_Static_assert(sizeof(LABEL_RECORD) <= LABEL_LEN, "the label is filled up with zeroes");
_Static_assert(CONTENT_AT - MAC_AT == STORE_HEADER_LEN, "as in the file");
_Static_assert(CONFIG_STORE_NAME_CAP >= STORE_MAC_LEN, "the MAC overlays the name only");

static uint8_t key[STORE_KEY_LEN];
static uint8_t work[CONTENT_AT + CONFIG_STORE_RECORD_CAP];

void store_seal_set_key(const uint8_t new_key[STORE_KEY_LEN])
{
    memcpy(key, new_key, sizeof(key));
}

void store_seal_key_id(uint8_t id[STORE_KEY_ID_LEN])
{
    uint8_t mac[HASH_SHA256_LEN];

    hash_hmac_sha256(span_of(key, sizeof(key)), span_str(LABEL_KEY_ID), mac);
    memcpy(id, mac, STORE_KEY_ID_LEN);
}

/* The MAC of what is in `work` from VERSION_AT on. */
static void compute_mac(const char *name, size_t content_len,
                        uint8_t mac[HASH_SHA256_LEN])
{
    memset(work, 0, VERSION_AT);
    memcpy(work, LABEL_RECORD, sizeof(LABEL_RECORD));
    memcpy(work + NAME_AT, name, strlen(name));
    hash_hmac_sha256(span_of(key, sizeof(key)), span_of(work, CONTENT_AT + content_len),
                     mac);
}

struct span store_seal_close(const struct store_seal *seal)
{
    uint8_t mac[HASH_SHA256_LEN];

    bytes_put_le16(work + VERSION_AT, seal->version);
    bytes_put_le32(work + ERASES_AT, seal->erases);
    if (seal->content.len > 0) {
        memcpy(work + CONTENT_AT, seal->content.ptr, seal->content.len);
    }
    compute_mac(seal->name, seal->content.len, mac);
    memcpy(work + MAC_AT, mac, STORE_MAC_LEN);
    return span_of(work + MAC_AT, STORE_HEADER_LEN + seal->content.len);
}

uint8_t *store_seal_buffer(void)
{
    return work + MAC_AT;
}

int store_seal_open(const char *name, size_t len, struct store_seal *seal)
{
    uint8_t found[STORE_MAC_LEN];
    uint8_t mac[HASH_SHA256_LEN];

    if (len < STORE_HEADER_LEN || len > STORE_FILE_CAP) {
        return ERR_INVALID;
    }
    memcpy(found, work + MAC_AT, sizeof(found));
    compute_mac(name, len - STORE_HEADER_LEN, mac);
    if (!bytes_equal_secret(found, mac, sizeof(found))) {
        return ERR_INVALID;
    }
    *seal = (struct store_seal){
        .name = name,
        .version = bytes_get_le16(work + VERSION_AT),
        .erases = bytes_get_le32(work + ERASES_AT),
        .content = span_of(work + CONTENT_AT, len - STORE_HEADER_LEN)};
    return 0;
}
