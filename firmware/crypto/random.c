/* SPDX-License-Identifier: ISC */
/* CTR_DRBG over the board's entropy. */
#include "crypto/random.h"

#include <stdbool.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/log.h"
#include "base/util.h"
#include "hal/board.h"
#include "mbedtls/ctr_drbg.h"

static mbedtls_ctr_drbg_context generator;
static bool seeded;

static int take_entropy(void *unused, unsigned char *dst, size_t len)
{
    (void)unused;
    return board_entropy(dst, len) == 0 ? 0 : MBEDTLS_ERR_CTR_DRBG_ENTROPY_SOURCE_FAILED;
}

int random_start(void)
{
    static const unsigned char label[] = "vAMT random 1";

    if (seeded) {
        mbedtls_ctr_drbg_free(&generator);
    }
    seeded = false;
    mbedtls_ctr_drbg_init(&generator);
    if (mbedtls_ctr_drbg_seed(&generator, take_entropy, NULL, label, sizeof(label)) !=
        0) {
        mbedtls_ctr_drbg_free(&generator);
        log_error("crypto", "no entropy: the random generator is not seeded");
        return ERR_IO;
    }
    seeded = true;
    return 0;
}

int random_fill(void *dst, size_t len)
{
    uint8_t *at = dst;
    size_t left = len;

    while (seeded && left > 0) {
        size_t part = util_min(left, MBEDTLS_CTR_DRBG_MAX_REQUEST);

        if (mbedtls_ctr_drbg_random(&generator, at, part) != 0) {
            break;
        }
        at += part;
        left -= part;
    }
    if (!seeded || left > 0) {
        bytes_wipe(dst, len);
        return ERR_IO;
    }
    return 0;
}

int random_reseed(void)
{
    if (!seeded || mbedtls_ctr_drbg_reseed(&generator, NULL, 0) != 0) {
        return ERR_IO;
    }
    return 0;
}
