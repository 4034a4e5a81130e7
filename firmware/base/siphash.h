/* SPDX-License-Identifier: ISC */
/*
 * SipHash-2-4 (Aumasson, Bernstein, 2012): a fast keyed hash of short inputs. Not a
 * general cryptographic hash: for sequence numbers and hash tables only.
 */
#ifndef VAMT_BASE_SIPHASH_H
#define VAMT_BASE_SIPHASH_H

#include <stdint.h>

#include "base/span.h"

enum { SIPHASH_KEY_LEN = 16 };

/* The 64-bit hash of `data` under `key`. */
uint64_t siphash_24(const uint8_t key[SIPHASH_KEY_LEN], struct span data);

#endif
