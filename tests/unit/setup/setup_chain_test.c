/* SPDX-License-Identifier: ISC */
/* setup/setup_chain.c and setup_hash.c: which chains and signatures take a device over. */
#include "unit.h"

#include <stdlib.h>

#include "base/err.h"
#include "setup/setup_chain.h"
#include "setup/setup_hash.h"
#include "setup/setup_world.h"

enum { DAY = 86400 };

static const uint8_t theirs[SETUP_CHAIN_NONCE_LEN] = {1, 2, 3};
static struct setup_record record;

static int open_world(void **state)
{
    (void)state;
    setup_world_open(true);
    setup_world_certificates();
    return setup_world_start();
}

static int close_world(void **state)
{
    (void)state;
    setup_world_close();
    return 0;
}

static int add(const char *name, bool is_leaf, bool is_root)
{
    return setup_chain_add(setup_world_der(name), is_leaf, is_root);
}

static struct span their_nonce(void)
{
    return span_of(theirs, sizeof(theirs));
}

static int prove(struct span signature)
{
    return setup_chain_prove(their_nonce(), signature, &record);
}

static void test_a_good_chain_and_signature(void **state)
{
    uint8_t before[SETUP_CHAIN_NONCE_LEN];

    (void)state;
    assert_int_equal(setup_chain_state(), SETUP_CHAIN_NONE);
    assert_int_equal(setup_chain_nonce().len, SETUP_CHAIN_NONCE_LEN);
    memcpy(before, setup_chain_nonce().ptr, sizeof(before));
    assert_int_equal(add("leaf", true, false), 0);
    assert_int_equal(setup_chain_state(), SETUP_CHAIN_PART);
    assert_int_equal(add("inter", false, false), 0);
    assert_int_equal(setup_chain_state(), SETUP_CHAIN_PART);
    assert_int_equal(add("root", false, true), 0);
    assert_int_equal(setup_chain_state(), SETUP_CHAIN_WHOLE);
    assert_memory_equal(before, setup_chain_nonce().ptr, sizeof(before));
    assert_int_equal(prove(setup_world_sign_nonces(setup_chain_nonce(), their_nonce())),
                     0);
    assert_string_equal(record.common_name, "provision.corp.example.com");
    assert_memory_equal(record.hash, setup_hash_at(0)->sha256, 32);
    assert_int_equal(record.kind, SETUP_RECORD_ADMIN);
    assert_true(record.serials_len >= 2 * 8); /* of two authorities */
    assert_false(record.has_more_serials);
    assert_int_equal(setup_chain_state(), SETUP_CHAIN_NONE);
    assert_memory_not_equal(before, setup_chain_nonce().ptr, sizeof(before));
}

static void test_a_nonce_serves_once(void **state)
{
    uint8_t signature[512];
    struct span signed_once;

    (void)state;
    setup_world_add_chain();
    signed_once = setup_world_sign_nonces(setup_chain_nonce(), their_nonce());
    memcpy(signature, signed_once.ptr, signed_once.len);
    signed_once.ptr = signature;
    assert_int_equal(prove(signed_once), 0);
    setup_world_add_chain();
    assert_int_equal(prove(signed_once), ERR_DENIED); /* replayed */
    setup_world_add_chain();
    signature[7] ^= 1; /* a failure uses the nonce up as well */
    signed_once = setup_world_sign_nonces(setup_chain_nonce(), their_nonce());
    assert_int_equal(prove(span_of(signature, signed_once.len)), ERR_DENIED);
    setup_world_add_chain();
    assert_int_equal(prove(signed_once), ERR_DENIED);
}

static void test_wrong_signatures(void **state)
{
    uint8_t other[2 * SETUP_CHAIN_NONCE_LEN] = {0};
    struct span signature;

    (void)state;
    setup_world_add_chain(); /* over another nonce */
    assert_int_equal(prove(setup_world_sign(span_of(other, sizeof(other)))), ERR_DENIED);
    setup_world_add_chain(); /* nonces in the wrong order */
    assert_int_equal(prove(setup_world_sign_nonces(their_nonce(), setup_chain_nonce())),
                     ERR_DENIED);
    setup_world_add_chain(); /* ours alone */
    assert_int_equal(prove(setup_world_sign(setup_chain_nonce())), ERR_DENIED);
    setup_world_add_chain(); /* none, cut off, one byte too many */
    assert_int_equal(prove(span_of(NULL, 0)), ERR_DENIED);
    setup_world_add_chain();
    signature = setup_world_sign_nonces(setup_chain_nonce(), their_nonce());
    assert_int_equal(prove(span_slice(signature, 0, signature.len - 1)), ERR_DENIED);
    setup_world_add_chain();
    signature = setup_world_sign_nonces(setup_chain_nonce(), their_nonce());
    assert_int_equal(prove(span_of(signature.ptr, signature.len + 1)), ERR_DENIED);
}

