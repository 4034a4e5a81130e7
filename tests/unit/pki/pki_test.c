/* SPDX-License-Identifier: ISC */
/* pki/: handles, limits, the device's own pairs, what survives a power cut. */
#include "unit.h"

#include "base/err.h"
#include "base/util.h"
#include "config.h"
#include "crypto/openssl.h"
#include "crypto/x509.h"
#include "pki/pki.h"
#include "pki_world.h"
#include "settings/tls_settings.h"

/* Made once: OpenSSL is slow. */
static struct span ca;
static struct span keys[CONFIG_PKI_KEYS + 1];
static struct span leafs[3]; /* for keys 0 to 2, by the CA */

enum { SLOT_CA = 0 };
static uint8_t bytes[CONFIG_PKI_KEYS + 5][4096];

static struct span keep(size_t at, const char *name)
{
    struct span file = openssl_read(SLOT_CA, name);

    memcpy(bytes[at], file.ptr, file.len);
    return span_of(bytes[at], file.len);
}

static int make_all(void **state)
{
    (void)state;
    openssl_open();
    openssl_make_ca("Test root");
    ca = keep(0, "ca.der");
    for (size_t i = 0; i < UTIL_COUNT(keys); i++) {
        openssl_must("ecparam -genkey -noout -name prime256v1 -out k%u.pem", (unsigned)i);
        openssl_must("ec -in k%u.pem -outform DER -out k", (unsigned)i);
        keys[i] = keep(1 + i, "k");
    }
    for (size_t i = 0; i < UTIL_COUNT(leafs); i++) {
        openssl_must("req -new -key k%u.pem -subj /O=Lab/CN=leaf%u -out r.pem",
                     (unsigned)i, (unsigned)i);
        openssl_must("x509 -req -in r.pem -CA ca.pem -CAkey ca.key -CAcreateserial "
                     "-days 30 -outform DER -out c");
        leafs[i] = keep(UTIL_COUNT(keys) + 1 + i, "c");
    }
    return 0;
}

static int remove_all(void **state)
{
    (void)state;
    openssl_close();
    return 0;
}

static int setup(void **state)
{
    (void)state;
    pki_world_open();
    return 0;
}

/* --- own pairs --------------------------------------------------------------------------- */

static void test_first_boot_makes_own_pairs(void **state)
{
    struct pki_identity identities[2];
    struct x509_info info;
    uint32_t generation = pki_generation();

    (void)state;
    pki_world.hostname = "lab-7";
    assert_int_equal(pki_identities(identities), 0);
    pki_make_identity(); /* P-256 */
    assert_int_equal(pki_identities(identities), 1);
    assert_true(pki_generation() > generation);
    assert_int_equal(x509_parse(identities[0].certificate->der, &info), 0);
    assert_string_equal(info.common_name, "lab-7");
    assert_false(info.is_rsa);
    pki_world_settle();
    assert_int_equal(pki_identities(identities), 2);
    assert_int_equal(x509_parse(identities[1].certificate->der, &info), 0);
    assert_true(info.is_rsa);
    assert_int_equal(info.bits, 2048);
    assert_true(identities[1].key->is_own && identities[1].certificate->is_own);
}

static void test_own_pairs_stay(void **state)
{
    struct pki_identity before[2];
    struct pki_identity after[2];
    uint8_t der[2][CONFIG_PKI_CERTIFICATE_CAP];
    size_t len[2];

    (void)state;
    pki_world_settle();
    assert_int_equal(pki_identities(before), 2);
    for (size_t i = 0; i < 2; i++) {
        len[i] = before[i].certificate->der.len;
        memcpy(der[i], before[i].certificate->der.ptr, len[i]);
    }
    pki_world.hostname = "renamed"; /* clients have pinned it: it stays as it is */
    pki_world_start();
    assert_int_equal(pki_identities(after), 2); /* without a poll */
    pki_world_settle();
    for (size_t i = 0; i < 2; i++) {
        assert_true(span_equal(after[i].certificate->der, span_of(der[i], len[i])));
    }
}

static void test_lost_own_records_are_made_anew(void **state)
{
    static const char *const names[] = {"pki.own.cert.ec", "pki.own.key.ec",
                                        "pki.own.cert.rsa", "pki.own.key.rsa"};
    struct pki_identity identities[2];

    (void)state;
    for (size_t i = 0; i < UTIL_COUNT(names); i++) {
        pki_world_settle();
        pki_world_damage(names[i]);
        pki_world_start();
        pki_world_settle();
        assert_int_equal(pki_identities(identities), 2);
        for (size_t j = 0; j < 2; j++) {
            struct x509_info info;

            assert_int_equal(x509_parse(identities[j].certificate->der, &info), 0);
            assert_true(span_equal(info.public_key, identities[j].key->public));
        }
        assert_int_equal(pki_world_records(), 4);
    }
}

