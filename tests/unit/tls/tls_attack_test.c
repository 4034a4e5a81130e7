/* SPDX-License-Identifier: ISC */
/* TLS sessions under attack: what is not TLS, too much of it, too many at once. Each ends alone:
 * somebody else's session does not notice. */
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "../unit.h"
#include "base/err.h"
#include "config.h"
#include "http/fake_board.h"
#include "net/tls_conn.h"
#include "tls_world.h"

enum {
    RECORD_HEAD = 5,
    MESSAGE_HEAD = 4,
    TYPE_ALERT = 21,
    TYPE_HANDSHAKE = 22,
    TYPE_DATA = 23
};

static struct tls_peer peer;
static struct tls_peer crowd[CONFIG_TLS_SESSIONS];
static struct tls_peer *const good = &crowd[0];

static struct tls_status status(void)
{
    struct tls_status now;

    tls_get_status(&now);
    return now;
}

static void connect_with(int version)
{
    SSL_CTX *context = tls_peer_context(version, NULL, NULL);

    assert_int_equal(tls_peer_open(&peer, context), 0);
    assert_true(tls_peer_connect(&peer));
    SSL_CTX_free(context);
}

/* Somebody else, from before to after. */
static void good_one_comes(void)
{
    SSL_CTX *context = tls_peer_context(0, NULL, NULL);

    assert_int_equal(tls_peer_open(good, context), 0);
    assert_true(tls_peer_connect(good));
    SSL_CTX_free(context);
}

static void good_one_works_and_goes(void)
{
    good->got_len = 0;
    tls_peer_say(good, "still", 5);
    assert_int_equal(good->got_len, 5);
    tls_peer_drop(good);
}

/* One record by hand. */
static void push_record(uint8_t type, const void *bytes, size_t len)
{
    uint8_t record[RECORD_HEAD + 16384] = {type, 3, 3, (uint8_t)(len >> 8), (uint8_t)len};

    memcpy(record + RECORD_HEAD, bytes, len);
    tls_peer_push(&peer, record, RECORD_HEAD + len);
}

/* What the client wants to send now, instead of sending it. */
static size_t take_from_client(uint8_t *dst, size_t cap)
{
    int len = BIO_read(SSL_get_wbio(peer.ssl), dst, (int)cap);

    return len > 0 ? (size_t)len : 0;
}

/* The alert that the client got from us; 0: none. */
static int alert_to_client(void)
{
    uint8_t byte;

    ERR_clear_error();
    (void)SSL_read(peer.ssl, &byte, 1);
    return ERR_GET_REASON(ERR_peek_error());
}

/* ---- records ---- */

/* A ClientHello may come in as many records as it has bytes (RFC 8446, 5.1), but for the message's
 * header, which Mbed TLS wants in one. */
static void a_handshake_in_1_byte_records(void **state)
{
    static const int versions[] = {TLS1_3_VERSION, TLS1_2_VERSION};
    uint8_t hello[4096];

    for (size_t i = 0; i < UTIL_COUNT(versions); i++) {
        SSL_CTX *context = tls_peer_context(versions[i], NULL, NULL);

        assert_int_equal(tls_peer_open(&peer, context), 0);
        SSL_do_handshake(peer.ssl);
        size_t len = take_from_client(hello, sizeof(hello));
        assert_true(len > RECORD_HEAD && hello[0] == TYPE_HANDSHAKE);
        push_record(TYPE_HANDSHAKE, hello + RECORD_HEAD, MESSAGE_HEAD);
        for (size_t at = RECORD_HEAD + MESSAGE_HEAD; at < len; at++) {
            push_record(TYPE_HANDSHAKE, hello + at, 1);
        }
        assert_true(tls_peer_connect(&peer));
        tls_peer_drop(&peer);
        SSL_CTX_free(context);
    }
    (void)state;
}

