/* SPDX-License-Identifier: ISC */
/* crypto/x509*.c against OpenSSL: what it makes we read, what we make it takes. */
#include "unit.h"

#include "base/err.h"
#include "config.h"
#include "crypto/arena.h"
#include "crypto/crypto.h"
#include "crypto/keypair.h"
#include "crypto/x509.h"
#include "http/fake_board.h"
#include "openssl.h"

static struct x509_info info;
static uint8_t bytes[CONFIG_PKI_CERTIFICATE_CAP];
static struct sbuf out;

static size_t blocks(void)
{
    struct arena_status status;

    arena_get_status(&status);
    return status.blocks;
}

static int setup(void **state)
{
    (void)state;
    fake_board_reset();
    assert_int_equal(crypto_start(), 0);
    openssl_open();
    sbuf_init(&out, bytes, sizeof(bytes));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    assert_true(arena_is_sound());
    openssl_close();
    return 0;
}

/* A leaf `c` with these extensions, signed by the CA. */
static void make_leaf(const char *subject, const char *extensions, const char *options)
{
    openssl_write("ext", span_str(extensions));
    openssl_must(
        "req -new -newkey rsa:2048 -nodes -keyout leaf.key -subj '%s' -out r.pem",
        subject);
    openssl_must(
        "x509 -req -in r.pem -CA ca.pem -CAkey ca.key -CAcreateserial -extfile ext "
        "%s -outform DER -out c",
        options);
    openssl_must("x509 -inform DER -in c -out c.pem");
}

static void test_fields(void **state)
{
    static const uint8_t other[] = {0x2b, 6, 1};

    (void)state;
    openssl_make_ca("Test, \"root\" ; more");
    assert_int_equal(x509_parse(openssl_read(0, "ca.der"), &info), 0);
    assert_true(info.is_ca && info.is_self_issued && info.is_rsa);
    assert_int_equal(info.bits, 2048);
    assert_string_equal(info.subject, "CN=Test\\, \\\"root\\\" \\; more,O=Test,C=DE");
    assert_string_equal(info.subject, info.issuer);
    make_leaf("/C=DE/O=Lab/OU=Intel(R) Client Setup Certificate/CN=setup.example",
              "extendedKeyUsage=serverAuth,2.16.840.1.113741.1.2.3\n",
              "-days 30 -set_serial 0x00e1020304");
    assert_int_equal(x509_parse(openssl_read(0, "c"), &info), 0);
    assert_string_equal(info.common_name, "setup.example");
    assert_string_equal(info.org_unit, "Intel(R) Client Setup Certificate");
    assert_string_equal(info.subject, "CN=setup.example,OU=Intel(R) Client Setup "
                                      "Certificate,O=Lab,C=DE");
    assert_false(info.is_ca || info.is_self_issued);
    assert_int_equal(info.eku_count, 2);
    assert_true(x509_is_provisioning(&info));
    assert_false(x509_has_eku(&info, span_of(other, sizeof(other))));
    assert_int_equal(info.serial.len, 5); /* 00 in front: positive */
    assert_memory_equal(info.serial.ptr, "\x00\xe1\x02\x03\x04", 5);
    assert_int_equal(info.not_after - info.not_before, INT64_C(30) * 86400);
    assert_true(x509_is_valid_at(&info, info.not_before));
    assert_true(x509_is_valid_at(&info, info.not_after));
    assert_false(x509_is_valid_at(&info, info.not_before - 1));
    assert_false(x509_is_valid_at(&info, info.not_after + 1));
    openssl_must("x509 -inform DER -in c -pubkey -noout");
    make_leaf("/CN=x", "extendedKeyUsage=serverAuth\n", "-days 30");
    assert_int_equal(x509_parse(openssl_read(0, "c"), &info), 0);
    assert_false(x509_is_provisioning(&info));
}

/* The name that a capture of a real device shows: last part first, no space. */
static void test_names_as_amt_shows_them(void **state)
{
    (void)state;
    openssl_must("req -x509 -newkey rsa:2048 -nodes -keyout k -outform DER -out c "
                 "-subj /CN=MPSRoot-0af1d5/O=unknown/C=XX");
    assert_int_equal(x509_parse(openssl_read(0, "c"), &info), 0);
    assert_string_equal(info.subject, "C=XX,O=unknown,CN=MPSRoot-0af1d5");
}

