/* SPDX-License-Identifier: ISC */
/*
 * A TLS session of the server with an echo inside. The first byte of the input says who talks:
 *
 *   0..127  nobody but the input: its bytes come from TCP, in pieces of that many bytes (0: all)
 *   128..   Mbed TLS's own client, with a certificate if bit 0 is set and TLS 1.2 if bit 1 is;
 *           the input is a list of (16-bit position, byte): what it sends is changed there, and
 *           some text is sent when the handshake is done
 *
 * Beyond the sanitizers: the rules of net/conn.h, nothing left in the arena, and a session of an
 * honest client works afterwards.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "crypto/arena.h"
#include "crypto/crypto.h"
#include "crypto/keypair.h"
#include "crypto/random.h"
#include "crypto/x509.h"
#include "hal/board.h"
#include "latency/latency.h"
#include "mbedtls/ssl.h"
#include "net/net.h"
#include "net/tls.h"
#include "pki/pki.h"
#include "settings/tls_settings.h"
#include "tests/unit/http/fake_board.h"

enum { CAP = 65536, DER_CAP = 1024, HONEST_EVERY = 256 };

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

/* ---- doubles ---- */

static uint8_t key_der[DER_CAP];
static uint8_t certificate_der[DER_CAP];
static struct pki_key key;
static struct pki_certificate certificate;
static struct tls_settings settings = {.is_enabled = true, .accepts_plain = true};
static uint32_t generation;

uint32_t pki_generation(void)
{
    return generation;
}

size_t pki_identities(struct pki_identity out[2])
{
    out[0] = (struct pki_identity){&certificate, &key};
    return 1;
}

void pki_make_identity(void)
{
}

size_t pki_certificate_count(void)
{
    return 1;
}

const struct pki_certificate *pki_certificate_at(size_t index)
{
    (void)index;
    return &certificate;
}

bool pki_is_revoked(struct span serial)
{
    (void)serial;
    return false;
}

const struct tls_settings *tls_settings_get(void)
{
    return &settings;
}

uint32_t tls_settings_generation(void)
{
    return 0;
}

int net_open_services(bool plain, bool secure)
{
    (void)plain;
    (void)secure;
    return 0;
}

/* ---- the echo inside, TCP outside ---- */

static bool is_open;
static bool is_over; /* closed or aborted by the session */
static unsigned opened;
static unsigned closed;
static uint8_t sent[CAP];
static size_t sent_len;

static int echo_open(struct conn *conn)
{
    conn->deadline_us = UINT64_MAX;
    opened++;
    return 0;
}

static size_t echo_input(struct conn *conn, struct span bytes)
{
    return conn_write(conn, bytes);
}

static void echo_closed(struct conn *conn)
{
    (void)conn;
    closed++;
}

static const struct conn_handler echo = {
    .open = echo_open, .input = echo_input, .closed = echo_closed};
static const struct conn_service service = {
    .port = 16993, .handler = &tls_conn_handler, .inner = &echo, .name = "https"};

static size_t tcp_room(struct conn *conn)
{
    (void)conn;
    require(is_open);
    return sizeof(sent) - sent_len;
}

static size_t tcp_write(struct conn *conn, struct span bytes)
{
    size_t len = bytes.len < tcp_room(conn) ? bytes.len : tcp_room(conn);

    require(!is_over);
    memcpy(sent + sent_len, bytes.ptr, len);
    sent_len += len;
    return len;
}

static void tcp_end(struct conn *conn)
{
    (void)conn;
    require(is_open);
    is_over = true;
}

static const struct conn_ops ops = {tcp_write, tcp_room, tcp_end, tcp_end};
static struct conn tcp;

static void connect(void)
{
    tcp = (struct conn){.ops = &ops,
                        .handler = &tls_conn_handler,
                        .service = &service,
                        .deadline_us = UINT64_MAX};
    is_over = false;
    is_open = true;
    sent_len = 0;
    require(tls_conn_handler.open(&tcp) == 0);
}

static void push(const uint8_t *bytes, size_t len, size_t piece)
{
    while (len > 0 && !is_over) {
        size_t part = piece > 0 && piece < len ? piece : len;
        size_t used = tls_conn_handler.input(&tcp, span_of(bytes, part));

        require(used <= part);
        if (used == 0) {
            break;
        }
        bytes += used;
        len -= used;
        tls_poll(board_now_us());
    }
}

static void disconnect(void)
{
    if (!is_over) {
        tls_conn_handler.ended(&tcp);
    }
    tls_conn_handler.closed(&tcp);
    is_open = false;
    require(opened == closed);
}

/* ---- Mbed TLS's client ---- */

static mbedtls_ssl_config client_config;
static mbedtls_x509_crt client_certificate;
static mbedtls_pk_context client_key;
static mbedtls_ssl_context client;
static const uint8_t *changes;
static size_t changes_len;
static size_t stream_len; /* bytes that the client has sent */
static size_t read_len;   /* of `sent` */

static int take_random(void *unused, unsigned char *dst, size_t len)
{
    (void)unused;
    return random_fill(dst, len);
}

