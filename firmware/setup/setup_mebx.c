/* SPDX-License-Identifier: ISC */
/* PBKDF2 (RFC 8018) with HMAC-SHA-256, one block. The record is read when it is needed. */
#include "setup/setup_mebx.h"

#include <string.h>

#include "account/account.h"
#include "base/bytes.h"
#include "base/err.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "store/record.h"
#include "store/store.h"

/* Rounds: some ten milliseconds on an emulated CPU. */
enum { VERSION = 1, RECORD_CAP = 64, SALT_LEN = 16, ROUNDS = 2000 };

static const char record_name[] = "mebx";

static void stretch(struct span password, struct span salt, uint8_t key[HASH_SHA256_LEN])
{
    uint8_t block[SALT_LEN + 4] = {0};
    uint8_t u[HASH_SHA256_LEN];

    memcpy(block, salt.ptr, SALT_LEN);
    block[sizeof(block) - 1] = 1; /* number of the block, big-endian */
    hash_hmac_sha256(password, span_of(block, sizeof(block)), u);
    memcpy(key, u, sizeof(u));
    for (unsigned i = 1; i < ROUNDS; i++) {
        hash_hmac_sha256(password, span_of(u, sizeof(u)), u);
        for (size_t k = 0; k < sizeof(u); k++) {
            key[k] ^= u[k];
        }
    }
    bytes_wipe(u, sizeof(u));
}

int setup_mebx_set(struct span password)
{
    uint8_t salt[SALT_LEN];
    uint8_t key[HASH_SHA256_LEN];
    uint8_t bytes[RECORD_CAP];
    struct record_writer w;
    int result;

    if (!account_password_is_valid(password)) {
        return ERR_INVALID;
    }
    if (random_fill(salt, sizeof(salt)) < 0) {
        return ERR_IO;
    }
    stretch(password, span_of(salt, sizeof(salt)), key);
    record_writer_init(&w, bytes, sizeof(bytes));
    record_put_octets(&w, span_of(salt, sizeof(salt)));
    record_put_octets(&w, span_of(key, sizeof(key)));
    result = store_write(record_name, VERSION, record_done(&w));
    bytes_wipe(key, sizeof(key));
    return result < 0 ? ERR_IO : 0;
}

bool setup_mebx_is(struct span password)
{
    uint8_t bytes[RECORD_CAP];
    uint8_t key[HASH_SHA256_LEN];
    uint16_t version;
    struct record_reader r;
    struct span salt;
    struct span kept;
    int len = store_read(record_name, &version, bytes, sizeof(bytes));

    if (len < 0) {
        return false;
    }
    record_reader_init(&r, span_of(bytes, (size_t)len));
    salt = record_get_octets(&r);
    kept = record_get_octets(&r);
    if (!record_is_sound(&r) || salt.len != SALT_LEN || kept.len != sizeof(key)) {
        return false;
    }
    stretch(password, salt, key);
    return bytes_equal_secret(key, kept.ptr, sizeof(key));
}

int setup_mebx_reset(void)
{
    return store_remove(record_name) < 0 ? ERR_IO : 0;
}