static void giant_records_and_messages(void **state)
{
    static const struct {
        uint8_t bytes[10];
        size_t len;
    } cases[] = {
        {{TYPE_HANDSHAKE, 3, 3, 0x48, 0x01}, 5}, /* longer than any record may be */
        {{TYPE_HANDSHAKE, 3, 3, 0xff, 0xff}, 5},
        {{TYPE_DATA, 3, 3, 0x44, 0x00}, 5}, /* as long as may be, before its time */
        {{TYPE_HANDSHAKE, 3, 3, 0x40, 0x00, 1, 0xff, 0xff, 0xff}, 9}}; /* 16 MiB */
    static uint8_t rest[40000];

    good_one_comes();
    for (size_t i = 0; i < UTIL_COUNT(cases); i++) {
        assert_int_equal(tls_peer_open(&peer, NULL), 0);
        tls_peer_push(&peer, cases[i].bytes, cases[i].len);
        for (size_t k = 0; k < 4; k++) {
            tls_peer_push(&peer, rest, sizeof(rest));
        }
        assert_true(peer.is_closing || peer.is_aborted);
        tls_peer_drop(&peer);
    }
    assert_int_equal(tls_world.opened, 1);
    good_one_works_and_goes();
    (void)state;
}

/* Warnings are passed over, however many; the handshake's deadline goes on. */
static void alert_flood(void **state)
{
    static const uint8_t cancelled[] = {1, 90};

    good_one_comes();
    assert_int_equal(tls_peer_open(&peer, NULL), 0);
    for (int i = 0; i < 20000 && !peer.is_closing; i++) {
        push_record(TYPE_ALERT, cancelled, sizeof(cancelled));
    }
    assert_int_equal(tls_world.opened, 1);
    tls_peer_wait(&peer, CONFIG_TLS_HANDSHAKE_MS + 1);
    assert_true(peer.is_closing || peer.is_aborted);
    tls_peer_drop(&peer);
    good_one_works_and_goes();
    (void)state;
}

/* No byte of a record that was changed on its way reaches the protocol. */
static void a_changed_record_ends_the_session(void **state)
{
    static const int versions[] = {TLS1_3_VERSION, TLS1_2_VERSION};
    uint8_t record[256];

    good_one_comes();
    for (size_t i = 0; i < UTIL_COUNT(versions); i++) {
        connect_with(versions[i]);
        assert_int_equal(SSL_write(peer.ssl, "hello", 5), 5);
        size_t len = take_from_client(record, sizeof(record));
        record[len - 1] ^= 1;
        tls_peer_push(&peer, record, len);
        assert_true(peer.is_closing);
        assert_int_equal(peer.got_len, 0);
        assert_int_equal(alert_to_client(), SSL_R_SSLV3_ALERT_BAD_RECORD_MAC);
        tls_peer_drop(&peer);
        assert_int_equal(tls_world.closed, i + 1);
    }
    good_one_works_and_goes();
    (void)state;
}

/* A record taken from the line is not taken a second time. */
static void a_repeated_record_ends_the_session(void **state)
{
    static const int versions[] = {TLS1_3_VERSION, TLS1_2_VERSION};
    uint8_t record[256];

    for (size_t i = 0; i < UTIL_COUNT(versions); i++) {
        connect_with(versions[i]);
        assert_int_equal(SSL_write(peer.ssl, "hello", 5), 5);
        size_t len = take_from_client(record, sizeof(record));
        tls_peer_push(&peer, record, len);
        assert_false(peer.is_closing);
        tls_peer_push(&peer, record, len);
        assert_true(peer.is_closing);
        tls_peer_run(&peer);
        assert_int_equal(peer.got_len, 5);
        tls_peer_drop(&peer);
    }
    (void)state;
}

/* TCP ends within a record: what was whole counts, the part does not. */
static void a_record_cut_off(void **state)
{
    uint8_t record[256];

    connect_with(0);
    assert_int_equal(SSL_write(peer.ssl, "hello", 5), 5);
    size_t len = take_from_client(record, sizeof(record));
    tls_peer_push(&peer, record, len - 1);
    tls_peer_end(&peer);
    assert_int_equal(tls_world.ended, 1);
    assert_int_equal(peer.got_len, 0);
    assert_false(peer.is_open);
    tls_peer_drop(&peer);
    (void)state;
}

/* Clear text in the midst of a session. */
static void clear_text_within_a_session(void **state)
{
    static const int versions[] = {TLS1_3_VERSION, TLS1_2_VERSION};
    static const uint8_t types[] = {TYPE_DATA, TYPE_HANDSHAKE, TYPE_ALERT, 20, 24, 0};

    for (size_t i = 0; i < UTIL_COUNT(versions); i++) {
        for (size_t k = 0; k < UTIL_COUNT(types); k++) {
            connect_with(versions[i]);
            for (int n = 0; n < 40 && !peer.is_closing; n++) {
                push_record(types[k], "\x01\x5a", 2);
            }
            assert_true(peer.is_closing);
            assert_int_equal(peer.got_len, 0);
            tls_peer_drop(&peer);
        }
    }
    (void)state;
}