/* A NUL or another control character in a name must not match anything. */
static void test_names_with_control_characters(void **state)
{
    struct span der;
    uint8_t copy[4096];
    uint8_t *at;

    (void)state;
    openssl_must("req -x509 -newkey rsa:2048 -nodes -keyout k -outform DER -out c "
                 "-subj /CN=good.example.evil");
    der = openssl_read(0, "c");
    memcpy(copy, der.ptr, der.len);
    for (at = memmem(copy, der.len, "example.evil", 12); at != NULL;
         at = memmem(copy, der.len, "example.evil", 12)) {
        at[7] = '\0';
    }
    assert_int_equal(x509_parse(span_of(copy, der.len), &info), 0);
    assert_string_equal(info.common_name, "");
    assert_string_equal(info.subject, "CN=good.example\\00evil");
}

static void test_what_is_no_certificate(void **state)
{
    uint8_t copy[4096];
    struct span der;

    (void)state;
    openssl_make_ca("Test");
    der = openssl_read(0, "ca.der");
    memcpy(copy, der.ptr, der.len);
    copy[der.len] = 0;
    assert_int_equal(x509_parse(span_of(copy, der.len + 1), &info), ERR_INVALID);
    for (size_t len = 0; len < der.len; len += 7) {
        assert_int_equal(x509_parse(span_of(copy, len), &info), ERR_INVALID);
    }
    openssl_must(
        "req -x509 -newkey rsa:1024 -nodes -keyout k -outform DER -out c -subj /CN=w");
    assert_int_equal(x509_parse(openssl_read(0, "c"), &info), ERR_UNSUPPORTED);
    openssl_write("ext", span_str("extendedKeyUsage=1.2.3,1.2.4,1.2.5,1.2.6,1.2.7,1.2.8,"
                                  "1.2.9,1.2.10,1.2.11\n"));
    make_leaf("/CN=x",
              "extendedKeyUsage=1.2.3,1.2.4,1.2.5,1.2.6,1.2.7,1.2.8,1.2.9,1.2.10,"
              "1.2.11\n",
              "-days 3");
    assert_int_equal(x509_parse(openssl_read(0, "c"), &info), ERR_TOO_BIG);
}

/* --- chains ------------------------------------------------------------------------------ */

static struct span chain[4];

/* chain: leaf, intermediate, root. */
static void make_chain(const char *intermediate)
{
    openssl_make_ca("Chain root");
    openssl_write("ext", span_str(intermediate));
    openssl_must(
        "req -new -newkey rsa:2048 -nodes -keyout sub.key -subj /CN=Sub -out r.pem");
    openssl_must(
        "x509 -req -in r.pem -CA ca.pem -CAkey ca.key -CAcreateserial -extfile ext "
        "-days 300 -out sub.pem");
    openssl_must("x509 -in sub.pem -outform DER -out sub");
    openssl_must(
        "req -new -newkey rsa:2048 -nodes -keyout leaf.key -subj /CN=Leaf -out r.pem");
    openssl_write("ext", span_str("extendedKeyUsage=2.16.840.1.113741.1.2.3\n"));
    openssl_must("x509 -req -in r.pem -CA sub.pem -CAkey sub.key -CAcreateserial "
                 "-extfile ext -days 200 -outform DER -out leaf");
    chain[0] = openssl_read(0, "leaf");
    chain[1] = openssl_read(1, "sub");
    chain[2] = openssl_read(2, "ca.der");
}

static int64_t now_of(struct span der)
{
    assert_int_equal(x509_parse(der, &info), 0);
    return info.not_before + 3600;
}

static void test_chain(void **state)
{
    size_t before = blocks();
    int64_t now;

    (void)state;
    make_chain("basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=keyCertSign\n");
    now = now_of(chain[0]);
    assert_int_equal(x509_verify_chain(chain, 3, now), 0);
    assert_int_equal(x509_verify_chain(chain, 3, INT64_MIN), 0);
    assert_int_equal(x509_verify_chain(&chain[1], 2, now), 0);
    assert_int_equal(x509_verify_chain(&chain[2], 1, now), 0);
    assert_int_equal(x509_verify_chain(chain, 3, now + INT64_C(250) * 86400), ERR_DENIED);
    assert_int_equal(x509_verify_chain(chain, 3, now - INT64_C(86400)), ERR_DENIED);
    assert_int_equal(x509_verify_chain(chain, 2, now),
                     ERR_DENIED); /* ends below a root */
    assert_int_equal(x509_verify_chain(chain, 0, now), ERR_INVALID);
    assert_int_equal(x509_verify_chain(chain, X509_CHAIN_CAP + 1, now), ERR_TOO_BIG);
    struct span swapped[] = {chain[0], chain[2], chain[1]};
    assert_int_equal(x509_verify_chain(swapped, 3, now), ERR_DENIED);
    struct span gap[] = {chain[0], chain[2]};
    assert_int_equal(x509_verify_chain(gap, 2, now), ERR_DENIED);
    struct span upside_down[] = {chain[2], chain[1], chain[0]};
    assert_int_equal(x509_verify_chain(upside_down, 3, now), ERR_DENIED);
    struct span twice[] = {chain[0], chain[1], chain[1], chain[2]};
    assert_int_equal(x509_verify_chain(twice, 4, now), ERR_DENIED);
    assert_int_equal(blocks(), before);
}

