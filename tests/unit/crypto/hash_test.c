/* SPDX-License-Identifier: ISC */
/* crypto/hash.c against published vectors (RFC 1321 A.5, FIPS 180-2, RFC 4231). */
#include "unit.h"

#include "base/sbuf.h"
#include "crypto/hash.h"
#include "http/fake_board.h"

static void assert_digest(const uint8_t *digest, size_t len, const char *hex)
{
    char text[80];
    struct sbuf out;

    sbuf_init(&out, text, sizeof(text));
    sbuf_put_hex_bytes(&out, span_of(digest, len), false);
    assert_sbuf_equal(out, hex);
}

static void test_md5(void **state)
{
    uint8_t digest[HASH_MD5_LEN];
    struct span parts[3] = {span_str("message "), span_of(NULL, 0), span_str("digest")};

    (void)state;
    hash_md5(parts, 3, digest);
    assert_digest(digest, sizeof(digest), "f96b697d7cb7938d525a2f31aaf161d0");
    hash_md5(NULL, 0, digest);
    assert_digest(digest, sizeof(digest), "d41d8cd98f00b204e9800998ecf8427e");
}

static void test_sha256(void **state)
{
    uint8_t digest[HASH_SHA256_LEN];
    struct span part = span_str("abc");

    (void)state;
    hash_sha256(&part, 1, digest);
    assert_digest(digest, sizeof(digest),
                  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void test_hmac_sha256(void **state)
{
    uint8_t long_key[131];
    uint8_t mac[HASH_SHA256_LEN];

    (void)state;
    hash_hmac_sha256(span_str("Jefe"), span_str("what do ya want for nothing?"), mac);
    assert_digest(mac, sizeof(mac),
                  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(long_key, 0xaa, sizeof(long_key));
    hash_hmac_sha256(span_of(long_key, sizeof(long_key)),
                     span_str("Test Using Larger Than Block-Size Key - Hash Key First"),
                     mac);
    assert_digest(mac, sizeof(mac),
                  "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_md5),
        cmocka_unit_test(test_sha256),
        cmocka_unit_test(test_hmac_sha256),
    };

    fake_board_reset();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
