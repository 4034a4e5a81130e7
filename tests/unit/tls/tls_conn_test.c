/* SPDX-License-Identifier: ISC */
/* TLS sessions against OpenSSL's client: versions, identities, resumption, bytes, ends. */
#include <openssl/ssl.h>

#include "../unit.h"
#include "base/err.h"
#include "config.h"
#include "hal/board.h"
#include "fault/fault.h"
#include "http/fake_board.h"
#include "latency/latency.h"
#include "net/tls_conn.h"
#include "tls_world.h"

static struct tls_peer peer;

static struct tls_status status(void)
{
    struct tls_status now;

    tls_get_status(&now);
    return now;
}

static void connect_with(int version, const char *cipher)
{
    SSL_CTX *context = tls_peer_context(version, NULL, NULL);

    if (cipher != NULL) {
        assert_int_equal(SSL_CTX_set_cipher_list(context, cipher), 1);
    }
    assert_int_equal(tls_peer_open(&peer, context), 0);
    (void)tls_peer_connect(&peer);
    SSL_CTX_free(context);
}

static void must_echo(void)
{
    peer.got_len = 0;
    tls_peer_say(&peer, "hello", 5);
    assert_int_equal(peer.got_len, 5);
    assert_memory_equal(peer.got, "hello", 5);
}

/* ---- versions and identities ---- */

static void tls_1_3_and_1_2_work(void **state)
{
    static const int versions[] = {TLS1_3_VERSION, TLS1_2_VERSION, 0};

    for (size_t i = 0; i < UTIL_COUNT(versions); i++) {
        connect_with(versions[i], NULL);
        assert_true(peer.is_open && peer.failure == 0);
        must_echo();
        tls_peer_drop(&peer);
    }
    assert_int_equal(status().handshakes, 3);
    (void)state;
}

static void tls_1_0_and_1_1_are_refused(void **state)
{
    static const int versions[] = {TLS1_VERSION, TLS1_1_VERSION};

    for (size_t i = 0; i < UTIL_COUNT(versions); i++) {
        SSL_CTX *context = tls_peer_context(versions[i], NULL, NULL);

        SSL_CTX_set_security_level(context, 0);
        assert_int_equal(tls_peer_open(&peer, context), 0);
        assert_false(tls_peer_connect(&peer));
        assert_int_equal(peer.failure, SSL_R_TLSV1_ALERT_PROTOCOL_VERSION);
        assert_false(peer.is_open);
        tls_peer_drop(&peer);
        SSL_CTX_free(context);
    }
    assert_int_equal(tls_world.opened, 0);
    (void)state;
}

