/* SPDX-License-Identifier: ISC */
/* crypto/keypair*.c: pairs that OpenSSL accepts, made in slices; foreign keys are checked. */
#include "unit.h"

#include "base/err.h"
#include "config.h"
#include "crypto/arena.h"
#include "crypto/crypto.h"
#include "crypto/keypair.h"
#include "http/fake_board.h"
#include "openssl.h"

static uint8_t bytes[CONFIG_PKI_KEY_CAP];
static uint8_t private_der[CONFIG_PKI_KEY_CAP];
static uint8_t public_der[KEYPAIR_PUBLIC_CAP];
static struct sbuf made;
static struct sbuf private;
static struct sbuf public;

static int setup(void **state)
{
    (void)state;
    fake_board_reset();
    assert_int_equal(crypto_start(), 0);
    openssl_open();
    sbuf_init(&made, bytes, sizeof(bytes));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    keypair_rsa_stop();
    assert_true(arena_is_sound());
    openssl_close();
    return 0;
}

static int describe(struct span der, struct keypair_info *info)
{
    sbuf_init(&private, private_der, sizeof(private_der));
    sbuf_init(&public, public_der, sizeof(public_der));
    return keypair_describe(der, info, &private, &public);
}

static int make_p256(struct sbuf *der)
{
    sbuf_init(&public, public_der, sizeof(public_der));
    return keypair_make_p256(der, &public);
}

static int step(void)
{
    sbuf_init(&public, public_der, sizeof(public_der));
    return keypair_rsa_step(&made, &public);
}

static size_t blocks(void)
{
    struct arena_status status;

    arena_get_status(&status);
    return status.blocks;
}

static void test_p256_is_what_openssl_takes(void **state)
{
    struct keypair_info info;

    (void)state;
    assert_int_equal(make_p256(&made), 0);
    openssl_write("key", sbuf_span(&made));
    openssl_must("ec -inform DER -in key -check -noout -text");
    assert_true(openssl_said("prime256v1"));
    assert_int_equal(describe(sbuf_span(&made), &info), 0);
    assert_false(info.is_rsa);
    assert_int_equal(info.bits, 256);
    assert_true(span_equal(sbuf_span(&private), sbuf_span(&made)));
    openssl_must("ec -inform DER -in key -pubout -outform DER -out pub");
    assert_true(span_equal(sbuf_span(&public), openssl_read(0, "pub")));
    assert_int_equal(keypair_describe_public(sbuf_span(&public), &info), 0);
    assert_int_equal(info.bits, 256);
}

static void test_two_pairs_differ(void **state)
{
    uint8_t other[256];
    struct sbuf second;

    (void)state;
    sbuf_init(&second, other, sizeof(other));
    assert_int_equal(make_p256(&made), 0);
    assert_int_equal(make_p256(&second), 0);
    assert_false(span_equal(sbuf_span(&made), sbuf_span(&second)));
}

/* The clock moves with every look at it, so that a slice ends after a few candidates. */
static void test_rsa_in_slices(void **state)
{
    size_t before = blocks();
    struct keypair_info info;
    unsigned steps = 0;
    int result;

    (void)state;
    fake_board.tick_us = 5000;
    assert_int_equal(keypair_rsa_start(2048), 0);
    assert_int_equal(keypair_rsa_start(2048), ERR_BUSY);
    do {
        result = step();
        steps++;
    } while (result == 0);
    assert_int_equal(result, 1);
    assert_true(steps > 20);
    assert_int_equal(blocks(), before);
    openssl_write("key", sbuf_span(&made));
    openssl_must("rsa -inform DER -in key -check -noout -text");
    assert_true(openssl_said("RSA key ok"));
    assert_true(openssl_said("(2048 bit"));
    assert_true(openssl_said("65537"));
    assert_int_equal(describe(sbuf_span(&made), &info), 0);
    assert_true(info.is_rsa);
    assert_int_equal(info.bits, 2048);
    openssl_must("rsa -inform DER -in key -pubout -outform DER -out pub");
    assert_true(span_equal(sbuf_span(&public), openssl_read(0, "pub")));
    assert_int_equal(keypair_rsa_start(2048), 0); /* the next one can begin */
}

static void test_rsa_sizes_and_stop(void **state)
{
    size_t before = blocks();

    (void)state;
    assert_int_equal(keypair_rsa_start(1024), ERR_INVALID);
    assert_int_equal(keypair_rsa_start(2049), ERR_INVALID);
    assert_int_equal(keypair_rsa_start(8192), ERR_INVALID);
    assert_int_equal(step(), ERR_INVALID);
    fake_board.tick_us = 50000; /* one candidate each */
    assert_int_equal(keypair_rsa_start(4096), 0);
    assert_int_equal(step(), 0);
    keypair_rsa_stop();
    keypair_rsa_stop();
    assert_int_equal(blocks(), before);
}

static void test_rsa_without_random_numbers(void **state)
{
    size_t before = blocks();
    int result = 0;

    (void)state;
    fake_board.tick_us = 50000;
    assert_int_equal(keypair_rsa_start(2048), 0);
    fake_board.has_no_entropy =
        true; /* a due reseed fails sooner or later, or the pair is done */
    for (unsigned i = 0; result == 0 && i < 20000; i++) {
        result = step();
    }
    assert_int_not_equal(result, 0);
    assert_int_equal(blocks(), before);
}

