/* SPDX-License-Identifier: ISC */
/* Clients that must show a certificate: who gets in, and who does not. Certificates are OpenSSL's,
 * as is the client. */
#include <openssl/ssl.h>
#include <stdio.h>
#include <time.h>

#include "../unit.h"
#include "base/util.h"
#include "crypto/openssl.h"
#include "http/fake_board.h"
#include "tls_world.h"

static struct tls_peer peer;

static const int versions[] = {TLS1_3_VERSION, TLS1_2_VERSION};

static int setup(void **state)
{
    int result = tls_world_setup(state);

    tls_world.settings.is_mutual = true;
    tls_world_trust("ca.der");
    tls_world_apply();
    return result;
}

/* True if the protocol saw this client, in the same way with both versions. */
static bool gets_in(const char *certificate, const char *key)
{
    unsigned times = 0;

    for (size_t i = 0; i < UTIL_COUNT(versions); i++) {
        SSL_CTX *context = tls_peer_context(versions[i], certificate, key);
        unsigned opened = tls_world.opened;

        assert_int_equal(tls_peer_open(&peer, context), 0);
        (void)tls_peer_connect(&peer);
        times += tls_world.opened - opened;
        assert_int_equal(peer.is_open, tls_world.opened > opened);
        tls_peer_drop(&peer);
        SSL_CTX_free(context);
    }
    assert_true(times == 0 || times == UTIL_COUNT(versions));
    return times > 0;
}

static void a_certificate_under_a_trusted_root(void **state)
{
    assert_true(gets_in("client.pem", "client.key"));
    assert_string_equal(tls_world.peer_name, "client.example.com");
    (void)state;
}

static void no_certificate(void **state)
{
    assert_false(gets_in(NULL, NULL));
    (void)state;
}

static void self_signed_client(void **state)
{
    assert_false(gets_in("alone.pem", "alone.key"));
    (void)state;
}

static void expired_client(void **state)
{
    assert_false(gets_in("late.pem", "late.key"));
    (void)state;
}

static void client_before_its_time(void **state)
{
    fake_board.wall_s -= 3600; /* for the device it is an hour ago */
    assert_false(gets_in("client.pem", "client.key"));
    fake_board.wall_s += 3600;
    assert_true(gets_in("client.pem", "client.key"));
    (void)state;
}

static void client_of_another_root(void **state)
{
    tls_world.root_count = 0;
    tls_world_trust("ec.der"); /* no CA at all */
    tls_world_apply();
    assert_false(gets_in("client.pem", "client.key"));
    (void)state;
}

static void revoked_client(void **state)
{
    static uint8_t serial[32];
    char text[128];
    unsigned byte;

    openssl_must("x509 -in client.pem -noout -serial");
    struct span out = openssl_read(7, "out");
    memcpy(text, out.ptr, util_min(out.len, sizeof(text) - 1));
    const char *hex = strchr(text, '=') + 1;
    for (; sscanf(hex, "%2x", &byte) == 1; hex += 2) {
        serial[tls_world.revoked_len++] = (uint8_t)byte;
    }
    memcpy(tls_world.revoked, serial, sizeof(serial));
    assert_false(gets_in("client.pem", "client.key"));
    (void)state;
}

static void names_that_may_come_in(void **state)
{
    static const struct {
        const char *listed;
        bool gets_in;
    } cases[] = {{"client.example.com", true}, {"CLIENT.example.com", true},
                 {"example.com", true},        {"ample.com", false},
                 {"other.example.com", false}, {"a.client.example.com", false}};

    for (size_t i = 0; i < UTIL_COUNT(cases); i++) {
        strcpy(tls_world.settings.names[2], cases[i].listed);
        assert_int_equal(gets_in("client.pem", "client.key"), cases[i].gets_in);
    }
    strcpy(tls_world.settings.names[3], "client.example.com");
    assert_true(gets_in("client.pem", "client.key"));
    (void)state;
}

