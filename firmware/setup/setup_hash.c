/* SPDX-License-Identifier: ISC */
/* The seed's text into a table. */
#include "setup/setup_hash.h"

#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "config.h"
#include "crypto/hash.h"
#include "hal/board.h"

/* A name, a space and a fingerprint with colons, for each. */
enum { SEED_CAP = CONFIG_SETUP_HASHES * (SETUP_HASH_NAME_CAP + 3 * SETUP_HASH_LEN + 2) };

static const char seed_name[] = "provisioning-hashes";
static struct setup_hash hashes[CONFIG_SETUP_HASHES];
static size_t count;

/* "aa:bb" or "aabb", exactly SETUP_HASH_LEN bytes. */
static bool parse_hash(struct span text, uint8_t hash[SETUP_HASH_LEN])
{
    uint64_t byte;

    for (size_t i = 0; i < SETUP_HASH_LEN; i++) {
        struct span digits;

        if (i > 0 && span_starts_with(text, ":")) {
            text = span_slice(text, 1, text.len);
        }
        if (!span_take(&text, 2, &digits) ||
            !span_hex_to_uint(digits, UINT8_MAX, &byte)) {
            return false;
        }
        hash[i] = (uint8_t)byte;
    }
    return text.len == 0;
}

/* The name may hold spaces; the hash is the last word. */
static bool parse_line(struct span line, struct setup_hash *hash)
{
    size_t split = line.len;

    while (split > 0 && line.ptr[split - 1] != ' ' && line.ptr[split - 1] != '\t') {
        split--;
    }
    if (!parse_hash(span_slice(line, split, line.len), hash->sha256)) {
        return false;
    }
    line = span_trim(span_slice(line, 0, split));
    return line.len > 0 && span_copy_str(line, hash->name, sizeof(hash->name)) > 0;
}

static void take_line(struct span line, unsigned number)
{
    if (line.len == 0 || line.ptr[0] == '#') {
        return;
    }
    if (count == CONFIG_SETUP_HASHES) {
        log_warn("setup", "seed %s: line %u is one too many", seed_name, number);
    } else if (parse_line(line, &hashes[count])) {
        count++;
    } else {
        log_warn("setup", "seed %s: line %u is not NAME SHA256", seed_name, number);
    }
}

void setup_hash_start(void)
{
    static uint8_t seed[SEED_CAP];
    int len = board_seed(seed_name, seed, sizeof(seed));
    struct span rest;

    count = 0;
    memset(hashes, 0, sizeof(hashes));
    if (len < 0) {
        if (len != ERR_NOT_FOUND) {
            log_warn("setup", "seed %s cannot be read: %s", seed_name, err_name(len));
        }
        return;
    }
    rest = span_of(seed, (size_t)len);
    for (unsigned number = 1; rest.len > 0; number++) {
        size_t end = span_find(rest, '\n');

        take_line(span_trim(span_slice(rest, 0, end)), number);
        rest = span_slice(rest, end + 1, rest.len);
    }
}

size_t setup_hash_count(void)
{
    return count;
}

const struct setup_hash *setup_hash_at(size_t index)
{
    return index < count ? &hashes[index] : NULL;
}

const struct setup_hash *setup_hash_find(struct span der)
{
    uint8_t hash[SETUP_HASH_LEN];

    _Static_assert(sizeof(hash) == HASH_SHA256_LEN, "SHA-256");
    hash_sha256(&der, 1, hash);
    for (size_t i = 0; i < count; i++) {
        if (memcmp(hashes[i].sha256, hash, sizeof(hash)) == 0) {
            return &hashes[i];
        }
    }
    return NULL;
}