static void test_foreign_keys(void **state)
{
    static const struct {
        const char *make;
        int result;
        bool is_rsa;
        unsigned bits;
    } keys[] = {
        {"genrsa -traditional -out key.pem 2048", 0, true, 2048},
        {"genrsa -out key.pem 3072", 0, true, 3072}, /* PKCS#8 */
        {"genrsa -traditional -out key.pem 1024", ERR_UNSUPPORTED, true, 1024},
        {"ecparam -genkey -noout -name prime256v1 -out key.pem", 0, false, 256},
        {"ecparam -genkey -noout -name secp384r1 -out key.pem", 0, false, 384},
        {"ecparam -genkey -noout -name secp521r1 -out key.pem", ERR_INVALID, false, 521},
        {"genpkey -algorithm ed25519 -out key.pem", ERR_INVALID, false, 255},
        {"genpkey -algorithm x25519 -out key.pem", ERR_INVALID, false, 255},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        struct keypair_info info = {0};

        openssl_must("%s", keys[i].make);
        if (strstr(keys[i].make, "PKCS#8") != NULL || i == 1 || i > 5) {
            openssl_must("pkcs8 -topk8 -nocrypt -in key.pem -outform DER -out key");
        } else {
            openssl_must("%s -in key.pem -outform DER -out key",
                         keys[i].is_rsa ? "rsa -traditional" : "ec");
        }
        int result = describe(openssl_read(0, "key"), &info);
        if (keys[i].result < 0) {
            assert_true(result == ERR_INVALID || result == ERR_UNSUPPORTED);
            continue;
        }
        assert_int_equal(result, 0);
        assert_int_equal(info.is_rsa, keys[i].is_rsa);
        assert_int_equal(info.bits, keys[i].bits);
    }
}

static void test_spoilt_keys(void **state)
{
    struct keypair_info info;
    uint8_t copy[CONFIG_PKI_KEY_CAP];
    struct span der;

    (void)state;
    openssl_must("genrsa -traditional -out key.pem 2048");
    openssl_must("rsa -in key.pem -traditional -outform DER -out key");
    der = openssl_read(0, "key");
    memcpy(copy, der.ptr, der.len);
    copy[der.len] = 0;
    assert_int_equal(describe(span_of(copy, der.len + 1), &info), ERR_INVALID); /* more */
    assert_int_equal(describe(span_of(copy, der.len - 1), &info), ERR_INVALID); /* less */
    assert_int_equal(describe(span_of(copy, 0), &info), ERR_INVALID);
    for (size_t at = 20; at < der.len; at += 97) { /* another number: no pair any more */
        copy[at] ^= 1;
        assert_true(describe(span_of(copy, der.len), &info) < 0);
        copy[at] ^= 1;
    }
    der = openssl_read(1, "key.pem"); /* PEM is not DER, also with a NUL behind */
    memcpy(copy, der.ptr, der.len);
    copy[der.len] = 0;
    assert_int_equal(describe(span_of(copy, der.len + 1), &info), ERR_INVALID);
    assert_int_equal(describe(span_of(copy, der.len), &info), ERR_INVALID);
}

static void test_mismatched_ec_pair(void **state)
{
    struct keypair_info info;
    uint8_t copy[256];

    (void)state;
    assert_int_equal(make_p256(&made), 0);
    memcpy(copy, made.ptr, made.len);
    copy[10] ^= 1; /* inside the private number; the public point stays */
    assert_int_equal(describe(span_of(copy, made.len), &info), ERR_INVALID);
    copy[10] ^= 1;
    assert_int_equal(describe(span_of(copy, made.len), &info), 0);
}

/* Every allocation fails once: an error each time, nothing is left behind. */
static void test_out_of_memory(void **state)
{
    struct keypair_info info;
    size_t before;
    size_t n = 0;
    int result;

    (void)state;
    openssl_must("genrsa -traditional -out key.pem 2048");
    openssl_must("rsa -in key.pem -traditional -outform DER -out key");
    before = blocks();
    do {
        arena_fail_at(++n, false);
        sbuf_reset(&made);
        result = make_p256(&made);
        assert_int_equal(blocks(), before);
        assert_true(result == 0 || result == ERR_FULL);
    } while (result != 0);
    assert_true(n > 5);
    arena_fail_at(0, false);
    n = 0;
    do {
        arena_fail_at(++n, true);
        result = describe(openssl_read(0, "key"), &info);
        arena_fail_at(0, false);
        assert_int_equal(blocks(), before);
    } while (result != 0);
    assert_true(n > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_p256_is_what_openssl_takes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_two_pairs_differ, setup, teardown),
        cmocka_unit_test_setup_teardown(test_rsa_in_slices, setup, teardown),
        cmocka_unit_test_setup_teardown(test_rsa_sizes_and_stop, setup, teardown),
        cmocka_unit_test_setup_teardown(test_rsa_without_random_numbers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_foreign_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(test_spoilt_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(test_mismatched_ec_pair, setup, teardown),
        cmocka_unit_test_setup_teardown(test_out_of_memory, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