/* A nonce of another length would let the border between the two move. */
static void test_their_nonce_has_one_length(void **state)
{
    uint8_t nonce[64] = {0};
    static const size_t lens[] = {0, 1, 19, 21, 32, 64};

    (void)state;
    for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
        struct span their = span_of(nonce, lens[i]);

        setup_world_add_chain();
        assert_int_equal(
            setup_chain_prove(their, setup_world_sign_nonces(setup_chain_nonce(), their),
                              &record),
            ERR_INVALID);
    }
}

static void test_no_proof_without_the_whole_chain(void **state)
{
    (void)state;
    assert_int_equal(prove(setup_world_sign_nonces(setup_chain_nonce(), their_nonce())),
                     ERR_INVALID);
    assert_int_equal(add("leaf", true, false), 0);
    assert_int_equal(add("inter", false, false), 0);
    assert_int_equal(prove(setup_world_sign_nonces(setup_chain_nonce(), their_nonce())),
                     ERR_INVALID);
    assert_int_equal(setup_chain_state(), SETUP_CHAIN_NONE);
}

static void test_order(void **state)
{
    (void)state;
    assert_int_equal(add("inter", false, false), ERR_INVALID); /* no leaf yet */
    assert_int_equal(add("root", false, true), ERR_INVALID);
    assert_int_equal(add("leaf", true, true), ERR_INVALID); /* both */
    assert_int_equal(add("leaf", true, false), 0);
    assert_int_equal(add("root", false, true), ERR_DENIED); /* not its issuer */
    assert_int_equal(setup_chain_state(), SETUP_CHAIN_NONE);
    assert_int_equal(add("leaf", true, false), 0);
    assert_int_equal(add("leaf", true, false), 0); /* begins anew */
    assert_int_equal(add("inter", false, false), 0);
    assert_int_equal(add("root", false, true), 0);
    assert_int_equal(add("root", false, true), ERR_INVALID); /* whole already */
    assert_int_equal(setup_chain_state(), SETUP_CHAIN_NONE);
}

static void test_leaves_that_are_not_for_this(void **state)
{
    static const uint8_t junk[] = {0x30, 0x82, 0x01, 0x00, 0x30};

    (void)state;
    assert_int_equal(add("leaf-web", true, false), ERR_DENIED); /* wrong usage */
    assert_int_equal(add("leaf-ec", true, false), ERR_DENIED);
    assert_int_equal(add("inter", true, false), ERR_DENIED);
    assert_int_equal(setup_chain_add(span_of(NULL, 0), true, false), ERR_DENIED);
    assert_int_equal(setup_chain_add(span_of(junk, sizeof(junk)), true, false),
                     ERR_DENIED);
    assert_int_equal(setup_chain_state(), SETUP_CHAIN_NONE);
    assert_int_equal(add("leaf-ou", true, false), 0); /* the old mark */
}

static void test_roots_and_signatures_that_are_not_trusted(void **state)
{
    (void)state;
    assert_int_equal(add("leaf", true, false), 0);
    assert_int_equal(add("inter-evil", false, false), 0);   /* right names */
    assert_int_equal(add("evil", false, true), ERR_DENIED); /* wrong root */
    assert_int_equal(add("leaf", true, false), 0);
    assert_int_equal(add("inter-evil", false, false), 0);
    assert_int_equal(add("root", false, true), ERR_DENIED); /* not signed by it */
    assert_int_equal(add("leaf", true, false), 0);
    assert_int_equal(add("inter-plain", false, false), ERR_DENIED); /* no authority */
    assert_int_equal(add("leaf", true, false), 0); /* an intermediate posing as root */
    assert_int_equal(add("inter", false, true), ERR_DENIED);
    assert_int_equal(setup_chain_state(), SETUP_CHAIN_NONE);
}

static void test_dates(void **state)
{
    int64_t now_s = host_double_wall_s;

    (void)state;
    host_double_wall_s = now_s + 401 * DAY; /* expired */
    assert_int_equal(add("leaf", true, false), ERR_DENIED);
    host_double_wall_s = now_s - 2 * DAY; /* not yet valid */
    assert_int_equal(add("leaf", true, false), ERR_DENIED);
    host_double_wall_s = now_s;
    assert_int_equal(add("leaf", true, false), 0);
    host_double_wall_s = now_s + 401 * DAY; /* it expires on the way */
    assert_int_equal(add("inter", false, false), ERR_DENIED);
}

