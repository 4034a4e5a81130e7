/* SPDX-License-Identifier: ISC */
/*
 * Nonces of digest authentication: 8 bytes little-endian time, 4 zero bytes, 12 bytes
 * that only this device can make (a MAC over the time), as 32 base64 characters.
 *
 * A nonce costs no memory until somebody has logged in with it, so a flood of
 * unauthenticated requests cannot push out the nonces in use. From then on a table
 * remembers which request counts (nc) were seen: each passes once, in any order within a
 * window, because a console's parallel connections share a nonce and overtake each other.
 */
#ifndef VAMT_ACCOUNT_DIGEST_NONCE_H
#define VAMT_ACCOUNT_DIGEST_NONCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/sbuf.h"
#include "base/span.h"
#include "base/util.h"

enum {
    DIGEST_NONCE_LEN = 32,   /* characters */
    DIGEST_NONCE_WINDOW = 64 /* an nc so far behind the highest one is refused */
};

/* New secret, empty table: nonces of before are stale. Returns 0 or ERR_IO. */
int digest_nonce_start(void) UTIL_MUST_CHECK;

/* Write a new nonce. */
void digest_nonce_put(struct sbuf *out);

/* Use a nonce that came with a *correct* response of `name`. 0: fine, (nonce, nc) is used up.
 * ERR_TIMEOUT: not ours, too old, or forgotten. ERR_EXISTS: this nc was used before or is
 * behind the window. Both mean stale="true". */
int digest_nonce_use(struct span nonce, uint32_t nc, struct span name) UTIL_MUST_CHECK;

/* Has `name` been the first to use this nonce, and is it still good? Then its sender has had the
 * password, or has listened to somebody who has and can try passwords at home. */
bool digest_nonce_is_proved(struct span nonce, struct span name);

#endif