static void a_client_gets_the_identity_that_it_can_check(void **state)
{
    connect_with(TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256");
    assert_int_equal(
        EVP_PKEY_base_id(X509_get0_pubkey(SSL_get0_peer_certificate(peer.ssl))),
        EVP_PKEY_EC);
    tls_peer_drop(&peer);
    connect_with(TLS1_2_VERSION, "ECDHE-RSA-CHACHA20-POLY1305");
    assert_int_equal(
        EVP_PKEY_base_id(X509_get0_pubkey(SSL_get0_peer_certificate(peer.ssl))),
        EVP_PKEY_RSA);
    tls_peer_drop(&peer);
    (void)state;
}

static void every_suite_that_is_offered_works_and_no_other(void **state)
{
    static const struct {
        const char *name;
        bool is_ours;
    } suites[] = {{"ECDHE-ECDSA-AES128-GCM-SHA256", true},
                  {"ECDHE-ECDSA-AES256-GCM-SHA384", true},
                  {"ECDHE-ECDSA-CHACHA20-POLY1305", true},
                  {"ECDHE-RSA-AES128-GCM-SHA256", true},
                  {"ECDHE-RSA-AES256-GCM-SHA384", true},
                  {"ECDHE-RSA-CHACHA20-POLY1305", true},
                  {"ECDHE-RSA-AES128-SHA", false},
                  {"ECDHE-RSA-AES256-SHA384", false},
                  {"AES128-GCM-SHA256", false},
                  {"DHE-RSA-AES128-GCM-SHA256", false}};

    for (size_t i = 0; i < UTIL_COUNT(suites); i++) {
        connect_with(TLS1_2_VERSION, suites[i].name);
        assert_int_equal(peer.failure == 0, suites[i].is_ours);
        tls_peer_drop(&peer);
    }
    (void)state;
}

static void without_an_identity_nobody_gets_in(void **state)
{
    assert_int_equal(tls_start(), 0);
    tls_world.identity_count = 0;
    tls_world_apply();
    assert_int_equal(tls_peer_open(&peer, NULL), ERR_FULL);
    tls_world.identity_count = 1;
    tls_world_apply();
    connect_with(0, NULL);
    must_echo();
    tls_peer_drop(&peer);
    (void)state;
}

/* The first client after the very first start comes before the device's own pair was made. */
static void the_first_client_makes_the_identity(void **state)
{
    assert_int_equal(tls_start(), 0);
    tls_world.identity_count = 0;
    tls_world.can_make = true;
    tls_world_apply();
    connect_with(0, NULL);
    must_echo();
    tls_peer_drop(&peer);
    (void)state;
}

/* ---- resumption ---- */

static SSL_SESSION *kept;

static int keep_session(SSL *ssl, SSL_SESSION *session)
{
    (void)ssl;
    SSL_SESSION_free(kept);
    kept = session;
    return 1;
}

/* Connect with what was kept; true if the session was resumed. */
static bool resume(SSL_CTX *context)
{
    bool is_reused;

    assert_int_equal(tls_peer_open(&peer, context), 0);
    assert_int_equal(SSL_set_session(peer.ssl, kept), 1);
    assert_true(tls_peer_connect(&peer));
    is_reused = SSL_session_reused(peer.ssl) == 1;
    must_echo();
    tls_peer_drop(&peer);
    return is_reused;
}

static void check_resumption(int version)
{
    SSL_CTX *context = tls_peer_context(version, NULL, NULL);

    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT);
    SSL_CTX_sess_set_new_cb(context, keep_session);
    assert_int_equal(tls_peer_open(&peer, context), 0);
    assert_true(tls_peer_connect(&peer));
    must_echo();
    tls_peer_drop(&peer);
    assert_non_null(kept);
    assert_true(resume(context));
    assert_true(status().resumed >= 1);
    tls_world_apply(); /* other keys perhaps: nothing of before is resumed */
    assert_false(resume(context));
    fake_board.now_us += (CONFIG_TLS_TICKET_S + 1) * 1000000ull;
    assert_false(resume(context));
    SSL_SESSION_free(kept);
    kept = NULL;
    SSL_CTX_free(context);
}

static void a_session_is_resumed_from_its_ticket(void **state)
{
    check_resumption(TLS1_3_VERSION);
    check_resumption(TLS1_2_VERSION);
    (void)state;
}

/* We have one identity: a client may call it what it likes (SNI), or nothing. */
static void the_servers_name_does_not_matter(void **state)
{
    static char longest[256];
    const char *const names[] = {NULL, "amt.example.com", "x", longest};
    SSL_CTX *context = tls_peer_context(0, NULL, NULL);

    memset(longest, 'a', sizeof(longest) - 1);
    for (size_t i = 0; i < UTIL_COUNT(names); i++) {
        assert_int_equal(tls_peer_open(&peer, context), 0);
        assert_int_equal(SSL_set_tlsext_host_name(peer.ssl, names[i]), 1);
        assert_true(tls_peer_connect(&peer));
        must_echo();
        tls_peer_drop(&peer);
    }
    SSL_CTX_free(context);
    (void)state;
}

/* ---- bytes ---- */

static void one_byte_at_a_time(void **state)
{
    static const int versions[] = {TLS1_3_VERSION, TLS1_2_VERSION};

    for (size_t i = 0; i < UTIL_COUNT(versions); i++) {
        SSL_CTX *context = tls_peer_context(versions[i], NULL, NULL);

        assert_int_equal(tls_peer_open(&peer, context), 0);
        peer.chunk = 1;
        assert_true(tls_peer_connect(&peer));
        must_echo();
        tls_peer_drop(&peer);
        SSL_CTX_free(context);
    }
    (void)state;
}

static void one_byte_records(void **state)
{
    connect_with(0, NULL);
    for (int i = 0; i < 300; i++) {
        assert_int_equal(SSL_write(peer.ssl, "x", 1), 1);
    }
    tls_peer_run(&peer);
    assert_int_equal(peer.got_len, 300);
    tls_peer_drop(&peer);
    (void)state;
}

