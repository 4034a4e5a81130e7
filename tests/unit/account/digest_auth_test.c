/* SPDX-License-Identifier: ISC */
/* account/digest_auth.c: what real clients send passes; CVE-2017-5689 and its kin do
 * not. */
#include "unit.h"

#include <stdio.h>

#include "account/digest_auth.h"
#include "base/err.h"
#include "crypto/crypto.h"
#include "http/fake_board.h"
#include "http/fake_client.h"
#include "settings/identity.h"

static char nonce[33];
static struct fake_client client;

static void new_nonce(void)
{
    char text[256];
    struct sbuf out;

    sbuf_init(&out, text, sizeof(text));
    digest_auth_put_challenge(&out, false);
    assert_int_equal(sbuf_terminate(&out), 0);
    fake_client_read_nonce(text, nonce);
}

static int set_up(void **state)
{
    (void)state;
    fake_board_reset();
    assert_int_equal(crypto_start(), 0);
    identity_start();
    assert_int_equal(account_start(), 0);
    new_nonce();
    client = (struct fake_client){.user = "admin",
                                  .password = FAKE_BOARD_PASSWORD,
                                  .realm = identity_get()->realm,
                                  .method = "POST",
                                  .uri = "/wsman",
                                  .nonce = nonce,
                                  .nc = "00000001",
                                  .cnonce = "abcdef0123456789"};
    return 0;
}

static int check_target(const char *header, const char *target)
{
    static const uint8_t peer[ACCOUNT_PEER_LEN];
    const struct account *account = NULL;
    struct digest_auth_request request = {.method = span_str("POST"),
                                          .target = span_str(target),
                                          .authorization = span_str(header),
                                          .peer = peer};
    int result = digest_auth_check(&request, &account);

    if (result == 0) {
        assert_non_null(account);
        assert_string_equal(account->name, "admin");
    } else {
        assert_null(account);
    }
    return result;
}

static int check(const char *header)
{
    return check_target(header, "/wsman");
}

/* A curl-like header with this text as the response directive. */
static const char *with_response(const char *directive)
{
    static char header[4096];

    snprintf(header, sizeof(header),
             "Digest username=\"admin\", realm=\"%s\", nonce=\"%s\", uri=\"/wsman\", "
             "cnonce=\"%s\", nc=00000001, qop=auth%s%s",
             client.realm, nonce, client.cnonce, directive[0] != '\0' ? ", " : "",
             directive);
    return header;
}

static void test_challenge_shape(void **state)
{
    char text[256];
    char expected[256];
    struct sbuf out;

    (void)state;
    sbuf_init(&out, text, sizeof(text));
    digest_auth_put_challenge(&out, true);
    assert_int_equal(sbuf_terminate(&out), 0);
    fake_client_read_nonce(text, nonce);
    snprintf(expected, sizeof(expected),
             "Digest realm=\"%s\", nonce=\"%s\",stale=\"true\",qop=\"auth\"",
             identity_get()->realm, nonce);
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
        client.nc = counts[i];
        assert_int_equal(check(fake_client_header(&client, styles[i])), 0);
        assert_int_equal(check(fake_client_header(&client, styles[i])), ERR_TIMEOUT);
    }
}

static void test_uri_forms(void **state)
{
    (void)state;
    client.uri = "http://192.0.2.1:16992/wsman";
    assert_int_equal(check(fake_client_header(&client, FAKE_CLIENT_MC)), 0);
    client.nc = "2";
    client.uri = "/wsman";
    assert_int_equal(check_target(fake_client_header(&client, FAKE_CLIENT_MC),
                                  "http://192.0.2.1:16992/wsman"),
                     0);
    client.nc = "3";
    assert_int_equal(
        check_target(fake_client_header(&client, FAKE_CLIENT_MC), "/wsman?x"),
        ERR_DENIED);
    assert_int_equal(check_target(fake_client_header(&client, FAKE_CLIENT_MC), "/other"),
                     ERR_DENIED);
    client.uri = "wsman";
    assert_int_equal(check(fake_client_header(&client, FAKE_CLIENT_MC)), ERR_DENIED);
}

/* INTEL-SA-00075: the response that the firmware compared only as far as it went. */
static void test_cve_2017_5689(void **state)
{
    char good[33];
    char directive[128];

    (void)state;
    fake_client_response(&client, good);
    for (size_t len = 0; len < 32; len++) {
        snprintf(directive, sizeof(directive), "response=\"%.*s\"", (int)len, good);
        assert_int_equal(check(with_response(directive)), ERR_DENIED);
    }
    snprintf(directive, sizeof(directive), "response=\"%s0\"", good);
    assert_int_equal(check(with_response(directive)), ERR_DENIED);
    assert_int_equal(check(with_response("response=")), ERR_DENIED);
    assert_int_equal(check(with_response("")), ERR_DENIED);
    snprintf(directive, sizeof(directive), "response=\"%s\", response=\"%s\"", good,
             good);
    assert_int_equal(check(with_response(directive)), ERR_DENIED);
    snprintf(directive, sizeof(directive), "response=\"\", response=\"%s\"", good);
    assert_int_equal(check(with_response(directive)), ERR_DENIED);
    for (size_t i = 0; i < 32; i++) {
        char wrong[33];

        memcpy(wrong, good, sizeof(wrong));
        wrong[i] = wrong[i] == '0' ? '1' : '0';
        snprintf(directive, sizeof(directive), "response=\"%s\"", wrong);
        assert_int_equal(check(with_response(directive)), ERR_DENIED);
    }
    snprintf(directive, sizeof(directive), "response=\"%s\"", good);
    for (char *c = directive + 10; *c != '\0'; c++) {
        *c = *c >= 'a' && *c <= 'f' ? (char)(*c - 'a' + 'A') : *c;
    }
    assert_int_equal(check(with_response(directive)), ERR_DENIED);
    snprintf(directive, sizeof(directive), "response=\"%s\"", good);
    assert_int_equal(check(with_response(directive)), 0);
}