/* A certificate under the right root for something else than clients. */
static void client_with_a_certificate_for_servers(void **state)
{
    static const struct {
        const char *usage;
        bool gets_in;
    } cases[] = {{"extendedKeyUsage=serverAuth\n", false},
                 {"extendedKeyUsage=codeSigning,emailProtection\n", false},
                 {"keyUsage=critical,keyCertSign\n", false},
                 {"extendedKeyUsage=serverAuth,clientAuth\n", true}};

    openssl_must("req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes "
                 "-keyout other.key -out other.csr -subj /CN=client.example.com");
    for (size_t i = 0; i < UTIL_COUNT(cases); i++) {
        openssl_write("ext.cnf", span_str(cases[i].usage));
        openssl_must("x509 -req -in other.csr -CA ca.pem -CAkey ca.key -CAcreateserial "
                     "-days 30 -extfile ext.cnf -out other.pem");
        fake_board.wall_s = time(NULL); /* it is younger than the set-up */
        assert_int_equal(gets_in("other.pem", "other.key"), cases[i].gets_in);
    }
    (void)state;
}

/* chain.pem: deep`last`.pem, and all that it hangs from. */
static void write_chain(int last)
{
    static uint8_t chain[16384];
    size_t len = 0;

    for (int i = last; i >= 0; i--) {
        struct span part;
        char name[32];

        snprintf(name, sizeof(name), "deep%d.pem", i);
        part = openssl_read(7, name);
        assert_true(part.len <= sizeof(chain) - len);
        memcpy(chain + len, part.ptr, part.len);
        len += part.len;
    }
    openssl_write("chain.pem", span_of(chain, len));
}

/* Ten certificates deep: more than is allowed here, and no harm. */
static void a_chain_of_ten(void **state)
{
    char name[32] = "ca";

    openssl_write("ext.cnf", span_str("basicConstraints=critical,CA:TRUE\n"));
    for (int i = 0; i < 10; i++) {
        char next[32];

        snprintf(next, sizeof(next), "deep%d", i);
        openssl_must("req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes "
                     "-keyout %s.key -out %s.csr -subj /CN=%s.example.com",
                     next, next, next);
        openssl_must("x509 -req -in %s.csr -CA %s.pem -CAkey %s.key -CAcreateserial "
                     "-days 30 -extfile ext.cnf -out %s.pem",
                     next, name, name, next);
        strcpy(name, next);
    }
    fake_board.wall_s = time(NULL); /* they are younger than the set-up */
    write_chain(9);
    assert_false(gets_in("chain.pem", "deep9.key"));
    write_chain(2); /* it is its depth, and nothing else */
    assert_true(gets_in("chain.pem", "deep2.key"));
    assert_true(gets_in("client.pem", "client.key"));
    (void)state;
}

/* A session of before must not let in who would be refused now. */
static void mutual_sessions_are_not_resumed(void **state)
{
    SSL_CTX *context = tls_peer_context(TLS1_2_VERSION, "client.pem", "client.key");

    assert_int_equal(tls_peer_open(&peer, context), 0);
    assert_true(tls_peer_connect(&peer));
    assert_int_equal(SSL_SESSION_has_ticket(SSL_get0_session(peer.ssl)), 0);
    tls_peer_drop(&peer);
    SSL_CTX_free(context);
    (void)state;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, tls_world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_certificate_under_a_trusted_root),
        TEST(no_certificate),
        TEST(self_signed_client),
        TEST(expired_client),
        TEST(client_before_its_time),
        TEST(client_of_another_root),
        TEST(revoked_client),
        TEST(names_that_may_come_in),
        TEST(client_with_a_certificate_for_servers),
        TEST(a_chain_of_ten),
        TEST(mutual_sessions_are_not_resumed),
    };
    return cmocka_run_group_tests(tests, tls_world_make, tls_world_remove);
}
