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

/* What random_watch knows: the number of connections that it has reseeded for, the difference of
 * the two clocks, and when it may try again. */
enum { JUMP_S = 5, AGAIN_US = 1000000 };
static uint32_t seen_opens;
static int64_t seen_skew_s;
static bool has_skew;
static bool is_due;
static uint64_t again_us;

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
    has_skew = is_due = false;
    seen_opens = 0;
    again_us = 0;
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
    /* Copies of one machine part here already, unless they ask in the same microsecond. */
    unsigned char moment[sizeof(uint64_t)];

    bytes_put_le64(moment, board_now_us());
    while (seeded && left > 0) {
        size_t part = util_min(left, MBEDTLS_CTR_DRBG_MAX_REQUEST);

        if (mbedtls_ctr_drbg_random_with_add(&generator, at, part, moment,
                                             sizeof(moment)) != 0) {
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

/* True if the two clocks have gone apart since the last call. */
static bool has_jumped(uint64_t now_us, int64_t wall_s)
{
    int64_t skew_s = wall_s - (int64_t)(now_us / 1000000);
    int64_t jump_s = skew_s - seen_skew_s;
    bool jumped = has_skew && (jump_s > JUMP_S || jump_s < -JUMP_S);

    if (jumped || !has_skew) {
        seen_skew_s = skew_s;
        has_skew = true;
    }
    return jumped;
}

void random_watch(uint32_t opens, uint64_t now_us, int64_t wall_s)
{
    is_due |= has_jumped(now_us, wall_s) || (opens != 0 && opens != seen_opens);
    if (opens != 0) {
        seen_opens = opens;
    }
    if (!is_due || now_us < again_us) {
        return;
    }
    is_due = random_reseed() < 0;
    again_us = now_us + AGAIN_US;
    if (is_due) {
        log_warn("crypto", "no entropy: random numbers go on from the old seed");
    } else {
        log_info("crypto", "random numbers seeded anew");
    }
}