/* Without flash it would be lost at the next reset. */
static void test_no_rsa_without_a_store(void **state)
{
    struct pki_identity identities[2];

    (void)state;
    pki_world.store_state = STORE_NONE;
    pki_world_settle();
    assert_int_equal(pki_identities(identities), 1);
}

static void test_own_ones_cannot_be_removed(void **state)
{
    struct pki_identity identities[2];

    (void)state;
    pki_world_settle();
    assert_int_equal(pki_identities(identities), 2);
    assert_int_equal(pki_remove_key(identities[0].key->handle), ERR_NOT_FOUND);
    assert_int_equal(pki_remove_certificate(identities[0].certificate->handle),
                     ERR_NOT_FOUND);
    assert_int_equal(pki_use_certificate(identities[0].certificate->handle),
                     ERR_NOT_FOUND);
}

/* --- handles and limits ------------------------------------------------------------------ */

static void test_handles_are_never_used_again(void **state)
{
    (void)state;
    assert_int_equal(pki_add_key(keys[0]), 1);
    assert_int_equal(pki_add_key(keys[1]), 2);
    assert_int_equal(pki_remove_key(2), 0);
    assert_int_equal(pki_add_key(keys[2]), 3);
    pki_world_start();
    assert_null(pki_key_find(2));
    assert_int_equal(pki_remove_key(3), 0);
    pki_world_start();
    assert_int_equal(pki_add_key(keys[1]), 4);
    assert_int_equal(pki_add_certificate(ca, true), 1);
    assert_int_equal(pki_remove_certificate(1), 0);
    assert_int_equal(pki_add_certificate(ca, true), 2);
    assert_int_equal(pki_remove_certificate(1), ERR_NOT_FOUND);
    assert_int_equal(pki_remove_key(0), ERR_NOT_FOUND);
    assert_int_equal(pki_key_at(0)->handle, 1);
    assert_int_equal(pki_key_at(1)->handle, 4);
    assert_null(pki_key_at(2));
}

static void test_key_limit(void **state)
{
    (void)state;
    pki_world_settle();
    for (size_t i = 0; i < CONFIG_PKI_KEYS; i++) {
        assert_int_equal(pki_add_key(keys[i]), i + 1);
    }
    assert_int_equal(pki_add_key(keys[CONFIG_PKI_KEYS]), ERR_FULL);
    assert_int_equal(pki_generate_key(2048, NULL, NULL), ERR_FULL);
    assert_int_equal(pki_key_count(), CONFIG_PKI_KEYS + 2);
    assert_int_equal(pki_remove_key(1), 0);
    assert_int_equal(pki_add_key(keys[CONFIG_PKI_KEYS]), CONFIG_PKI_KEYS + 1);
}

static void test_certificate_limit(void **state)
{
    unsigned count = 0;
    int result;

    (void)state;
    do {
        openssl_must("req -x509 -key k0.pem -subj /CN=root%u -outform DER -out r -days 9 "
                     "-addext basicConstraints=critical,CA:TRUE",
                     count);
        result = pki_add_certificate(openssl_read(2, "r"), true);
        count++;
    } while (result > 0);
    assert_int_equal(result, ERR_FULL);
    assert_int_equal(count, CONFIG_PKI_CERTIFICATES + 1);
    pki_world_settle(); /* there is room for the device's own all the same */
    assert_int_equal(pki_certificate_count(), CONFIG_PKI_CERTIFICATES + 2);
}

static void test_what_is_refused(void **state)
{
    uint8_t spoilt[4096];

    (void)state;
    memcpy(spoilt, ca.ptr, ca.len);
    spoilt[ca.len] = 0;
    assert_int_equal(pki_add_certificate(span_of(spoilt, ca.len + 1), true), ERR_INVALID);
    assert_int_equal(pki_add_certificate(span_of(spoilt, ca.len - 1), true), ERR_INVALID);
    assert_int_equal(pki_add_certificate(span_of(spoilt, 0), true), ERR_INVALID);
    assert_int_equal(pki_add_certificate(leafs[0], true), ERR_INVALID); /* no CA */
    assert_int_equal(pki_add_key(ca), ERR_INVALID);
    openssl_must("genrsa -traditional -out weak.pem 1024");
    openssl_must("rsa -in weak.pem -traditional -outform DER -out weak");
    assert_int_equal(pki_add_key(openssl_read(2, "weak")), ERR_INVALID);
    openssl_must("req -x509 -key weak.pem -subj /CN=weak -outform DER -out weak -days 9");
    assert_int_equal(pki_add_certificate(openssl_read(2, "weak"), false), ERR_INVALID);
    assert_int_equal(pki_add_certificate(ca, true), 1);
    assert_int_equal(pki_add_certificate(ca, true), ERR_EXISTS);
    assert_int_equal(pki_add_certificate(ca, false), 2); /* another use */
    assert_int_equal(pki_add_key(keys[0]), 1);
    assert_int_equal(pki_add_key(keys[0]), ERR_EXISTS);
}

