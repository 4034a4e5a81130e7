/* SPDX-License-Identifier: ISC */
/* account/digest_auth.c: what real clients send passes; CVE-2017-5689 and its kin do
 * not. */
#include "unit.h"

#include <stdio.h>

#include "account/digest_auth.h"
#include "digest_world.h"
#include "base/err.h"
#include "crypto/crypto.h"
#include "http/fake_board.h"
#include "http/fake_client.h"
#include "settings/identity.h"

static void test_challenge_shape(void **state)
{
    char text[256];
    char expected[256];
    struct sbuf out;

    (void)state;
    sbuf_init(&out, text, sizeof(text));
    digest_auth_put_challenge(&out, true);
    assert_int_equal(sbuf_terminate(&out), 0);
    fake_client_read_nonce(text, digest_world.nonce);
    snprintf(expected, sizeof(expected),
             "Digest realm=\"%s\", nonce=\"%s\",stale=\"true\",qop=\"auth\"",
             identity_get()->realm, digest_world.nonce);
    assert_string_equal(text, expected);
}

static void test_styles_of_real_clients(void **state)
{
    static const enum fake_client_style styles[] = {FAKE_CLIENT_CURL, FAKE_CLIENT_MC,
                                                    FAKE_CLIENT_MPS, FAKE_CLIENT_GO,
                                                    FAKE_CLIENT_REQUESTS};
    static const char *const counts[] = {"00000001", "2", "6", "0000000a", "0B"};

    (void)state;
    for (size_t i = 0; i < UTIL_COUNT(styles); i++) {
        digest_world.client.nc = counts[i];
        assert_int_equal(
            digest_world_check(fake_client_header(&digest_world.client, styles[i])), 0);
        assert_int_equal(
            digest_world_check(fake_client_header(&digest_world.client, styles[i])),
            ERR_TIMEOUT);
    }
}

static void test_uri_forms(void **state)
{
    (void)state;
    digest_world.client.uri = "http://192.0.2.1:16992/wsman";
    assert_int_equal(
        digest_world_check(fake_client_header(&digest_world.client, FAKE_CLIENT_MC)), 0);
    digest_world.client.nc = "2";
    digest_world.client.uri = "/wsman";
    assert_int_equal(digest_world_check_target(
                         fake_client_header(&digest_world.client, FAKE_CLIENT_MC),
                         "http://192.0.2.1:16992/wsman"),
                     0);
    digest_world.client.nc = "3";
    assert_int_equal(
        digest_world_check_target(
            fake_client_header(&digest_world.client, FAKE_CLIENT_MC), "/wsman?x"),
        ERR_DENIED);
    assert_int_equal(
        digest_world_check_target(
            fake_client_header(&digest_world.client, FAKE_CLIENT_MC), "/other"),
        ERR_DENIED);
    digest_world.client.uri = "wsman";
    assert_int_equal(
        digest_world_check(fake_client_header(&digest_world.client, FAKE_CLIENT_MC)),
        ERR_DENIED);
}

static void test_wrong_people(void **state)
{
    (void)state;
    digest_world.client.password = "P@ssw0rd?";
    assert_int_equal(
        digest_world_check(fake_client_header(&digest_world.client, FAKE_CLIENT_CURL)),
        ERR_DENIED);
    digest_world.client.password = FAKE_BOARD_PASSWORD;
    digest_world.client.user = "Admin";
    assert_int_equal(
        digest_world_check(fake_client_header(&digest_world.client, FAKE_CLIENT_CURL)),
        ERR_DENIED);
    digest_world.client.user = "";
    assert_int_equal(
        digest_world_check(fake_client_header(&digest_world.client, FAKE_CLIENT_CURL)),
        ERR_DENIED);
    digest_world.client.user = "$$OsAdmin";
    assert_int_equal(
        digest_world_check(fake_client_header(&digest_world.client, FAKE_CLIENT_CURL)),
        ERR_DENIED);
    digest_world.client.user = "admin";
    digest_world.client.method = "GET";
    assert_int_equal(
        digest_world_check(fake_client_header(&digest_world.client, FAKE_CLIENT_CURL)),
        ERR_DENIED);
    digest_world.client.method = "POST";
    digest_world.client.realm = "Digest:00000000000000000000000000000000";
    assert_int_equal(
        digest_world_check(fake_client_header(&digest_world.client, FAKE_CLIENT_CURL)),
        ERR_DENIED);
    digest_world.client.realm = identity_get()->realm;
    digest_world.client.nonce = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    assert_int_equal(
        digest_world_check(fake_client_header(&digest_world.client, FAKE_CLIENT_CURL)),
        ERR_TIMEOUT);
    digest_world.client.nonce = digest_world.nonce;
    assert_int_equal(
        digest_world_check(fake_client_header(&digest_world.client, FAKE_CLIENT_CURL)),
        0);
}

/* Without a password nobody gets in, least of all with the digest of nothing. */
static void test_no_login_without_seed(void **state)
{
    static const char *const guesses[] = {"", "admin", FAKE_BOARD_PASSWORD};

    (void)state;
    fake_board.password = NULL;
    assert_int_equal(account_start(), ERR_NOT_FOUND);
    digest_world_new_nonce();
    for (size_t i = 0; i < UTIL_COUNT(guesses); i++) {
        digest_world.client.password = guesses[i];
        digest_world.client.user = "admin";
        assert_int_equal(digest_world_check(
                             fake_client_header(&digest_world.client, FAKE_CLIENT_CURL)),
                         ERR_DENIED);
        digest_world.client.user = "";
        assert_int_equal(digest_world_check(
                             fake_client_header(&digest_world.client, FAKE_CLIENT_CURL)),
                         ERR_DENIED);
    }
}