static void much_text_in_full_records(void **state)
{
    static uint8_t text[100000];

    for (size_t i = 0; i < sizeof(text); i++) {
        text[i] = (uint8_t)(i * 31 + i / 256);
    }
    connect_with(0, NULL);
    tls_peer_say(&peer, text, sizeof(text));
    assert_int_equal(peer.got_len, sizeof(text));
    assert_memory_equal(peer.got, text, sizeof(text));
    tls_peer_drop(&peer);
    (void)state;
}

/* TCP has little room: what the protocol writes is taken in parts, and nothing is lost. */
static void a_slow_reader_loses_nothing(void **state)
{
    static uint8_t text[20000];

    connect_with(0, NULL);
    for (size_t i = 0; i < sizeof(text); i++) {
        text[i] = (uint8_t)(i * 7 + i / 256);
    }
    peer.room = 0;
    assert_int_equal(SSL_write(peer.ssl, text, sizeof(text)), sizeof(text));
    tls_peer_run(&peer);
    assert_int_equal(peer.got_len, 0);
    for (int i = 0; i < 400 && peer.got_len < sizeof(text); i++) {
        size_t room = conn_room(tls_world.last);

        peer.room = 50 + (size_t)i * 17;
        assert_true(room == 0 || conn_room(tls_world.last) >= room);
        tls_peer_run(&peer);
    }
    assert_int_equal(peer.got_len, sizeof(text));
    assert_memory_equal(peer.got, text, sizeof(text));
    tls_peer_drop(&peer);
    (void)state;
}

/* What a busy protocol does not take stays in TCP's window, and comes when it can be taken. */
static void a_busy_protocol_closes_the_window(void **state)
{
    static uint8_t text[100000];

    connect_with(0, NULL);
    tls_world.is_deaf = true;
    assert_int_equal(SSL_write(peer.ssl, text, sizeof(text)), sizeof(text));
    tls_peer_run(&peer);
    assert_true(peer.in_len > sizeof(text) / 2);
    assert_int_equal(peer.got_len, 0);
    tls_world.is_deaf = false;
    tls_peer_run(&peer);
    assert_int_equal(peer.in_len, 0);
    assert_int_equal(peer.got_len, sizeof(text));
    tls_peer_drop(&peer);
    (void)state;
}

/* ---- ends ---- */

static void our_close_says_so(void **state)
{
    uint8_t byte;

    tls_world.hangs_up = true;
    connect_with(0, NULL);
    assert_int_equal(SSL_write(peer.ssl, "hello", 5), 5);
    tls_peer_run(&peer);
    assert_false(peer.is_open);
    assert_int_equal(peer.got_len, 5);
    assert_true(SSL_read(peer.ssl, &byte, 1) <= 0);
    assert_int_equal(SSL_get_shutdown(peer.ssl) & SSL_RECEIVED_SHUTDOWN,
                     SSL_RECEIVED_SHUTDOWN);
    tls_peer_drop(&peer);
    (void)state;
}

static void the_clients_close_notify_is_an_end(void **state)
{
    connect_with(0, NULL);
    must_echo();
    SSL_shutdown(peer.ssl);
    tls_peer_run(&peer);
    assert_int_equal(tls_world.ended, 1);
    assert_false(peer.is_open);
    tls_peer_drop(&peer);
    (void)state;
}

static void tcps_end_is_an_end(void **state)
{
    connect_with(0, NULL);
    must_echo();
    tls_peer_end(&peer);
    assert_int_equal(tls_world.ended, 1);
    assert_false(peer.is_open);
    tls_peer_drop(&peer);
    (void)state;
}

/* The connection goes away after each single byte of the client's handshake. */
static void gone_in_every_state(void **state)
{
    for (size_t limit = 0; limit < 700; limit += 7) {
        SSL_CTX *context = tls_peer_context(limit % 2 == 0 ? TLS1_2_VERSION : 0, NULL,
                                            NULL);

        assert_int_equal(tls_peer_open(&peer, context), 0);
        SSL_do_handshake(peer.ssl);
        uint8_t bytes[4096];
        int len = BIO_read(SSL_get_wbio(peer.ssl), bytes, sizeof(bytes));
        tls_peer_push(&peer, bytes, util_min((size_t)len, limit));
        if (limit % 3 == 0) {
            tls_peer_end(&peer);
        }
        tls_peer_drop(&peer);
        SSL_CTX_free(context);
    }
    assert_int_equal(status().sessions, 0);
    (void)state;
}

