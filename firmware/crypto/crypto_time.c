/* SPDX-License-Identifier: ISC */
/* Time for Mbed TLS. It never jumps, as the wall clock might. */
#include "crypto/crypto_time.h"

#include "hal/board.h"
#include "mbedtls/platform_time.h"

enum { US_PER_S = 1000000, US_PER_MS = 1000 };

static mbedtls_time_t seconds(mbedtls_time_t *also)
{
    mbedtls_time_t now = (mbedtls_time_t)(board_now_us() / US_PER_S);

    if (also != NULL) {
        *also = now;
    }
    return now;
}

/* MBEDTLS_PLATFORM_MS_TIME_ALT */
mbedtls_ms_time_t mbedtls_ms_time(void)
{
    return (mbedtls_ms_time_t)(board_now_us() / US_PER_MS);
}

void crypto_time_start(void)
{
    (void)mbedtls_platform_set_time(seconds);
}