static void test_replay_and_order(void **state)
{
    static char captured[4096];

    (void)state;
    digest_world.client.nc = "00000002";
    snprintf(captured, sizeof(captured), "%s",
             fake_client_header(&digest_world.client, FAKE_CLIENT_MC));
    assert_int_equal(digest_world_check(captured), 0);
    assert_int_equal(digest_world_check(captured), ERR_TIMEOUT);
    digest_world.client.nc = "00000001"; /* overtaken on another connection */
    assert_int_equal(
        digest_world_check(fake_client_header(&digest_world.client, FAKE_CLIENT_MC)), 0);
    assert_int_equal(digest_world_check(captured), ERR_TIMEOUT);
    fake_board.now_us += (uint64_t)CONFIG_DIGEST_NONCE_MS * 1000 + 1;
    digest_world.client.nc = "00000003";
    assert_int_equal(
        digest_world_check(fake_client_header(&digest_world.client, FAKE_CLIENT_MC)),
        ERR_TIMEOUT);
}

/* Replaces `from` in a good header; the response stays right for the good one. */
static int check_changed(const char *from, const char *to)
{
    static char changed[8192];
    const char *header = fake_client_header(&digest_world.client, FAKE_CLIENT_GO);
    const char *at = strstr(header, from);

    assert_non_null(at);
    snprintf(changed, sizeof(changed), "%.*s%s%s", (int)(at - header), header, to,
             at + strlen(from));
    return digest_world_check(changed);
}

static void test_parameters(void **state)
{
    (void)state;
    assert_int_equal(check_changed("algorithm=MD5", "algorithm=SHA-256"), ERR_DENIED);
    assert_int_equal(check_changed("algorithm=MD5", "algorithm=MD5-sess"), ERR_DENIED);
    assert_int_equal(check_changed("qop=\"auth\"", "qop=\"auth-int\""), ERR_DENIED);
    assert_int_equal(check_changed("qop=\"auth\", ", ""), ERR_DENIED); /* RFC 2069 */
    assert_int_equal(check_changed("nc=00000001, ", ""), ERR_DENIED);
    assert_int_equal(check_changed("nc=00000001", "nc=0"), ERR_DENIED);
    assert_int_equal(check_changed("nc=00000001", "nc=000000001"), ERR_DENIED);
    assert_int_equal(check_changed("nc=00000001", "nc=-1"), ERR_DENIED);
    assert_int_equal(check_changed("cnonce=\"abcdef0123456789\", ", ""), ERR_DENIED);
    assert_int_equal(check_changed("uri=\"/wsman\", ", ""), ERR_DENIED);
    assert_int_equal(check_changed("userhash=false", "username=\"admin\""), ERR_DENIED);
    assert_int_equal(check_changed("userhash=false", "USERNAME=\"admin\""), ERR_DENIED);
    assert_int_equal(check_changed("Digest ", "Basic "), ERR_DENIED);
    assert_int_equal(check_changed("Digest ", "Digestive "), ERR_DENIED);
    assert_int_equal(check_changed("Digest ", "dIGEST\t "), 0);
    digest_world.client.nc = "00000002";
    assert_int_equal(check_changed("algorithm=MD5", "Algorithm = \"md5\" , , x=\"\\\"\""),
                     0);
    digest_world.client.nc = "00000003";
    assert_int_equal(check_changed("username=\"admin\"", "username=\"\\ad\\min\""), 0);
}

static void test_syntax(void **state)
{
    static const char *const bad[] = {"Digest username",
                                      "Digest =x",
                                      "Digest username=",
                                      "Digest username=\"a",
                                      "Digest username=\"a\\",
                                      "Digest username=\"a\"b=c",
                                      "Digest username=\"a\" b=c",
                                      "Digest a=b\"c",
                                      "Digest a b=c",
                                      "Digest ,a=b c",
                                      "Digest a=\"b\\\""};
    static char many[4096] = "Digest ";
    struct digest_auth auth;

    (void)state;
    for (size_t i = 0; i < UTIL_COUNT(bad); i++) {
        assert_int_equal(digest_auth_parse(span_str(bad[i]), &auth), ERR_INVALID);
    }
    assert_int_equal(digest_auth_parse(span_str(""), &auth), ERR_UNSUPPORTED);
    assert_int_equal(digest_auth_parse(span_str("Digest"), &auth), 0);
    assert_null(auth.username.ptr);
    for (int i = 0; i < 33; i++) {
        strcat(many, "a=b,");
    }
    assert_int_equal(digest_auth_parse(span_str(many), &auth), ERR_INVALID);
    many[strlen(many) - 4] = '\0';
    assert_int_equal(digest_auth_parse(span_str(many), &auth), 0);
    memset(many, 'x', sizeof(many) - 1);
    memcpy(many, "Digest a=\"\\", 11);
    many[sizeof(many) - 2] = '"';
    assert_int_equal(digest_auth_parse(span_str(many), &auth), ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_challenge_shape, digest_world_set_up),
        cmocka_unit_test_setup(test_styles_of_real_clients, digest_world_set_up),
        cmocka_unit_test_setup(test_uri_forms, digest_world_set_up),
        cmocka_unit_test_setup(test_wrong_people, digest_world_set_up),
        cmocka_unit_test_setup(test_no_login_without_seed, digest_world_set_up),
        cmocka_unit_test_setup(test_replay_and_order, digest_world_set_up),
        cmocka_unit_test_setup(test_parameters, digest_world_set_up),
        cmocka_unit_test_setup(test_syntax, digest_world_set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
