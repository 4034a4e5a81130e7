/* SPDX-License-Identifier: ISC */
/* SipHash-2-4 against the test vectors of its reference publication (appendix A and the first
 * of the published table): key 00..0f, message 00 01 02 ... */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/siphash.h"

static uint64_t hash_of(size_t len)
{
    uint8_t key[SIPHASH_KEY_LEN];
    uint8_t data[64];

    for (size_t i = 0; i < sizeof(key); i++) {
        key[i] = (uint8_t)i;
    }
    for (size_t i = 0; i < sizeof(data); i++) {
        data[i] = (uint8_t)i;
    }
    return siphash_24(key, span_of(data, len));
}

static void test_vectors(void **state)
{
    (void)state;
    assert_int_equal(hash_of(15), 0xa129ca6149be45e5);
    assert_int_equal(hash_of(0), 0x726fdb47dd0e0e31);
    assert_int_equal(hash_of(8), 0x93f5f5799a932462);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_vectors)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