static void test_chain_through_no_ca(void **state)
{
    (void)state;
    make_chain("basicConstraints=critical,CA:FALSE\n");
    assert_int_equal(x509_verify_chain(chain, 3, INT64_MIN), ERR_DENIED);
    make_chain("basicConstraints=critical,CA:TRUE\nkeyUsage=digitalSignature\n");
    assert_int_equal(x509_verify_chain(chain, 3, INT64_MIN), ERR_DENIED);
}

static void test_chain_to_another_root_of_that_name(void **state)
{
    (void)state;
    make_chain("basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\n");
    openssl_make_ca("Chain root"); /* same name, other key */
    chain[2] = openssl_read(2, "ca.der");
    assert_int_equal(x509_verify_chain(chain, 3, INT64_MIN), ERR_DENIED);
}

static void test_chain_with_a_spoilt_signature(void **state)
{
    uint8_t copy[4096];

    (void)state;
    make_chain("basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\n");
    for (unsigned i = 0; i < 2; i++) {
        struct span kept = chain[i];

        memcpy(copy, kept.ptr, kept.len);
        copy[kept.len - 5] ^= 1;
        chain[i] = span_of(copy, kept.len);
        assert_int_equal(x509_verify_chain(chain, 3, INT64_MIN), ERR_DENIED);
        chain[i] = kept;
    }
    assert_int_equal(x509_verify_chain(chain, 3, INT64_MIN), 0);
}

static void test_weak_digest(void **state)
{
    (void)state;
    openssl_make_ca("Root");
    make_leaf("/CN=sha1", "basicConstraints=CA:FALSE\n", "-days 30 -sha1");
    chain[0] = openssl_read(0, "c");
    chain[1] = openssl_read(1, "ca.der");
    assert_int_equal(x509_verify_chain(chain, 2, INT64_MIN), ERR_DENIED);
    make_leaf("/CN=sha256", "basicConstraints=CA:FALSE\n", "-days 30 -sha256");
    chain[0] = openssl_read(0, "c");
    assert_int_equal(x509_verify_chain(chain, 2, INT64_MIN), 0);
}

static void test_signature(void **state)
{
    struct span text = span_str("nonces, one after the other");
    uint8_t copy[512];

    (void)state;
    openssl_make_ca("Signer");
    openssl_write("text", text);
    openssl_must("dgst -sha256 -sign ca.key -out sig text");
    struct span der = openssl_read(0, "ca.der");
    struct span sig = openssl_read(1, "sig");
    assert_int_equal(x509_verify_signature(der, 256, text, sig), 0);
    assert_int_equal(x509_verify_signature(der, 384, text, sig), ERR_DENIED);
    assert_int_equal(x509_verify_signature(der, 160, text, sig), ERR_UNSUPPORTED);
    assert_int_equal(x509_verify_signature(sig, 256, text, sig), ERR_INVALID);
    assert_int_equal(x509_verify_signature(der, 256, span_slice(text, 1, 99), sig),
                     ERR_DENIED);
    assert_int_equal(x509_verify_signature(der, 256, text, span_of(NULL, 0)), ERR_DENIED);
    assert_int_equal(
        x509_verify_signature(der, 256, text, span_slice(sig, 0, sig.len - 1)),
        ERR_DENIED);
    memcpy(copy, sig.ptr, sig.len);
    copy[sig.len] = 0;
    assert_int_equal(x509_verify_signature(der, 256, text, span_of(copy, sig.len + 1)),
                     ERR_DENIED);
    copy[9] ^= 0x10;
    assert_int_equal(x509_verify_signature(der, 256, text, span_of(copy, sig.len)),
                     ERR_DENIED);
    openssl_must("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes "
                 "-keyout e.key -outform DER -out e -subj /CN=e");
    openssl_must("dgst -sha384 -sign e.key -out sig text");
    sig = openssl_read(1, "sig");
    assert_int_equal(x509_verify_signature(openssl_read(0, "e"), 384, text, sig), 0);
    assert_int_equal(x509_verify_signature(openssl_read(0, "e"), 256, text, sig),
                     ERR_DENIED);
}

