/* SPDX-License-Identifier: ISC */
/*
 * Digests through Mbed TLS. Its functions can only fail where hardware computes; with the
 * software implementation a failure is a bug of the build.
 */
#include "crypto/hash.h"

#include <string.h>

#include "base/bytes.h"
#include "base/panic.h"
#include "mbedtls/md5.h"
#include "mbedtls/sha256.h"

enum { BLOCK_LEN = 64, INNER_PAD = 0x36, OUTER_PAD = 0x5c };

void hash_md5(const struct span *parts, size_t count, uint8_t digest[HASH_MD5_LEN])
{
    mbedtls_md5_context md5;
    int failed;

    mbedtls_md5_init(&md5);
    failed = mbedtls_md5_starts(&md5);
    for (size_t i = 0; i < count; i++) {
        failed |= mbedtls_md5_update(&md5, parts[i].ptr, parts[i].len);
    }
    failed |= mbedtls_md5_finish(&md5, digest);
    mbedtls_md5_free(&md5);
    panic_unless(failed == 0);
}

void hash_sha256(const struct span *parts, size_t count, uint8_t digest[HASH_SHA256_LEN])
{
    mbedtls_sha256_context sha;
    int failed;

    mbedtls_sha256_init(&sha);
    failed = mbedtls_sha256_starts(&sha, 0);
    for (size_t i = 0; i < count; i++) {
        failed |= mbedtls_sha256_update(&sha, parts[i].ptr, parts[i].len);
    }
    failed |= mbedtls_sha256_finish(&sha, digest);
    mbedtls_sha256_free(&sha);
    panic_unless(failed == 0);
}

void hash_hmac_sha256(struct span key, struct span text, uint8_t mac[HASH_SHA256_LEN])
{
    uint8_t block[BLOCK_LEN] = {0};
    uint8_t inner[HASH_SHA256_LEN];
    struct span parts[2] = {{block, sizeof(block)}, text};

    if (key.len > sizeof(block)) {
        hash_sha256(&key, 1, block);
    } else if (key.len > 0) {
        memcpy(block, key.ptr, key.len);
    }
    for (size_t i = 0; i < sizeof(block); i++) {
        block[i] ^= INNER_PAD;
    }
    hash_sha256(parts, 2, inner);
    for (size_t i = 0; i < sizeof(block); i++) {
        block[i] ^= INNER_PAD ^ OUTER_PAD;
    }
    parts[1] = span_of(inner, sizeof(inner));
    hash_sha256(parts, 2, mac);
    bytes_wipe(block, sizeof(block));
    bytes_wipe(inner, sizeof(inner));
}
