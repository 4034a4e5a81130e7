/* SPDX-License-Identifier: ISC */
/* The world of the TLS tests. */
#include "tls_world.h"

#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include "../unit.h"
#include "base/err.h"
#include "crypto/arena.h"
#include "crypto/crypto.h"
#include "crypto/openssl.h"
#include "hal/board.h"
#include "http/fake_board.h"
#include "latency/latency.h"
#include "net/net.h"

struct tls_world tls_world;

enum { SLOT_EC_KEY, SLOT_EC_CERT, SLOT_RSA_KEY, SLOT_RSA_CERT, SLOT_ROOTS };

static struct pki_key keys[2];
static struct pki_certificate own[2];
static size_t idle_blocks; /* of the arena, without a configuration */

/* ---- doubles of pki/, settings/ and net/net.c ---- */

uint32_t pki_generation(void)
{
    return tls_world.generation;
}

size_t pki_identities(struct pki_identity out[2])
{
    for (size_t i = 0; i < tls_world.identity_count; i++) {
        out[i] = (struct pki_identity){&own[i], &keys[i]};
    }
    return tls_world.identity_count;
}

/* What is made for the first client who cannot wait is there at once. */
void pki_make_identity(void)
{
    if (tls_world.identity_count == 0 && tls_world.can_make) {
        tls_world.identity_count = 1;
    }
}

size_t pki_certificate_count(void)
{
    return tls_world.root_count;
}

const struct pki_certificate *pki_certificate_at(size_t index)
{
    return &tls_world.roots[index];
}

bool pki_is_revoked(struct span serial)
{
    return tls_world.revoked_len > 0 &&
           span_equal(serial, span_of(tls_world.revoked, tls_world.revoked_len));
}

const struct tls_settings *tls_settings_get(void)
{
    return &tls_world.settings;
}

uint32_t tls_settings_generation(void)
{
    return tls_world.generation;
}

int net_open_services(bool plain, bool secure)
{
    tls_world.plain_is_open = plain;
    tls_world.secure_is_open = secure;
    return 0;
}

/* ---- the protocol inside: an echo ---- */

static int echo_open(struct conn *conn)
{
    if (tls_world.is_full) {
        return ERR_FULL;
    }
    assert_true(conn->is_secure);
    tls_world.opened++;
    tls_world.last = conn;
    strcpy(tls_world.peer_name, tls_peer_name(conn));
    conn->deadline_us = board_now_us() + 60000000;
    return 0;
}

static size_t echo_input(struct conn *conn, struct span bytes)
{
    size_t taken = tls_world.is_deaf ? 0 : conn_write(conn, bytes);

    if (taken > 0 && tls_world.hangs_up) {
        conn_close(conn);
    }
    return taken;
}

static void echo_timeout(struct conn *conn)
{
    tls_world.timeouts++;
    conn_close(conn);
}

static void echo_ended(struct conn *conn)
{
    tls_world.ended++;
    conn_close(conn);
}

static void echo_closed(struct conn *conn)
{
    (void)conn;
    tls_world.closed++;
}

static const struct conn_handler echo = {.open = echo_open,
                                         .input = echo_input,
                                         .timeout = echo_timeout,
                                         .ended = echo_ended,
                                         .closed = echo_closed,
                                         .refusal = {(const uint8_t *)"full", 4}};
static const struct conn_service service = {
    .port = 16993, .handler = &tls_conn_handler, .inner = &echo, .name = "https"};

/* ---- the world ---- */

static void make_certificate(const char *name, const char *key_options,
                             const char *options)
{
    openssl_must("req -newkey %s -nodes -keyout %s.key -subj /CN=%s.example.com "
                 "-out %s.csr",
                 key_options, name, name, name);
    openssl_must("x509 -req -in %s.csr -CA ca.pem -CAkey ca.key -CAcreateserial "
                 "-out %s.pem %s",
                 name, name, options);
    openssl_must("x509 -in %s.pem -outform DER -out %s.der", name, name);
}