static int client_send(void *unused, const unsigned char *bytes, size_t len)
{
    static uint8_t copy[CAP];

    (void)unused;
    len = len < sizeof(copy) ? len : sizeof(copy);
    memcpy(copy, bytes, len);
    for (size_t i = 0; i + 3 <= changes_len; i += 3) {
        size_t at = (size_t)changes[i] << 8 | changes[i + 1];

        if (at >= stream_len && at - stream_len < len) {
            copy[at - stream_len] ^= changes[i + 2];
        }
    }
    stream_len += len;
    push(copy, len, 0);
    return (int)len;
}

static int client_receive(void *unused, unsigned char *dst, size_t cap)
{
    size_t len = sent_len - read_len < cap ? sent_len - read_len : cap;

    (void)unused;
    if (len == 0) {
        return is_over ? 0 : MBEDTLS_ERR_SSL_WANT_READ;
    }
    memcpy(dst, sent + read_len, len);
    read_len += len;
    return (int)len;
}

/* True if the echo came back. */
static bool run_client(uint8_t mode, const uint8_t *input, size_t len)
{
    uint8_t back[4];
    bool works = false;
    int result = MBEDTLS_ERR_SSL_WANT_READ;

    changes = input;
    changes_len = len;
    stream_len = 0;
    read_len = 0;
    mbedtls_ssl_init(&client);
    mbedtls_ssl_config_init(&client_config);
    require(mbedtls_ssl_config_defaults(&client_config, MBEDTLS_SSL_IS_CLIENT,
                                        MBEDTLS_SSL_TRANSPORT_STREAM,
                                        MBEDTLS_SSL_PRESET_DEFAULT) == 0);
    mbedtls_ssl_conf_rng(&client_config, take_random, NULL);
    mbedtls_ssl_conf_authmode(&client_config, MBEDTLS_SSL_VERIFY_NONE);
    if ((mode & 1) != 0) {
        mbedtls_ssl_conf_own_cert(&client_config, &client_certificate, &client_key);
    }
    if ((mode & 2) != 0) {
        mbedtls_ssl_conf_max_tls_version(&client_config, MBEDTLS_SSL_VERSION_TLS1_2);
    }
    require(mbedtls_ssl_setup(&client, &client_config) == 0);
    mbedtls_ssl_set_bio(&client, NULL, client_send, client_receive, NULL);
    for (int i = 0; i < 8 && (result == MBEDTLS_ERR_SSL_WANT_READ); i++) {
        result = mbedtls_ssl_handshake(&client);
    }
    if (result == 0 && mbedtls_ssl_write(&client, (const uint8_t *)"ping", 4) == 4) {
        for (int i = 0; i < 4 && !works; i++) {
            works = mbedtls_ssl_read(&client, back, sizeof(back)) == 4;
        }
    }
    mbedtls_ssl_free(&client);
    mbedtls_ssl_config_free(&client_config);
    return works;
}

/* ---- */

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static uint8_t public_der[KEYPAIR_PUBLIC_CAP];
    struct sbuf public_out;
    struct sbuf out;

    (void)argc;
    (void)argv;
    fake_board_reset();
    latency_start();
    require(crypto_start() == 0);
    sbuf_init(&out, key_der, sizeof(key_der));
    sbuf_init(&public_out, public_der, sizeof(public_der));
    require(keypair_make_p256(&out, &public_out) == 0);
    key.der = sbuf_span(&out);
    sbuf_init(&out, certificate_der, sizeof(certificate_der));
    require(x509_make_own(key.der, "fuzz", board_wall_s(), &out) == 0);
    certificate.der = sbuf_span(&out);
    certificate.is_trusted_root = true;
    mbedtls_x509_crt_init(&client_certificate);
    mbedtls_pk_init(&client_key);
    require(mbedtls_x509_crt_parse_der(&client_certificate, certificate.der.ptr,
                                       certificate.der.len) == 0);
    require(mbedtls_pk_parse_key(&client_key, key.der.ptr, key.der.len, NULL, 0,
                                 take_random, NULL) == 0);
    require(tls_start() == 0);
    return 0;
}

static size_t blocks(void)
{
    struct arena_status status;

    arena_get_status(&status);
    return status.blocks;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static unsigned runs;
    static bool was_mutual;
    size_t before;

    if (size < 1) {
        return 0;
    }
    settings.is_mutual = data[0] >= 128 && (data[0] & 4) != 0;
    if (runs == 0 || settings.is_mutual != was_mutual) {
        was_mutual = settings.is_mutual;
        generation++;
        tls_poll(board_now_us());
    }
    before = blocks();
    connect();
    if (data[0] < 128) {
        push(data + 1, size - 1, data[0]);
    } else {
        (void)run_client(data[0], data + 1, size - 1);
    }
    disconnect();
    require(blocks() <= before + 8); /* a key keeps what it has computed once */
    if (++runs % HONEST_EVERY == 0 && !settings.is_mutual) {
        connect();
        require(run_client(0, NULL, 0));
        disconnect();
    }
    return 0;
}

#include "tests/unit/http/fake_board.c"