/* --- which key a certificate has --------------------------------------------------------- */

static void test_certificates_find_their_key(void **state)
{
    (void)state;
    assert_int_equal(pki_add_key(keys[0]), 1);
    assert_int_equal(pki_add_certificate(leafs[0], false), 1);
    assert_int_equal(pki_add_certificate(leafs[1], false), 2); /* before its key */
    assert_int_equal(pki_certificate_find(1)->key, 1);
    assert_int_equal(pki_certificate_find(2)->key, 0);
    assert_int_equal(pki_use_certificate(2), ERR_INVALID);
    assert_int_equal(pki_use_certificate(9), ERR_NOT_FOUND);
    assert_int_equal(pki_add_key(keys[1]), 2);
    assert_int_equal(pki_certificate_find(2)->key, 2);
    pki_world_start();
    assert_int_equal(pki_certificate_find(2)->key, 2);
}

static void test_the_used_one_stays(void **state)
{
    struct pki_identity identities[2];

    (void)state;
    pki_world_settle();
    assert_int_equal(pki_add_key(keys[0]), 1);
    assert_int_equal(pki_add_certificate(leafs[0], false), 1);
    assert_int_equal(pki_use_certificate(1), 0);
    assert_int_equal(pki_remove_key(1), ERR_BUSY);
    assert_int_equal(pki_remove_certificate(1), ERR_BUSY);
    pki_world_start();
    assert_int_equal(pki_used_certificate(), 1);
    assert_int_equal(pki_identities(identities), 1);
    assert_int_equal(identities[0].key->handle, 1);
    assert_true(span_equal(identities[0].certificate->der, leafs[0]));
    assert_int_equal(pki_use_certificate(0), 0);
    assert_int_equal(pki_identities(identities), 2);
    assert_int_equal(pki_remove_key(1), 0); /* consoles remove pairs first */
    assert_int_equal(pki_certificate_find(1)->key, 0);
    assert_int_equal(pki_remove_certificate(1), 0);
}

static void test_lost_key_record(void **state)
{
    struct pki_identity identities[2];

    (void)state;
    pki_world_settle();
    assert_int_equal(pki_add_key(keys[0]), 1);
    assert_int_equal(pki_add_certificate(leafs[0], false), 1);
    assert_int_equal(pki_use_certificate(1), 0);
    pki_world_damage("pki.key.1");
    pki_world_start();
    assert_int_equal(pki_certificate_find(1)->key, 0);
    assert_int_equal(pki_used_certificate(), 0);
    assert_int_equal(pki_identities(identities), 2);
    assert_true(identities[0].certificate->is_own);
    assert_int_equal(pki_add_key(keys[0]), 2); /* not 1 again */
}

/* --- the store --------------------------------------------------------------------------- */

static void test_a_store_that_refuses(void **state)
{
    (void)state;
    assert_int_equal(pki_add_key(keys[0]), 1);
    assert_int_equal(pki_add_certificate(leafs[0], false), 1);
    pki_world.store_result = ERR_IO;
    assert_int_equal(pki_add_key(keys[1]), ERR_IO);
    assert_int_equal(pki_add_certificate(ca, true), ERR_IO);
    assert_int_equal(pki_use_certificate(1), ERR_IO);
    assert_int_equal(pki_remove_certificate(1), ERR_IO);
    assert_int_equal(pki_remove_key(1), ERR_IO);
    assert_int_equal(pki_crl_set(span_str("u"), &ca, 0), ERR_IO);
    assert_int_equal(pki_key_count(), 1);
    assert_int_equal(pki_certificate_count(), 1);
    assert_int_equal(pki_used_certificate(), 0);
    pki_world.store_result = ERR_FULL;
    assert_int_equal(pki_add_key(keys[1]), ERR_FULL);
    pki_world.store_result = 0;
    assert_int_equal(pki_add_key(keys[1]), 2);
}