int tls_world_make(void **state)
{
    (void)state;
    fake_board_reset();
    assert_int_equal(crypto_start(), 0);
    openssl_open();
    openssl_make_ca("Test CA");
    make_certificate("ec", "ec -pkeyopt ec_paramgen_curve:prime256v1", "-days 30");
    make_certificate("rsa", "rsa:2048", "-days 30");
    make_certificate("client", "rsa:2048", "-days 30");
    make_certificate("late", "rsa:2048", "-days -1");
    openssl_must("req -x509 -newkey rsa:2048 -nodes -keyout alone.key -out alone.pem "
                 "-subj /CN=client.example.com -days 30");
    openssl_must("ec -in ec.key -outform DER -out ec.key.der");
    openssl_must("rsa -in rsa.key -traditional -outform DER -out rsa.key.der");
    keys[0].der = openssl_read(SLOT_EC_KEY, "ec.key.der");
    own[0].der = openssl_read(SLOT_EC_CERT, "ec.der");
    keys[1].der = openssl_read(SLOT_RSA_KEY, "rsa.key.der");
    own[1].der = openssl_read(SLOT_RSA_CERT, "rsa.der");
    return 0;
}

int tls_world_remove(void **state)
{
    (void)state;
    openssl_close();
    return 0;
}

void tls_world_trust(const char *file)
{
    struct pki_certificate *root = &tls_world.roots[tls_world.root_count];

    root->is_trusted_root = true;
    root->der = openssl_read(SLOT_ROOTS + (unsigned)tls_world.root_count, file);
    tls_world.root_count++;
}

void tls_world_apply(void)
{
    tls_world.generation++;
    tls_poll(board_now_us());
}

int tls_world_setup(void **state)
{
    struct arena_status arena;

    (void)state;
    memset(&tls_world, 0, sizeof(tls_world));
    tls_world.settings.is_enabled = true;
    tls_world.settings.accepts_plain = true;
    tls_world.identity_count = 2;
    fake_board_reset();
    fake_board.wall_s = time(NULL);
    latency_start();
    assert_int_equal(tls_start(), 0);
    arena_get_status(&arena);
    idle_blocks = arena.blocks;
    tls_world_apply();
    return 0;
}

int tls_world_teardown(void **state)
{
    struct arena_status arena;
    struct tls_status status;

    (void)state;
    tls_get_status(&status);
    assert_int_equal(status.sessions, 0);
    assert_int_equal(tls_world.opened, tls_world.closed);
    assert_int_equal(tls_start(), 0);
    arena_get_status(&arena);
    assert_int_equal(arena.blocks, idle_blocks);
    assert_true(arena_is_sound());
    return 0;
}

/* ---- TCP ---- */

static struct tls_peer *of(struct conn *conn)
{
    return (struct tls_peer *)conn;
}

static size_t tcp_room(struct conn *conn)
{
    assert_true(of(conn)->is_open);
    return of(conn)->room;
}

static size_t tcp_write(struct conn *conn, struct span bytes)
{
    struct tls_peer *p = of(conn);
    size_t len = p->room < bytes.len ? p->room : bytes.len;

    assert_true(p->is_open && !p->is_closing && !p->is_aborted);
    if (len > 0 && p->ssl != NULL) {
        assert_int_equal(BIO_write(SSL_get_rbio(p->ssl), bytes.ptr, (int)len), len);
    }
    p->room -= p->room == SIZE_MAX ? 0 : len;
    return len;
}

static void tcp_close(struct conn *conn)
{
    assert_true(of(conn)->is_open);
    of(conn)->is_closing = true;
}

static void tcp_abort(struct conn *conn)
{
    assert_true(of(conn)->is_open);
    of(conn)->is_aborted = true;
}

static const struct conn_ops ops = {tcp_write, tcp_room, tcp_close, tcp_abort};

