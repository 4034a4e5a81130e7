/* SPDX-License-Identifier: ISC */
/*
 * A TLS session between two `struct conn`: the outer one is TCP's, the inner one the protocol's.
 *
 *   HANDSHAKE  the protocol does not know it yet; one deadline for all of it
 *   OPEN       the protocol's
 *   OVER       a fatal alert or a refusal is on its way out; what still comes is swallowed
 *
 * tls_plain.c is the protocol's side of it.
 */
#include "net/tls_conn.h"

#include <stddef.h>
#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/log.h"
#include "base/pool.h"
#include "base/util.h"
#include "hal/board.h"
#include "latency/latency.h"
#include "net/tls_conn_priv.h"

enum { MS_US = 1000 };

POOL_DEFINE(tls_conns, struct tls_conn, CONFIG_TLS_SESSIONS);
static struct tls_conn
    *sessions[CONFIG_TLS_SESSIONS]; /* those in use; NULL: free place */
static struct tls_status counts;

/* ---- what Mbed TLS calls --------------------------------------------------------------- */

static int send_bytes(void *context, const unsigned char *bytes, size_t len)
{
    struct tls_conn *t = context;
    size_t taken = conn_write(t->outer, span_of(bytes, len));

    return taken > 0 ? (int)taken : MBEDTLS_ERR_SSL_WANT_WRITE;
}

static int receive_bytes(void *context, unsigned char *dst, size_t cap)
{
    struct tls_conn *t = context;
    size_t len = util_min(cap, t->in.len);

    if (len == 0) {
        return MBEDTLS_ERR_SSL_WANT_READ;
    }
    memcpy(dst, t->in.ptr, len);
    t->in = span_slice(t->in, len, t->in.len - len);
    return (int)len;
}

void tls_conn_fail(struct tls_conn *t)
{
    t->state = TLS_CONN_OVER;
    conn_close(t->outer);
}

/* ---- handshake ------------------------------------------------------------------------- */

static void log_failure(const struct tls_conn *t, int error)
{
    counts.failed++;
    log_info("tls", "handshake failed: %s",
             t->verify.reason != NULL ? t->verify.reason
             : error == MBEDTLS_ERR_SSL_ALLOC_FAILED ||
                     error == MBEDTLS_ERR_MPI_ALLOC_FAILED
                 ? "no memory"
                 : tls_verify_error(error));
}

/* The protocol takes it, or is full: then its refusal goes out. */
static void open_inner(struct tls_conn *t)
{
    const struct conn_handler *handler = t->outer->service->inner;

    t->state = TLS_CONN_OPEN;
    t->inner.handler = handler;
    t->inner.deadline_us = UINT64_MAX;
    if (handler->open(&t->inner) == 0) {
        t->is_known = true;
        return;
    }
    (void)conn_write(&t->inner, handler->refusal);
    conn_close(&t->inner);
    t->state = TLS_CONN_OVER;
}

static void end_handshake(struct tls_conn *t)
{
    counts.handshakes++;
    counts.resumed += t->is_resumed ? 1 : 0;
    latency_left(t->due_us, board_now_us());
    open_inner(t);
}

/* The model's time covers everything up to our first answer. */
static void hail(struct tls_conn *t)
{
    const struct latency_job job = {.op = LATENCY_OP_TLS};

    t->is_hailed = true;
    t->due_us = latency_due(&job, t->outer->input_us);
    t->outer->hold_us = t->due_us;
}

static void handshake(struct tls_conn *t)
{
    int result;

    if (!t->is_hailed && t->in.len > 0) {
        hail(t);
    }
    result = mbedtls_ssl_handshake(&t->ssl);
    t->is_resumed |= tls_config_took_ticket();
    if (result == 0) {
        end_handshake(t);
    } else if (result != MBEDTLS_ERR_SSL_WANT_READ &&
               result != MBEDTLS_ERR_SSL_WANT_WRITE) {
        log_failure(t, result);
        tls_conn_fail(t); /* Mbed TLS has queued the alert */
    }
}

static void follow_deadline(struct tls_conn *t)
{
    if (t->state == TLS_CONN_OPEN) {
        t->outer->deadline_us = t->inner.deadline_us;
    } else if (t->state == TLS_CONN_OVER) {
        t->outer->deadline_us = UINT64_MAX; /* TCP limits the time for a close */
    }
}

static void run(struct tls_conn *t)
{
    if (t->state == TLS_CONN_HANDSHAKE) {
        handshake(t);
    }
    if (t->state == TLS_CONN_OPEN) {
        tls_plain_deliver(t);
    }
    follow_deadline(t);
}

/* ---- what TCP calls -------------------------------------------------------------------- */

static void set_up(struct tls_conn *t, struct conn *outer)
{
    struct tls_config *config = t->config;

    memset(t, 0, offsetof(struct tls_conn, plain));
    t->config = config;
    t->outer = outer;
    t->state = TLS_CONN_HANDSHAKE;
    t->opened_us = board_now_us();
    t->inner = (struct conn){.ops = &tls_plain_ops,
                             .service = outer->service,
                             .is_secure = true,
                             .deadline_us = UINT64_MAX,
                             .peer_port = outer->peer_port,
                             .local_port = outer->local_port};
    memcpy(t->inner.peer, outer->peer, sizeof(t->inner.peer));
    mbedtls_ssl_init(&t->ssl);
}

