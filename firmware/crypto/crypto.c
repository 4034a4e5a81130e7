/* SPDX-License-Identifier: ISC */
/* Mbed TLS's memory arena joins here when TLS does; digests and the DRBG need no
 * memory. */
#include "crypto/crypto.h"

#include "crypto/random.h"

int crypto_start(void)
{
    return random_start();
}
