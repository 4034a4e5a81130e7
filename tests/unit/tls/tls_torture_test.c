/* SPDX-License-Identifier: ISC */
/*
 * Memory runs out at every possible moment: the 1st, 2nd, 3rd ... allocation of a session fails,
 * alone or with all that follow, until a session gets through. Each time the session ends alone,
 * nothing is left in the arena, and the next one works.
 */
#include <openssl/ssl.h>
#include <time.h>

#include "../unit.h"
#include "base/util.h"
#include "config.h"
#include "crypto/arena.h"
#include "crypto/openssl.h"
#include "http/fake_board.h"
#include "tls_world.h"

/* Every one of the first; of the thousands that big numbers take, a growing share is passed over. */
enum { STRIDE = 120, ALLOCATIONS_MAX = 100000 };

static struct tls_peer peer;
static struct tls_peer crowd[CONFIG_TLS_SESSIONS];

static bool session_works(SSL_CTX *context)
{
    bool works = tls_peer_open(&peer, context) == 0 && tls_peer_connect(&peer);

    if (works) {
        tls_peer_say(&peer, "hello", 5);
        works = peer.got_len == 5;
    }
    tls_peer_drop(&peer);
    return works;
}

static size_t blocks(void)
{
    struct arena_status status;

    arena_get_status(&status);
    return status.blocks;
}

static void torture(int version, bool is_mutual, bool is_for_good)
{
    SSL_CTX *context = tls_peer_context(version, is_mutual ? "client.pem" : NULL,
                                        "client.key");
    bool works = false;
    size_t n;

    assert_true(session_works(context)); /* what is kept for good is made now */
    size_t before = blocks();
    for (n = 1; !works && n < ALLOCATIONS_MAX; n += 1 + n / STRIDE) {
        arena_fail_at(n, is_for_good);
        works = session_works(context);
        arena_fail_at(0, false);
        assert_true(arena_is_sound());
        assert_true(blocks() <= before);
    }
    assert_true(works);
    print_message("about %zu allocations\n", n);
    assert_true(n > 200);
    assert_true(session_works(context));
    SSL_CTX_free(context);
}

static void each_allocation_fails(void **state)
{
    torture(TLS1_3_VERSION, false, false);
    torture(TLS1_2_VERSION, false, false);
    (void)state;
}

static void all_allocations_fail_from_one_on(void **state)
{
    torture(TLS1_3_VERSION, false, true);
    torture(TLS1_2_VERSION, false, true);
    (void)state;
}

static void each_allocation_fails_with_client_certificates(void **state)
{
    tls_world.settings.is_mutual = true;
    tls_world_trust("ca.der");
    tls_world_apply();
    torture(TLS1_3_VERSION, true, false);
    torture(TLS1_2_VERSION, true, false);
    (void)state;
}

/* A new configuration that finds no memory leaves the old one in force. */
static void a_configuration_finds_no_memory(void **state)
{
    SSL_CTX *context = tls_peer_context(0, NULL, NULL);

    for (size_t n = 1; n < 40; n++) {
        arena_fail_at(n, true);
        tls_world.generation++;
        tls_poll(0);
        arena_fail_at(0, false);
        assert_true(session_works(context));
        assert_true(arena_is_sound());
    }
    SSL_CTX_free(context);
    (void)state;
}

/* A client that costs the most: three certificates, every key of RSA-4096 (the same, which is
 * quicker to make, and as long). */
static void make_heavy_client(void)
{
    static uint8_t chain[16384];
    struct span part;
    size_t len;

    openssl_must("genrsa -out heavy.key 4096");
    openssl_must(
        "req -x509 -new -key heavy.key -subj /CN=root -days 30 -out heavy-ca.pem");
    openssl_must("x509 -in heavy-ca.pem -outform DER -out heavy-ca.der");
    openssl_write("heavy.cnf", span_str("basicConstraints=critical,CA:TRUE\n"));
    openssl_must("req -new -key heavy.key -subj /CN=between -out heavy.csr");
    openssl_must(
        "x509 -req -in heavy.csr -CA heavy-ca.pem -CAkey heavy.key -set_serial 2 "
        "-days 30 -extfile heavy.cnf -out heavy-between.pem");
    openssl_must("req -new -key heavy.key -subj /CN=heavy.example.com -out heavy.csr");
    openssl_must("x509 -req -in heavy.csr -CA heavy-between.pem -CAkey heavy.key "
                 "-set_serial 3 -days 30 -out heavy-leaf.pem");
    part = openssl_read(6, "heavy-leaf.pem");
    memcpy(chain, part.ptr, part.len);
    len = part.len;
    part = openssl_read(6, "heavy-between.pem");
    memcpy(chain + len, part.ptr, part.len);
    openssl_write("heavy.pem", span_of(chain, len + part.len));
    fake_board.wall_s = time(
        NULL); /* they may have taken seconds, and hold from then on */
}

/* All are as far as their ClientHello when the first goes on. */
static void fill_up(int version)
{
    SSL_CTX *context = tls_peer_context(version, "heavy.pem", "heavy.key");
    uint8_t bytes[4096];

    for (size_t i = 0; i < CONFIG_TLS_SESSIONS; i++) {
        assert_int_equal(tls_peer_open(&crowd[i], context), 0);
        SSL_do_handshake(crowd[i].ssl); /* ClientHello */
        int len = BIO_read(SSL_get_wbio(crowd[i].ssl), bytes, sizeof(bytes));
        tls_peer_push(&crowd[i], bytes, (size_t)len);
    }
    for (size_t i = 0; i < CONFIG_TLS_SESSIONS; i++) {
        assert_true(tls_peer_connect(&crowd[i]));
        assert_string_equal(tls_world.peer_name, "heavy.example.com");
    }
    for (size_t i = 0; i < CONFIG_TLS_SESSIONS; i++) {
        tls_peer_drop(&crowd[i]);
    }
    SSL_CTX_free(context);
}

/* As many sessions as there may be, each at its hungriest, fit into the arena. */
static void all_sessions_fit(void **state)
{
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    struct arena_status status;

    make_heavy_client();
    tls_world.settings.is_mutual = true;
    tls_world_trust("heavy-ca.der");
    tls_world_apply();
    for (size_t i = 0; i < UTIL_COUNT(versions); i++) {
        fill_up(versions[i]);
        arena_get_status(&status);
        print_message("arena: %zu of %u bytes at most, %zu failures\n", status.used_most,
                      (unsigned)CONFIG_TLS_ARENA_CAP, status.failed);
        assert_int_equal(status.failed, 0);
        assert_true(status.used_most < CONFIG_TLS_ARENA_CAP / 10 * 9);
    }
    (void)state;
}

int main(void)
{
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, tls_world_setup, tls_world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(all_sessions_fit), /* first: high-water marks are never lowered */
        TEST(each_allocation_fails),
        TEST(all_allocations_fail_from_one_on),
        TEST(each_allocation_fails_with_client_certificates),
        TEST(a_configuration_finds_no_memory),
    };
    return cmocka_run_group_tests(tests, tls_world_make, tls_world_remove);
}
