/* SPDX-License-Identifier: ISC */
/*
 * Random numbers for keys, nonces and identifiers: Mbed TLS's CTR_DRBG (AES-256, NIST
 * SP 800-90A) seeded from the board. No number is ever given out that did not come from a
 * seeded generator.
 */
#ifndef VAMT_CRYPTO_RANDOM_H
#define VAMT_CRYPTO_RANDOM_H

#include <stddef.h>
#include <stdint.h>

#include "base/util.h"

/* Seed from board_entropy. Returns 0 or ERR_IO. */
int random_start(void) UTIL_MUST_CHECK;
/* Fill with random bytes. Returns 0; ERR_IO (dst zeroed) before a successful random_start
 * or when a due reseed got no entropy. */
int random_fill(void *dst, size_t len) UTIL_MUST_CHECK;
/* Mix in fresh entropy: after a resume or restore of the machine, whose copies would
 * otherwise give the same numbers. Returns 0, or ERR_IO: the old state stays in use. */
int random_reseed(void) UTIL_MUST_CHECK;
/* Call it in every turn of the main loop: reseeds when this may be a copy of a machine, i.e. when
 * the host port was connected anew (`opens` of hal/hostport.h, 0 while it is closed) or the wall clock
 * went another way than the monotonic one. Tries again later if there is no entropy. */
void random_watch(uint32_t opens, uint64_t now_us, int64_t wall_s);

#endif
