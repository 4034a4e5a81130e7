/* SPDX-License-Identifier: ISC */
/*
 * The search for an RSA pair, one slice at a time:
 *
 *   P --(prime found)--> Q --(prime found)--> PAIR --(numbers computed)--> DER --> idle
 *
 * A prime is found as FIPS 186-4 B.3.3 does it: random odd candidates with the two top bits set
 * (so that the product has all its bits), each tested by trial division and one round of
 * Miller-Rabin; one that passes gets the remaining rounds, one by one. A candidate whose
 * predecessor shares a factor with the exponent, or which is too near to the other prime, is
 * dropped.
 */
#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "crypto/keypair.h"
#include "crypto/pk_priv.h"
#include "crypto/random.h"
#include "hal/board.h"
#include "mbedtls/bignum.h"
#include "mbedtls/pk.h"
#include "mbedtls/rsa.h"

enum {
    EXPONENT = 65537,
    SLICE_US = 20000,
    ROUNDS = 8,     /* enough for an error below 2^-100 at 1024 bits and more */
    NEAR_BITS = 100 /* of the primes' leading bits, not all may be the same */
};

enum search_state { SEARCH_IDLE, SEARCH_P, SEARCH_Q, SEARCH_PAIR, SEARCH_DER };

static struct {
    enum search_state state;
    unsigned bits;
    unsigned rounds; /* that the candidate has passed */
    mbedtls_mpi candidate;
    mbedtls_mpi p;
    mbedtls_pk_context key;
} search;

int keypair_rsa_start(unsigned bits)
{
    int result;

    if (bits != 2048 && bits != 3072 && bits != 4096) {
        return ERR_INVALID;
    }
    if (search.state != SEARCH_IDLE) {
        return ERR_BUSY;
    }
    search.bits = bits;
    search.rounds = 0;
    mbedtls_mpi_init(&search.candidate);
    mbedtls_mpi_init(&search.p);
    mbedtls_pk_init(&search.key);
    result = mbedtls_pk_setup(&search.key, mbedtls_pk_info_from_type(MBEDTLS_PK_RSA));
    search.state = SEARCH_P;
    if (result != 0) {
        keypair_rsa_stop();
        return pk_priv_error(result, ERR_FULL);
    }
    return 0;
}

void keypair_rsa_stop(void)
{
    if (search.state == SEARCH_IDLE) {
        return;
    }
    mbedtls_mpi_free(&search.candidate);
    mbedtls_mpi_free(&search.p);
    mbedtls_pk_free(&search.key);
    search.state = SEARCH_IDLE;
}

static int draw(void)
{
    uint8_t bytes[4096 / 2 / 8];
    size_t len = search.bits / 2 / 8;
    int result;

    if (random_fill(bytes, len) < 0) {
        return MBEDTLS_ERR_RSA_RNG_FAILED;
    }
    bytes[0] |= 0xc0;
    bytes[len - 1] |= 1;
    result = mbedtls_mpi_read_binary(&search.candidate, bytes, len);
    bytes_wipe(bytes, sizeof(bytes));
    return result;
}

/* 1: the exponent has an inverse modulo candidate - 1. It is prime, so one division tells. */
static int suits_exponent(void)
{
    mbedtls_mpi_uint rest;
    int result = mbedtls_mpi_mod_int(&rest, &search.candidate, EXPONENT);

    return result != 0 ? result : rest != 1;
}

/* 1: far enough from P (FIPS 186-4, B.3.3 step 5.4). */
static int is_far_from_p(void)
{
    mbedtls_mpi distance;
    int result;

    mbedtls_mpi_init(&distance);
    result = mbedtls_mpi_sub_abs(
        &distance,
        mbedtls_mpi_cmp_abs(&search.p, &search.candidate) > 0 ? &search.p
                                                              : &search.candidate,
        mbedtls_mpi_cmp_abs(&search.p, &search.candidate) > 0 ? &search.candidate
                                                              : &search.p);
    if (result == 0) {
        result = mbedtls_mpi_bitlen(&distance) > search.bits / 2 - NEAR_BITS;
    }
    mbedtls_mpi_free(&distance);
    return result;
}

/* One candidate and one round, or one more round. 1: it is prime. */
static int try_candidate(void)
{
    int result = search.rounds == 0 ? draw() : 0;

    if (result == 0) {
        result = mbedtls_mpi_is_prime_ext(&search.candidate, 1, pk_priv_random, NULL);
    }
    if (result == MBEDTLS_ERR_MPI_NOT_ACCEPTABLE) {
        search.rounds = 0;
        return 0;
    }
    if (result != 0) {
        return result;
    }
    search.rounds++;
    return search.rounds == ROUNDS;
}

static int found_p(void)
{
    int result = suits_exponent();

    search.rounds = 0;
    if (result == 1) {
        search.state = SEARCH_Q;
        return mbedtls_mpi_copy(&search.p, &search.candidate);
    }
    return result;
}

static int found_q(void)
{
    int result = suits_exponent();

    search.rounds = 0;
    if (result == 1) {
        result = is_far_from_p();
    }
    if (result == 1) {
        search.state = SEARCH_PAIR;
        return 0;
    }
    return result;
}

static int compute(void)
{
    mbedtls_rsa_context *rsa = mbedtls_pk_rsa(search.key);
    mbedtls_mpi exponent;
    int result;

    mbedtls_mpi_init(&exponent);
    result = mbedtls_mpi_lset(&exponent, EXPONENT);
    if (result == 0) {
        result = mbedtls_rsa_import(rsa, NULL, &search.p, &search.candidate, NULL,
                                    &exponent);
    }
    if (result == 0) {
        result = mbedtls_rsa_complete(rsa);
    }
    mbedtls_mpi_free(&exponent);
    search.state = SEARCH_DER;
    return result;
}

static int finish(struct sbuf *private, struct sbuf *public)
{
    int result = mbedtls_rsa_check_privkey(mbedtls_pk_rsa(search.key));

    if (result != 0) {
        return pk_priv_error(result, ERR_IO);
    }
    return pk_priv_put_pair(&search.key, private, public);
}

/* One piece of work; 0 or an error of Mbed TLS. */
static int work(void)
{
    int result;

    if (search.state == SEARCH_PAIR) {
        return compute();
    }
    result = try_candidate();
    if (result == 1) {
        result = search.state == SEARCH_P ? found_p() : found_q();
    }
    return result < 0 ? result : 0;
}

int keypair_rsa_step(struct sbuf *private, struct sbuf *public)
{
    uint64_t end_us = board_now_us() + SLICE_US;
    int result;

    if (search.state == SEARCH_IDLE) {
        return ERR_INVALID;
    }
    if (search.state == SEARCH_DER) {
        result = finish(private, public);
        keypair_rsa_stop();
        return result < 0 ? result : 1;
    }
    do {
        result = work();
        if (result != 0) {
            keypair_rsa_stop();
            return pk_priv_error(result, ERR_IO);
        }
    } while (search.state < SEARCH_PAIR && board_now_us() < end_us);
    return 0;
}