static void a_handshake_has_a_limit(void **state)
{
    assert_int_equal(tls_peer_open(&peer, NULL), 0);
    tls_peer_wait(&peer, CONFIG_TLS_HANDSHAKE_MS - 1);
    assert_false(peer.is_aborted);
    tls_peer_wait(&peer, 2);
    assert_true(peer.is_aborted);
    tls_peer_drop(&peer);
    assert_int_equal(status().failed, 1);
    (void)state;
}

static void the_protocols_deadline_holds(void **state)
{
    connect_with(0, NULL);
    tls_peer_wait(&peer, 30000);
    assert_int_equal(tls_world.timeouts, 0);
    tls_peer_wait(&peer, 31000);
    assert_int_equal(tls_world.timeouts, 1);
    assert_true(peer.is_closing);
    tls_peer_drop(&peer);
    (void)state;
}

static void a_full_protocol_says_so(void **state)
{
    tls_world.is_full = true;
    connect_with(TLS1_2_VERSION, NULL);
    assert_int_equal(peer.got_len, 4);
    assert_memory_equal(peer.got, "full", 4);
    assert_false(peer.is_open);
    tls_peer_drop(&peer);
    (void)state;
}

/* ---- settings, time ---- */

static void ports_follow_the_settings(void **state)
{
    assert_true(tls_world.plain_is_open && tls_world.secure_is_open);
    tls_world.settings.accepts_plain = false;
    tls_world_apply();
    assert_true(!tls_world.plain_is_open && tls_world.secure_is_open);
    tls_world.settings = (struct tls_settings){.accepts_plain = true};
    tls_world_apply();
    assert_true(tls_world.plain_is_open && !tls_world.secure_is_open);
    (void)state;
}

static void sessions_outlive_a_change(void **state)
{
    connect_with(0, NULL);
    tls_world.generation++;
    tls_poll(board_now_us());
    tls_world.generation++;
    tls_poll(board_now_us());
    must_echo();
    tls_peer_drop(&peer);
    tls_world_apply();
    connect_with(0, NULL);
    must_echo();
    tls_peer_drop(&peer);
    (void)state;
}

static void the_model_holds_the_first_answer(void **state)
{
    struct latency_profile profile;

    latency_profile_init(&profile);
    for (unsigned i = 0; i < LATENCY_SPREAD_POINTS; i++) {
        profile.op[LATENCY_STATE_M0][LATENCY_OP_TLS].us[i] = 300000;
    }
    latency_use(&profile);
    connect_with(0, NULL);
    assert_int_equal(peer.conn.hold_us, fake_board.now_us + 300000);
    tls_peer_drop(&peer);
    latency_start();
    (void)state;
}

int main(void)
{
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, tls_world_setup, tls_world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(tls_1_3_and_1_2_work),
        TEST(tls_1_0_and_1_1_are_refused),
        TEST(a_client_gets_the_identity_that_it_can_check),
        TEST(every_suite_that_is_offered_works_and_no_other),
        TEST(without_an_identity_nobody_gets_in),
        TEST(the_first_client_makes_the_identity),
        TEST(a_session_is_resumed_from_its_ticket),
        TEST(the_servers_name_does_not_matter),
        TEST(one_byte_at_a_time),
        TEST(one_byte_records),
        TEST(much_text_in_full_records),
        TEST(a_slow_reader_loses_nothing),
        TEST(a_busy_protocol_closes_the_window),
        TEST(our_close_says_so),
        TEST(the_clients_close_notify_is_an_end),
        TEST(tcps_end_is_an_end),
        TEST(gone_in_every_state),
        TEST(a_handshake_has_a_limit),
        TEST(the_protocols_deadline_holds),
        TEST(a_full_protocol_says_so),
        TEST(ports_follow_the_settings),
        TEST(sessions_outlive_a_change),
        TEST(the_model_holds_the_first_answer),
    };
    return cmocka_run_group_tests(tests, tls_world_make, tls_world_remove);
}