/* --- own certificates -------------------------------------------------------------------- */

static void check_own(struct span key, const char *host, int64_t now, const char *name)
{
    sbuf_init(&out, bytes, sizeof(bytes));
    assert_int_equal(x509_make_own(key, host, now, &out), 0);
    assert_int_equal(x509_parse(sbuf_span(&out), &info), 0);
    assert_string_equal(info.common_name, name);
    assert_true(info.is_self_issued);
    assert_false(info.is_ca);
    openssl_write("own", sbuf_span(&out));
    openssl_must("x509 -inform DER -in own -out own.pem");
    openssl_must("verify -CAfile own.pem -purpose sslserver -verify_hostname %s "
                 "-attime %lld own.pem",
                 name, (long long)(now > 1600000000 ? now : 1600000000));
}

static void test_own_certificates(void **state)
{
    uint8_t first[20];
    uint8_t key[256];
    uint8_t public_der[KEYPAIR_PUBLIC_CAP];
    struct sbuf public;
    struct sbuf ec;

    (void)state;
    sbuf_init(&ec, key, sizeof(key));
    sbuf_init(&public, public_der, sizeof(public_der));
    assert_int_equal(keypair_make_p256(&ec, &public), 0);
    check_own(sbuf_span(&ec), "lab-7.example.org", 1790000000, "lab-7.example.org");
    assert_true(x509_is_valid_at(&info, 1790000000));
    assert_true(x509_is_valid_at(&info, INT64_C(2500000000)));
    assert_int_equal(info.serial.len, 16);
    memcpy(first, info.serial.ptr, info.serial.len);
    check_own(sbuf_span(&ec), "host", 1000, "host"); /* a clock that nobody has set */
    assert_memory_not_equal(first, info.serial.ptr, 16);
    check_own(sbuf_span(&ec), "a,CN=b", 1790000000, "vamt");
    check_own(sbuf_span(&ec), "", 1790000000, "vamt");
    openssl_must("genrsa -traditional -out k.pem 2048");
    openssl_must("rsa -in k.pem -traditional -outform DER -out k");
    check_own(openssl_read(0, "k"), "lab-8", 1790000000, "lab-8");
    assert_true(info.is_rsa);
    sbuf_init(&out, bytes, 100);
    assert_int_equal(x509_make_own(sbuf_span(&ec), "host", 1790000000, &out), ERR_FULL);
    assert_int_equal(x509_make_own(span_str("no key"), "host", 0, &out), ERR_INVALID);
    fake_board.has_no_entropy = true;
}

/* --- requests ---------------------------------------------------------------------------- */

