/* SPDX-License-Identifier: ISC */
/*
 * Digests of byte strings given in parts, without a context to keep. MD5 (RFC 1321) is
 * here for HTTP digest authentication alone; SHA-256 carries everything of our own
 * choice.
 */
#ifndef VAMT_CRYPTO_HASH_H
#define VAMT_CRYPTO_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

enum { HASH_MD5_LEN = 16, HASH_SHA256_LEN = 32 };

/* Digest of the parts one after the other. */
void hash_md5(const struct span *parts, size_t count, uint8_t digest[HASH_MD5_LEN]);
void hash_sha256(const struct span *parts, size_t count, uint8_t digest[HASH_SHA256_LEN]);
/* HMAC-SHA-256 (RFC 2104). */
void hash_hmac_sha256(struct span key, struct span text, uint8_t mac[HASH_SHA256_LEN]);

#endif