static void test_response_of_another_nonce(void **state)
{
    char directive[128];
    char other[33];

    (void)state;
    fake_client_response(&client, other);
    new_nonce();
    snprintf(directive, sizeof(directive), "response=\"%s\"", other);
    assert_int_equal(check(with_response(directive)), ERR_DENIED);
}

/* The public scanner's probe: uri without slash, nc=1, empty response. */
static void test_scanner_probe(void **state)
{
    char header[512];

    (void)state;
    snprintf(header, sizeof(header),
             "Digest username=\"admin\", realm=\"%s\", nonce=\"%s\", uri=\"index.htm\","
             "cnonce=\"qwertyuiop\", nc=1, qop=\"auth\", response=\"\"",
             client.realm, nonce);
    assert_int_equal(check_target(header, "/index.htm"), ERR_DENIED);
}

static void test_wrong_people(void **state)
{
    (void)state;
    client.password = "P@ssw0rd?";
    assert_int_equal(check(fake_client_header(&client, FAKE_CLIENT_CURL)), ERR_DENIED);
    client.password = FAKE_BOARD_PASSWORD;
    client.user = "Admin";
    assert_int_equal(check(fake_client_header(&client, FAKE_CLIENT_CURL)), ERR_DENIED);
    client.user = "";
    assert_int_equal(check(fake_client_header(&client, FAKE_CLIENT_CURL)), ERR_DENIED);
    client.user = "$$OsAdmin";
    assert_int_equal(check(fake_client_header(&client, FAKE_CLIENT_CURL)), ERR_DENIED);
    client.user = "admin";
    client.method = "GET";
    assert_int_equal(check(fake_client_header(&client, FAKE_CLIENT_CURL)), ERR_DENIED);
    client.method = "POST";
    client.realm = "Digest:00000000000000000000000000000000";
    assert_int_equal(check(fake_client_header(&client, FAKE_CLIENT_CURL)), ERR_DENIED);
    client.realm = identity_get()->realm;
    client.nonce = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    assert_int_equal(check(fake_client_header(&client, FAKE_CLIENT_CURL)), ERR_TIMEOUT);
    client.nonce = nonce;
    assert_int_equal(check(fake_client_header(&client, FAKE_CLIENT_CURL)), 0);
}

/* Without a password nobody gets in, least of all with the digest of nothing. */
static void test_no_login_without_seed(void **state)
{
    static const char *const guesses[] = {"", "admin", FAKE_BOARD_PASSWORD};

    (void)state;
    fake_board.password = NULL;
    assert_int_equal(account_start(), ERR_NOT_FOUND);
    new_nonce();
    for (size_t i = 0; i < UTIL_COUNT(guesses); i++) {
        client.password = guesses[i];
        client.user = "admin";
        assert_int_equal(check(fake_client_header(&client, FAKE_CLIENT_CURL)),
                         ERR_DENIED);
        client.user = "";
        assert_int_equal(check(fake_client_header(&client, FAKE_CLIENT_CURL)),
                         ERR_DENIED);
    }
}

static void test_replay_and_order(void **state)
{
    static char captured[4096];

    (void)state;
    client.nc = "00000002";
    snprintf(captured, sizeof(captured), "%s",
             fake_client_header(&client, FAKE_CLIENT_MC));
    assert_int_equal(check(captured), 0);
    assert_int_equal(check(captured), ERR_TIMEOUT);
    client.nc = "00000001"; /* overtaken on another connection */
    assert_int_equal(check(fake_client_header(&client, FAKE_CLIENT_MC)), 0);
    assert_int_equal(check(captured), ERR_TIMEOUT);
    fake_board.now_us += (uint64_t)CONFIG_DIGEST_NONCE_MS * 1000 + 1;
    client.nc = "00000003";
    assert_int_equal(check(fake_client_header(&client, FAKE_CLIENT_MC)), ERR_TIMEOUT);
}

/* Replaces `from` in a good header; the response stays right for the good one. */
static int check_changed(const char *from, const char *to)
{
    static char changed[8192];
    const char *header = fake_client_header(&client, FAKE_CLIENT_GO);
    const char *at = strstr(header, from);

    assert_non_null(at);
    snprintf(changed, sizeof(changed), "%.*s%s%s", (int)(at - header), header, to,
             at + strlen(from));
    return check(changed);
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
    client.nc = "00000002";
    assert_int_equal(check_changed("algorithm=MD5", "Algorithm = \"md5\" , , x=\"\\\"\""),
                     0);
    client.nc = "00000003";
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
        cmocka_unit_test_setup(test_challenge_shape, set_up),
        cmocka_unit_test_setup(test_styles_of_real_clients, set_up),
        cmocka_unit_test_setup(test_uri_forms, set_up),
        cmocka_unit_test_setup(test_cve_2017_5689, set_up),
        cmocka_unit_test_setup(test_response_of_another_nonce, set_up),
        cmocka_unit_test_setup(test_scanner_probe, set_up),
        cmocka_unit_test_setup(test_wrong_people, set_up),
        cmocka_unit_test_setup(test_no_login_without_seed, set_up),
        cmocka_unit_test_setup(test_replay_and_order, set_up),
        cmocka_unit_test_setup(test_parameters, set_up),
        cmocka_unit_test_setup(test_syntax, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