/* "cert chain 10 deep" of security-tests.md: AMT takes four. */
static void test_a_chain_ten_deep(void **state)
{
    static const char *const names[] = {"d1", "d2", "d3"};

    (void)state;
    assert_int_equal(add("leaf-deep", true, false), 0);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_int_equal(add(names[i], false, false), 0);
    }
    assert_int_equal(add("d4", false, false), ERR_TOO_BIG);
    assert_int_equal(setup_chain_state(), SETUP_CHAIN_NONE);
}

static void test_more_bytes_than_there_is_room(void **state)
{
    static uint8_t big[CONFIG_SETUP_CHAIN_CAP + 1];

    (void)state;
    assert_int_equal(setup_chain_add(span_of(big, sizeof(big)), true, false),
                     ERR_TOO_BIG);
}

static int add_leaf_for(const char *suffix)
{
    host_double_set_seed("pki-dns-suffix", suffix);
    assert_int_equal(setup_chain_start(), 0);
    return add("leaf", true, false);
}

static void test_domain(void **state)
{
    (void)state; /* the leaf is provision.corp.example.com */
    assert_int_equal(add_leaf_for(NULL), 0);
    assert_int_equal(add_leaf_for("example.com"), 0);
    assert_int_equal(add_leaf_for("CORP.Example.com\n"), 0);
    assert_int_equal(add_leaf_for("provision.corp.example.com"), 0);
    assert_int_equal(add_leaf_for("site.provision.corp.example.com"), 0);
    assert_string_equal(setup_chain_suffix(), "site.provision.corp.example.com");
    assert_int_equal(add_leaf_for("example.org"), ERR_DENIED);
    assert_int_equal(add_leaf_for("ample.com"), ERR_DENIED);
    assert_int_equal(add_leaf_for("lab.corp.example.com"), ERR_DENIED);
    assert_int_equal(add_leaf_for(""), ERR_DENIED); /* what was meant cannot be told */
    host_double_set_seed("pki-dns-suffix", "a.example.com"); /* leaf-ou: *.example.com */
    assert_int_equal(setup_chain_start(), 0);
    assert_int_equal(add("leaf-ou", true, false), 0);
}

static void set_hashes(const char *text)
{
    host_double_set_seed("provisioning-hashes", text);
    setup_hash_start();
}

#define HEX32 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static void test_hashes_of_the_seed(void **state)
{
    static char many[40 * 80];

    (void)state;
    set_hashes("My Root CA " HEX32 "\r\n\n# a comment\nOther\t" HEX32 "\n");
    assert_int_equal(setup_hash_count(), 2);
    assert_string_equal(setup_hash_at(0)->name, "My Root CA");
    assert_string_equal(setup_hash_at(1)->name, "Other");
    assert_int_equal(setup_hash_at(0)->sha256[31], 0xff);
    assert_null(setup_hash_at(2));
    set_hashes("A 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"
               "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF");
    assert_int_equal(setup_hash_count(), 1);
    assert_int_equal(setup_hash_at(0)->sha256[17], 0x11);
    set_hashes(HEX32 "\nA " HEX32 "0\nB 0011\nC\nD " HEX32 "zz\nE :" HEX32 "\n");
    assert_int_equal(setup_hash_count(), 0);
    set_hashes(NULL);
    assert_int_equal(setup_hash_count(), 0);
    for (unsigned i = 0; i < CONFIG_SETUP_HASHES + 1; i++) {
        strcat(many, "Name " HEX32 "\n");
    }
    set_hashes(many);
    assert_int_equal(setup_hash_count(), CONFIG_SETUP_HASHES);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_good_chain_and_signature),
        TEST(test_a_nonce_serves_once),
        TEST(test_wrong_signatures),
        TEST(test_their_nonce_has_one_length),
        TEST(test_no_proof_without_the_whole_chain),
        TEST(test_order),
        TEST(test_leaves_that_are_not_for_this),
        TEST(test_roots_and_signatures_that_are_not_trusted),
        TEST(test_dates),
        TEST(test_a_chain_ten_deep),
        TEST(test_more_bytes_than_there_is_room),
        TEST(test_domain),
        TEST(test_hashes_of_the_seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
