/* SPDX-License-Identifier: ISC */
/* Start of the cryptographic services (random.h, hash.h). */
#ifndef VAMT_CRYPTO_CRYPTO_H
#define VAMT_CRYPTO_CRYPTO_H

#include "base/util.h"

/* Seed the random generator. After board_start. Returns 0, or ERR_IO without entropy:
 * nothing that needs a secret can work then. */
int crypto_start(void) UTIL_MUST_CHECK;

#endif