/* Mbed TLS cannot renew the keys of a TLS 1.3 session: it says so and ends it. */
static void a_key_update_ends_the_session(void **state)
{
    connect_with(TLS1_3_VERSION);
    assert_int_equal(SSL_key_update(peer.ssl, SSL_KEY_UPDATE_REQUESTED), 1);
    SSL_do_handshake(peer.ssl);
    tls_peer_run(&peer);
    assert_false(peer.is_open);
    tls_peer_drop(&peer);
    (void)state;
}

/* ---- handshakes ---- */

static void garbage_ends_alone(void **state)
{
    static const char *const texts[] = {"GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01\xff\xff",
                                        "\x15\x03\x03\x00\x02\x02\x28",
                                        "\x80\x2e\x01\x00\x02"};

    good_one_comes();
    for (size_t i = 0; i < UTIL_COUNT(texts); i++) {
        assert_int_equal(tls_peer_open(&peer, NULL), 0);
        tls_peer_push(&peer, texts[i], strlen(texts[i]));
        tls_peer_push(&peer, "0123456789", 10);
        assert_int_equal(tls_world.opened, 1);
        tls_peer_drop(&peer);
    }
    good_one_works_and_goes();
    (void)state;
}

static void renegotiation_is_refused(void **state)
{
    connect_with(TLS1_2_VERSION);
    for (int i = 0; i < 20 && SSL_renegotiate(peer.ssl) == 1; i++) {
        SSL_do_handshake(peer.ssl);
        tls_peer_run(&peer);
    }
    assert_int_equal(status().handshakes, 1);
    tls_peer_drop(&peer);
    (void)state;
}

static void one_more_than_fit_is_refused_and_harms_nobody(void **state)
{
    SSL_CTX *context = tls_peer_context(0, NULL, NULL);

    for (size_t i = 0; i < CONFIG_TLS_SESSIONS; i++) {
        assert_int_equal(tls_peer_open(&crowd[i], context), 0);
        assert_true(tls_peer_connect(&crowd[i]));
    }
    for (int i = 0; i < 3; i++) {
        assert_int_equal(tls_peer_open(&peer, NULL), ERR_FULL);
    }
    assert_int_equal(status().refused, 3);
    assert_int_equal(status().sessions_most, CONFIG_TLS_SESSIONS);
    for (size_t i = 0; i < CONFIG_TLS_SESSIONS; i++) {
        tls_peer_say(&crowd[i], "still", 5);
        assert_int_equal(crowd[i].got_len, 5);
        tls_peer_drop(&crowd[i]);
    }
    SSL_CTX_free(context);
    good_one_comes();
    good_one_works_and_goes();
    (void)state;
}

/* Silent connections cannot keep others out for long. */
static void the_oldest_silent_handshake_gives_way(void **state)
{
    for (size_t i = 0; i < CONFIG_TLS_SESSIONS; i++) {
        assert_int_equal(tls_peer_open(&crowd[i], NULL), 0);
        fake_board.now_us += 1000;
    }
    assert_int_equal(tls_peer_open(&peer, NULL), ERR_FULL);
    assert_false(crowd[0].is_aborted);
    fake_board.now_us += CONFIG_TLS_YIELD_MS * 1000;
    assert_int_equal(tls_peer_open(&peer, NULL), ERR_FULL);
    assert_true(crowd[0].is_aborted);
    assert_false(crowd[1].is_aborted);
    for (size_t i = 0; i < CONFIG_TLS_SESSIONS; i++) {
        tls_peer_drop(&crowd[i]);
    }
    (void)state;
}

int main(void)
{
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, tls_world_setup, tls_world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_handshake_in_1_byte_records),
        TEST(giant_records_and_messages),
        TEST(alert_flood),
        TEST(a_changed_record_ends_the_session),
        TEST(a_repeated_record_ends_the_session),
        TEST(a_record_cut_off),
        TEST(clear_text_within_a_session),
        TEST(a_key_update_ends_the_session),
        TEST(garbage_ends_alone),
        TEST(renegotiation_is_refused),
        TEST(one_more_than_fit_is_refused_and_harms_nobody),
        TEST(the_oldest_silent_handshake_gives_way),
    };
    return cmocka_run_group_tests(tests, tls_world_make, tls_world_remove);
}