static void free_session(struct tls_conn *t)
{
    mbedtls_ssl_free(&t->ssl);
    tls_config_drop(t->config);
    bytes_wipe(t->plain, sizeof(t->plain));
    for (size_t i = 0; i < CONFIG_TLS_SESSIONS; i++) {
        if (sessions[i] == t) {
            sessions[i] = NULL;
        }
    }
    counts.sessions--;
    pool_put(&tls_conns, t);
}

/* All places are taken: the oldest that is still in its handshake goes, if it had time. */
static void make_room(uint64_t now_us)
{
    struct tls_conn *oldest = NULL;

    for (size_t i = 0; i < CONFIG_TLS_SESSIONS; i++) {
        struct tls_conn *t = sessions[i];

        if (t == NULL) {
            return;
        }
        if (t->state == TLS_CONN_HANDSHAKE &&
            (oldest == NULL || t->opened_us < oldest->opened_us)) {
            oldest = t;
        }
    }
    if (oldest != NULL && now_us - oldest->opened_us >= CONFIG_TLS_YIELD_MS * MS_US) {
        conn_abort(oldest->outer);
    }
}

static int outer_open(struct conn *conn)
{
    struct tls_config *config = tls_config_take();
    struct tls_conn *t = config != NULL ? pool_get(&tls_conns) : NULL;

    make_room(board_now_us());
    if (t == NULL) {
        counts.refused++;
        if (config != NULL) {
            tls_config_drop(config);
        }
        return ERR_FULL;
    }
    t->config = config;
    set_up(t, conn);
    for (size_t i = 0; i < CONFIG_TLS_SESSIONS; i++) {
        if (sessions[i] == NULL) {
            sessions[i] = t;
            break;
        }
    }
    counts.sessions++;
    if (counts.sessions > counts.sessions_most) {
        counts.sessions_most = counts.sessions;
    }
    if (mbedtls_ssl_setup(&t->ssl, &config->ssl) != 0) {
        counts.refused++;
        free_session(t);
        return ERR_FULL;
    }
    mbedtls_ssl_set_bio(&t->ssl, t, send_bytes, receive_bytes, NULL);
    tls_verify_attach(&t->verify, &t->ssl);
    conn->session = t;
    conn->deadline_us = t->opened_us + (uint64_t)CONFIG_TLS_HANDSHAKE_MS * MS_US;
    return 0;
}

static size_t outer_input(struct conn *conn, struct span bytes)
{
    struct tls_conn *t = conn->session;
    size_t used;

    if (t->state == TLS_CONN_OVER) {
        return bytes.len;
    }
    t->in = bytes;
    run(t);
    used = bytes.len - t->in.len;
    t->in = span_of(NULL, 0);
    return used;
}

static void outer_writable(struct conn *conn)
{
    run(conn->session);
}

static void outer_timeout(struct conn *conn)
{
    struct tls_conn *t = conn->session;

    if (t->state == TLS_CONN_HANDSHAKE) {
        counts.failed++;
        log_info("tls", "handshake not finished in time");
        conn_abort(conn);
    } else if (tls_plain_is_listening(t) && t->inner.deadline_us <= board_now_us()) {
        if (t->inner.handler->timeout != NULL) {
            t->inner.handler->timeout(&t->inner);
        }
    }
    follow_deadline(t);
}

/* TCP has ended, with or without a close_notify before: what is decrypted still counts, for
 * protocols here know by themselves where a message ends. */
static void outer_ended(struct conn *conn)
{
    struct tls_conn *t = conn->session;

    t->peer_ended = true;
    if (t->state == TLS_CONN_OPEN) {
        tls_plain_deliver(t);
        follow_deadline(t);
    } else {
        conn_close(conn);
    }
}

static void outer_closed(struct conn *conn)
{
    struct tls_conn *t = conn->session;

    if (t->is_known && t->inner.handler->closed != NULL) {
        t->inner.handler->closed(&t->inner);
    }
    free_session(t);
}

const struct conn_handler tls_conn_handler = {
    .open = outer_open,
    .input = outer_input,
    .writable = outer_writable,
    .timeout = outer_timeout,
    .ended = outer_ended,
    .closed = outer_closed,
};

/* ---- public ---------------------------------------------------------------------------- */

void tls_conn_start(void)
{
    for (size_t i = 0; i < CONFIG_TLS_SESSIONS; i++) {
        sessions[i] = NULL;
    }
    pool_init(&tls_conns);
    counts = (struct tls_status){0};
}

void tls_conn_poll(uint64_t now_us)
{
    (void)now_us;
    for (size_t i = 0; i < CONFIG_TLS_SESSIONS; i++) {
        struct tls_conn *t = sessions[i];

        if (t != NULL && t->state == TLS_CONN_OPEN) {
            tls_plain_deliver(t);
            follow_deadline(t);
        }
    }
}

void tls_conn_get_status(struct tls_status *status)
{
    *status = counts;
}

const char *tls_conn_peer_name(const struct conn *conn)
{
    const struct tls_conn *t = (const struct tls_conn *)(const void *)conn;

    return conn->is_secure ? t->verify.name : NULL;
}