/* What is done between two starts; the power may go anywhere in it. */
static void workload(void)
{
    pki_make_identity();
    (void)!pki_add_key(keys[0]);
    (void)!pki_add_certificate(leafs[0], false);
    (void)!pki_use_certificate(1);
    (void)!pki_add_certificate(leafs[1], false);
    (void)!pki_add_key(keys[1]);
    (void)!pki_use_certificate(2);
    (void)!pki_remove_certificate(1);
    (void)!pki_remove_key(1);
    (void)!pki_add_certificate(ca, true);
}

static void check_after_cut(void)
{
    struct pki_identity identities[2];
    size_t own = 0;

    for (size_t i = 0; i < pki_certificate_count(); i++) {
        const struct pki_certificate *it = pki_certificate_at(i);
        struct x509_info info;

        assert_int_equal(x509_parse(it->der, &info), 0);
        if (it->key != 0) { /* never refers to a pair that is not there, or another's */
            assert_non_null(pki_key_find(it->key));
            assert_true(span_equal(info.public_key, pki_key_find(it->key)->public));
        }
    }
    if (pki_used_certificate() != 0) {
        assert_non_null(pki_certificate_find(pki_used_certificate()));
        assert_int_equal(pki_identities(identities), 1);
        assert_non_null(identities[0].key);
    }
    /* Nothing is left behind that no list names, but what the next one overwrites. */
    for (size_t i = 0; i < pki_certificate_count(); i++) {
        own += pki_certificate_at(i)->is_own ? 1 : 0;
    }
    assert_in_range(pki_world_records(), 0,
                    pki_key_count() + pki_certificate_count() + 1 + 1 +
                        (own == 0 ? 1 : 0));
}

static void test_power_cut_at_every_write(void **state)
{
    unsigned total;

    (void)state;
    pki_world_open();
    workload();
    total = pki_world.operations;
    assert_true(total > 15);
    for (unsigned at = 1; at <= total; at++) {
        for (unsigned after = 0; after < 2; after++) {
            pki_world_open();
            pki_world.cut_at = at;
            pki_world.cut_after = after == 1;
            if (setjmp(pki_world.powerless) == 0) {
                workload();
            }
            pki_world.cut_at = 0;
            pki_world_start();
            check_after_cut();
            pki_world_settle();
            assert_int_equal(pki_use_certificate(0), 0);
            assert_true(pki_add_key(keys[2]) > 0); /* and it works on */
            assert_true(pki_add_certificate(leafs[2], false) > 0);
        }
    }
}

/* The power goes after the list has changed and before the record is gone. */
static void test_removal_is_finished(void **state)
{
    (void)state;
    assert_int_equal(pki_add_key(keys[0]), 1);
    assert_int_equal(pki_add_certificate(ca, true), 1);
    for (unsigned what = 0; what < 2; what++) {
        pki_world.cut_at = pki_world.operations + 1;
        pki_world.cut_after = true;
        if (setjmp(pki_world.powerless) == 0) {
            (void)!(what == 0 ? pki_remove_key(1) : pki_remove_certificate(1));
        }
        assert_true(pki_world_has(what == 0 ? "pki.key.1" : "pki.cert.1"));
        pki_world_start();
        assert_false(pki_world_has(what == 0 ? "pki.key.1" : "pki.cert.1"));
    }
}

/* A lost pair is made anew, and the power goes before its certificate is. */
static void test_own_certificate_of_an_older_pair(void **state)
{
    struct pki_identity identities[2];
    struct x509_info info;

    (void)state;
    pki_make_identity();
    pki_world_damage("pki.own.key.ec");
    for (unsigned at = 1; at <= 2; at++) {
        pki_world_start();
        pki_world.cut_at = pki_world.operations + at;
        pki_world.cut_after = true;
        if (setjmp(pki_world.powerless) == 0) {
            pki_make_identity();
        }
        pki_world_start();
        pki_make_identity();
        assert_int_equal(pki_identities(identities), 1);
        assert_int_equal(x509_parse(identities[0].certificate->der, &info), 0);
        assert_true(span_equal(info.public_key, identities[0].key->public));
        pki_world_damage("pki.own.key.ec");
    }
}

