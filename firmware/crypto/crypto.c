/* SPDX-License-Identifier: ISC */
/* Memory before anything that could allocate, then random numbers, then PSA, which TLS 1.3 needs
 * and which takes its random numbers from here. */
#include "crypto/crypto.h"

#include "base/err.h"
#include "base/log.h"
#include "crypto/arena.h"
#include "crypto/crypto_time.h"
#include "crypto/random.h"
#include "psa/crypto.h"

/* Called by PSA, as MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG says. */
psa_status_t
mbedtls_psa_external_get_random(mbedtls_psa_external_random_context_t *unused,
                                uint8_t *dst, size_t cap, size_t *len)
{
    (void)unused;
    *len = 0;
    if (random_fill(dst, cap) < 0) {
        return PSA_ERROR_INSUFFICIENT_ENTROPY;
    }
    *len = cap;
    return PSA_SUCCESS;
}

int crypto_start(void)
{
    mbedtls_psa_crypto_free(); /* of a start before, in tests: it knows the arena as it was */
    arena_start();
    crypto_time_start();
    if (random_start() < 0) {
        return ERR_IO;
    }
    if (psa_crypto_init() != PSA_SUCCESS) {
        log_error("crypto", "the library did not start");
        return ERR_IO;
    }
    return 0;
}
