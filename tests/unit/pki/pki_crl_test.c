/* SPDX-License-Identifier: ISC */
/* pki/pki_crl.c: serial numbers that are revoked, by their distribution point. */
#include "unit.h"

#include "base/err.h"
#include "base/util.h"
#include "config.h"
#include "pki/pki.h"
#include "pki_world.h"

static int setup(void **state)
{
    (void)state;
    pki_world_open();
    return 0;
}

static void test_crl(void **state)
{
    static const uint8_t a[] = {0, 0, 0x12, 0x34};
    static const uint8_t b[] = {0x12, 0x34};
    static const uint8_t c[] = {0x99};
    static const uint8_t many_bytes[21] = {1};
    const struct span long_one = span_of(many_bytes, sizeof(many_bytes));
    struct span first[] = {span_of(a, sizeof(a))};
    struct span second[] = {span_of(c, sizeof(c))};
    struct span many[CONFIG_PKI_REVOKED + 1];

    (void)state;
    assert_false(pki_is_revoked(span_of(b, sizeof(b))));
    assert_int_equal(pki_crl_set(span_str("http://one"), first, 1), 0);
    assert_int_equal(pki_crl_set(span_str("http://two"), second, 1), 0);
    assert_true(pki_is_revoked(span_of(b, sizeof(b))));
    assert_true(pki_is_revoked(span_of(a, sizeof(a))));
    assert_true(pki_is_revoked(span_of(c, sizeof(c))));
    assert_false(pki_is_revoked(span_of(b, 1)));
    pki_world_start();
    assert_true(pki_is_revoked(span_of(b, sizeof(b))));
    assert_true(pki_is_revoked(span_of(c, sizeof(c))));
    assert_int_equal(pki_crl_set(span_str("http://one"), second, 1),
                     0); /* in its place */
    assert_false(pki_is_revoked(span_of(b, sizeof(b))));
    assert_int_equal(pki_crl_set(span_str("http://two"), NULL, 0), 0);
    assert_true(pki_is_revoked(span_of(c, sizeof(c)))); /* still in "one" */
    for (size_t i = 0; i < UTIL_COUNT(many); i++) {
        many[i] = first[0];
    }
    assert_int_equal(pki_crl_set(span_str("http://x"), many, UTIL_COUNT(many)), ERR_FULL);
    assert_int_equal(pki_crl_set(span_str("http://one"), many, CONFIG_PKI_REVOKED), 0);
    assert_int_equal(pki_crl_set(span_str("x"), &many[0], 0), 0);
    assert_int_equal(pki_crl_set(span_str("x"), &long_one, 1), ERR_INVALID);
    pki_world_start();
    assert_true(pki_is_revoked(span_of(b, sizeof(b))));
    assert_int_equal(pki_crl_reset(), 0);
    assert_false(pki_is_revoked(span_of(b, sizeof(b))));
    pki_world_start();
    assert_false(pki_is_revoked(span_of(b, sizeof(b))));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_crl, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