static void test_reset_forgets(void **state)
{
    struct pki_identity identities[2];
    uint8_t old[CONFIG_PKI_KEY_CAP];
    size_t old_len;

    (void)state;
    pki_world_settle();
    assert_int_equal(pki_identities(identities), 2);
    old_len = identities[0].key->der.len;
    memcpy(old, identities[0].key->der.ptr, old_len);
    for (unsigned keeps = 2; keeps-- > 0;) {
        assert_true(pki_add_key(keys[0]) > 0);
        int leaf = pki_add_certificate(leafs[0], false);
        assert_true(leaf > 0);
        assert_int_equal(pki_use_certificate((uint32_t)leaf), 0);
        if (keeps == 1) {
            assert_true(pki_add_certificate(ca, true) > 0);
        }
        assert_true(pki_world_holds(keys[0]));
        assert_int_equal(pki_reset(keeps == 1), 0);
        assert_int_equal(pki_key_count(), 0);
        assert_int_equal(pki_certificate_count(), keeps);
        assert_int_equal(pki_used_certificate(), 0);
        assert_false(pki_world_holds(keys[0]));
        assert_false(pki_world_holds(span_of(old, old_len)));
    }
    pki_world_settle();
    assert_int_equal(pki_identities(identities), 2);
    assert_false(span_equal(identities[0].key->der, span_of(old, old_len)));
}

/* --- pairs for consoles ------------------------------------------------------------------ */

static int generated;
static void on_key(void *context, int result)
{
    assert_ptr_equal(context, &generated);
    generated = result;
}

static void test_generate(void **state)
{
    struct pki_identity identities[2];

    (void)state;
    generated = 0;
    assert_int_equal(pki_generate_key(1024, on_key, &generated), ERR_INVALID);
    assert_int_equal(pki_generate_key(2048, on_key, &generated), 0);
    assert_int_equal(pki_generate_key(2048, on_key, &generated), ERR_BUSY);
    pki_world_settle(); /* and then the device's own ones */
    assert_int_equal(generated, 1);
    assert_true(pki_key_find(1)->is_rsa);
    assert_int_equal(pki_key_find(1)->bits, 2048);
    assert_int_equal(pki_identities(identities), 2);
}

static void test_generate_cancelled(void **state)
{
    (void)state;
    generated = 0;
    pki_world.tick_us = 50000;
    assert_int_equal(pki_generate_key(2048, on_key, &generated), 0);
    (void)pki_poll(pki_world.now_us);
    (void)pki_poll(pki_world.now_us);
    pki_generate_cancel(&generated);
    pki_world_settle();
    assert_int_equal(generated, 0);
    assert_int_equal(pki_key_count(), 2); /* own */
    assert_int_equal(pki_generate_key(2048, on_key, &generated), 0);
    pki_generate_cancel(NULL); /* somebody else's */
    pki_world_settle();
    assert_int_equal(generated, 1);
}

static void test_generate_while_own_pair_is_searched(void **state)
{
    struct pki_identity identities[2];

    (void)state;
    generated = 0;
    pki_world.tick_us = 50000;
    (void)pki_poll(pki_world.now_us);
    pki_world.now_us += 10000000;
    for (unsigned i = 0; i < 5; i++) {
        pki_world.now_us = pki_poll(pki_world.now_us);
    }
    assert_int_equal(pki_generate_key(3072, on_key, &generated), 0);
    pki_world_settle();
    assert_int_equal(generated, 1);
    assert_int_equal(pki_key_find(1)->bits, 3072);
    assert_int_equal(pki_identities(identities), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_first_boot_makes_own_pairs, setup),
        cmocka_unit_test_setup(test_own_pairs_stay, setup),
        cmocka_unit_test_setup(test_lost_own_records_are_made_anew, setup),
        cmocka_unit_test_setup(test_no_rsa_without_a_store, setup),
        cmocka_unit_test_setup(test_own_ones_cannot_be_removed, setup),
        cmocka_unit_test_setup(test_handles_are_never_used_again, setup),
        cmocka_unit_test_setup(test_key_limit, setup),
        cmocka_unit_test_setup(test_certificate_limit, setup),
        cmocka_unit_test_setup(test_what_is_refused, setup),
        cmocka_unit_test_setup(test_certificates_find_their_key, setup),
        cmocka_unit_test_setup(test_the_used_one_stays, setup),
        cmocka_unit_test_setup(test_lost_key_record, setup),
        cmocka_unit_test_setup(test_a_store_that_refuses, setup),
        cmocka_unit_test_setup(test_power_cut_at_every_write, setup),
        cmocka_unit_test_setup(test_reset_forgets, setup),
        cmocka_unit_test_setup(test_generate, setup),
        cmocka_unit_test_setup(test_generate_cancelled, setup),
        cmocka_unit_test_setup(test_generate_while_own_pair_is_searched, setup),
        cmocka_unit_test_setup(test_removal_is_finished, setup),
        cmocka_unit_test_setup(test_own_certificate_of_an_older_pair, setup),
    };

    return cmocka_run_group_tests(tests, make_all, remove_all);
}