static void test_requests(void **state)
{
    static const struct {
        const char *make;
        const char *convert;
        unsigned sha_bits;
        const char *said;
    } kinds[] = {
        {"genrsa -traditional -out k.pem 2048", "rsa -traditional", 256,
         "sha256WithRSAEncryption"},
        {"genrsa -traditional -out k.pem 3072", "rsa -traditional", 384,
         "sha384WithRSAEncryption"},
        {"ecparam -genkey -noout -name prime256v1 -out k.pem", "ec", 256,
         "ecdsa-with-SHA256"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        uint8_t zeroed[4096];

        openssl_must("%s", kinds[i].make);
        openssl_must("%s -in k.pem -outform DER -out k", kinds[i].convert);
        openssl_must("req -new -key k.pem -subj '/C=DE/CN=amt 7' -outform DER -out r "
                     "-addext subjectAltName=DNS:amt7");
        struct span request = openssl_read(0, "r");
        struct span key = openssl_read(1, "k");
        memcpy(zeroed, request.ptr, request.len);
        memset(zeroed + request.len - 60, 0, 60); /* as consoles send it */
        sbuf_reset(&out);
        assert_int_equal(
            x509_make_request(key, kinds[i].sha_bits, span_of(zeroed, request.len), &out),
            0);
        openssl_write("s", sbuf_span(&out));
        openssl_must("req -inform DER -in s -verify -noout -text");
        assert_true(openssl_said("verify OK") ||
                    openssl_said("self-signature verify OK"));
        assert_true(openssl_said(kinds[i].said));
        assert_true(openssl_said("DNS:amt7"));
        assert_true(openssl_said("CN = amt 7"));
        assert_int_equal(x509_make_request(key, 160, request, &out), ERR_UNSUPPORTED);
    }
}

static void test_refused_requests(void **state)
{
    uint8_t copy[4096];
    size_t before = blocks();

    (void)state;
    openssl_must("genrsa -traditional -out k.pem 2048");
    openssl_must("rsa -in k.pem -traditional -outform DER -out k");
    openssl_must("req -new -key k.pem -subj /CN=a -outform DER -out r");
    struct span request = openssl_read(0, "r");
    struct span key = openssl_read(1, "k");
    memcpy(copy, request.ptr, request.len);
    copy[request.len] = 0;
    assert_int_equal(x509_make_request(key, 256, span_of(copy, request.len + 1), &out),
                     ERR_INVALID);
    for (size_t len = 0; len < request.len; len += 13) {
        assert_int_equal(x509_make_request(key, 256, span_of(copy, len), &out),
                         ERR_INVALID);
    }
    copy[10] ^= 7; /* the version: others could not read it */
    assert_int_equal(x509_make_request(key, 256, span_of(copy, request.len), &out),
                     ERR_INVALID);
    assert_int_equal(x509_make_request(key, 256, key, &out), ERR_INVALID);
    assert_int_equal(x509_make_request(request, 256, request, &out), ERR_INVALID);
    openssl_must("genrsa -traditional -out other.pem 2048");
    openssl_must("rsa -in other.pem -traditional -outform DER -out other");
    assert_int_equal(x509_make_request(openssl_read(2, "other"), 256, request, &out),
                     ERR_DENIED);
    assert_int_equal(out.len, 0);
    sbuf_init(&out, bytes, 100);
    assert_int_equal(x509_make_request(key, 256, request, &out), ERR_FULL);
    assert_int_equal(blocks(), before);
}

/* --- memory ------------------------------------------------------------------------------ */

static void test_out_of_memory(void **state)
{
    size_t before = blocks();
    size_t n = 0;
    int result;

    (void)state;
    make_chain("basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\n");
    do {
        arena_fail_at(++n, true);
        result = x509_verify_chain(chain, 3, INT64_MIN);
        arena_fail_at(0, false);
        assert_int_equal(blocks(), before);
    } while (result != 0);
    assert_true(n > 10);
    openssl_must("rsa -in leaf.key -traditional -outform DER -out k");
    openssl_must("req -new -key leaf.key -subj /CN=a -outform DER -out r");
    for (n = 1, result = -1; result != 0; n++) {
        sbuf_reset(&out);
        arena_fail_at(n, true);
        result = x509_make_request(openssl_read(3, "k"), 256, openssl_read(4, "r"), &out);
        arena_fail_at(0, false);
        assert_int_equal(blocks(), before);
    }
    for (n = 1, result = -1; result != 0; n++) {
        sbuf_reset(&out);
        arena_fail_at(n, true);
        result = x509_make_own(openssl_read(3, "k"), "host", 1790000000, &out);
        arena_fail_at(0, false);
        assert_int_equal(blocks(), before);
    }
    assert_true(n > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_fields, setup, teardown),
        cmocka_unit_test_setup_teardown(test_names_as_amt_shows_them, setup, teardown),
        cmocka_unit_test_setup_teardown(test_names_with_control_characters, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_what_is_no_certificate, setup, teardown),
        cmocka_unit_test_setup_teardown(test_chain, setup, teardown),
        cmocka_unit_test_setup_teardown(test_chain_through_no_ca, setup, teardown),
        cmocka_unit_test_setup_teardown(test_chain_to_another_root_of_that_name, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_chain_with_a_spoilt_signature, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_weak_digest, setup, teardown),
        cmocka_unit_test_setup_teardown(test_signature, setup, teardown),
        cmocka_unit_test_setup_teardown(test_own_certificates, setup, teardown),
        cmocka_unit_test_setup_teardown(test_requests, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused_requests, setup, teardown),
        cmocka_unit_test_setup_teardown(test_out_of_memory, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