int tls_peer_open(struct tls_peer *p, SSL_CTX *context)
{
    int result;

    memset(p, 0, sizeof(*p));
    p->room = SIZE_MAX;
    p->chunk = SIZE_MAX;
    p->conn = (struct conn){.ops = &ops,
                            .handler = &tls_conn_handler,
                            .service = &service,
                            .deadline_us = UINT64_MAX};
    if (context != NULL) {
        p->ssl = SSL_new(context);
        SSL_set_bio(p->ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
        SSL_set_connect_state(p->ssl);
    }
    p->is_open = true;
    result = tls_conn_handler.open(&p->conn);
    p->is_open = result == 0;
    return result;
}

static void offer(struct tls_peer *p)
{
    size_t start = 0;

    while (start < p->in_len && p->is_open && !p->is_closing && !p->is_aborted) {
        size_t len = p->in_len - start;
        size_t part = len < p->chunk ? len : p->chunk;
        size_t used;

        p->conn.input_us = board_now_us();
        used = tls_conn_handler.input(&p->conn, span_of(p->in + start, part));
        assert_true(used <= part);
        start += used;
        if (used == 0) {
            break;
        }
    }
    memmove(p->in, p->in + start, p->in_len - start);
    p->in_len -= start;
}

void tls_peer_push(struct tls_peer *p, const void *bytes, size_t len)
{
    assert_true(len <= sizeof(p->in) - p->in_len);
    memcpy(p->in + p->in_len, bytes, len);
    p->in_len += len;
    offer(p);
}

/* The client works; true if it gave bytes to the server. */
static bool run_client(struct tls_peer *p)
{
    uint8_t bytes[4096];
    bool moved = false;
    int len;

    if (!SSL_is_init_finished(p->ssl) && p->failure == 0) {
        ERR_clear_error();
        int result = SSL_do_handshake(p->ssl);
        if (result != 1 && SSL_get_error(p->ssl, result) == SSL_ERROR_SSL) {
            p->failure = ERR_GET_REASON(ERR_peek_error());
        }
    }
    while (SSL_is_init_finished(p->ssl) && p->failure == 0 &&
           (len = SSL_read(p->ssl, p->got + p->got_len,
                           (int)(sizeof(p->got) - p->got_len))) > 0) {
        p->got_len += (size_t)len;
    }
    while ((len = BIO_read(SSL_get_wbio(p->ssl), bytes, sizeof(bytes))) > 0) {
        moved = true;
        if (p->is_open) {
            tls_peer_push(p, bytes, (size_t)len);
        }
    }
    return moved;
}

static void hang_up(struct tls_peer *p)
{
    if (p->is_open) {
        tls_conn_handler.closed(&p->conn);
        p->is_open = false;
    }
}

void tls_peer_run(struct tls_peer *p)
{
    bool again = true;

    for (unsigned i = 0; again && i < 1000; i++) {
        size_t before = p->in_len;
        size_t got = p->got_len;

        again = run_client(p);
        offer(p);
        tls_poll(board_now_us());
        again = again || p->in_len != before || p->got_len != got;
    }
    (void)run_client(p);
    if (p->is_closing || p->is_aborted) {
        hang_up(p);
    }
}

bool tls_peer_connect(struct tls_peer *p)
{
    unsigned opened = tls_world.opened;

    tls_peer_run(p);
    return SSL_is_init_finished(p->ssl) && p->failure == 0 && p->is_open &&
           tls_world.opened == opened + 1;
}

void tls_peer_say(struct tls_peer *p, const void *text, size_t len)
{
    assert_int_equal(SSL_write(p->ssl, text, (int)len), len);
    tls_peer_run(p);
}

void tls_peer_end(struct tls_peer *p)
{
    if (p->is_open) {
        tls_conn_handler.ended(&p->conn);
        tls_peer_run(p);
    }
}

void tls_peer_drop(struct tls_peer *p)
{
    hang_up(p);
    if (p->ssl != NULL) { /* or the session would count as broken, and not be resumed */
        SSL_set_shutdown(p->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    }
    SSL_free(p->ssl);
    p->ssl = NULL;
}

void tls_peer_wait(struct tls_peer *p, uint64_t ms)
{
    fake_board.now_us += ms * 1000;
    if (p->is_open && p->conn.deadline_us <= fake_board.now_us) {
        tls_conn_handler.timeout(&p->conn);
        assert_true(p->is_aborted || p->is_closing ||
                    p->conn.deadline_us > fake_board.now_us);
    }
    tls_poll(board_now_us());
}

SSL_CTX *tls_peer_context(int version, const char *certificate, const char *key)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    char path[512];

    SSL_CTX_set_min_proto_version(context, version);
    SSL_CTX_set_max_proto_version(context, version);
    if (certificate != NULL) {
        openssl_path(certificate, path, sizeof(path));
        assert_int_equal(SSL_CTX_use_certificate_chain_file(context, path), 1);
        openssl_path(key, path, sizeof(path));
        assert_int_equal(SSL_CTX_use_PrivateKey_file(context, path, SSL_FILETYPE_PEM), 1);
    }
    return context;
}
