/* SPDX-License-Identifier: ISC */
/*
 * The plain side of a TLS session: what a protocol writes and reads. What it leaves unread stays in
 * TCP's window but for one piece of plain text; what it writes is taken only as far as TCP has
 * room, so that Mbed TLS never holds half a record back.
 */
#include <string.h>

#include "base/bytes.h"
#include "base/log.h"
#include "base/util.h"
#include "net/tls_conn_priv.h"

enum {
    RECORD_COST =
        64, /* header, nonce, tag, inner type: of an authenticated cipher, rounded up */
    ROUNDS_MAX = 16 /* pieces of plain text delivered in one call */
};

/* ---- what protocols call --------------------------------------------------------------- */

static struct tls_conn *from_inner(struct conn *conn)
{
    return (struct tls_conn *)(void *)conn;
}

/* Plain bytes that one record, with what it costs, may carry through `room` bytes. */
static size_t record_room(size_t room)
{
    return room > RECORD_COST ? util_min(room - RECORD_COST, MBEDTLS_SSL_OUT_CONTENT_LEN)
                              : 0;
}

static size_t write_bytes(struct conn *conn, struct span bytes)
{
    struct tls_conn *t = from_inner(conn);
    size_t taken = 0;

    if (t->state != TLS_CONN_OPEN || t->close_asked) {
        return 0;
    }
    while (taken < bytes.len) {
        size_t len = util_min(bytes.len - taken, record_room(conn_room(t->outer)));

        if (len == 0) {
            t->wants_writable = true;
            break;
        }
        if (mbedtls_ssl_write(&t->ssl, bytes.ptr + taken, len) != (int)len) {
            log_warn("tls", "a record could not be written");
            conn_abort(t->outer);
            break;
        }
        taken += len;
    }
    t->has_written = t->has_written || taken > 0;
    return taken;
}

static size_t write_room(struct conn *conn)
{
    struct tls_conn *t = from_inner(conn);
    size_t room = conn_room(t->outer);
    size_t total = 0;

    if (t->state != TLS_CONN_OPEN || t->close_asked) {
        return 0;
    }
    for (size_t part = record_room(room); part > 0; part = record_room(room)) {
        total += part;
        room -= part + RECORD_COST;
    }
    return total;
}

static void ask_close(struct conn *conn)
{
    struct tls_conn *t = from_inner(conn);

    if (!t->close_asked && t->state == TLS_CONN_OPEN) {
        (void)mbedtls_ssl_close_notify(
            &t->ssl); /* as far as there is room: TCP ends too */
    }
    t->close_asked = true;
    conn_close(t->outer);
}

static void ask_abort(struct conn *conn)
{
    from_inner(conn)->close_asked = true;
    conn_abort(from_inner(conn)->outer);
}

const struct conn_ops tls_plain_ops = {
    .write = write_bytes,
    .room = write_room,
    .close = ask_close,
    .abort = ask_abort,
};

/* ---- delivery -------------------------------------------------------------------------- */

/* One more piece of plain text behind what is unread. False: none now. */
static bool read_plain(struct tls_conn *t)
{
    int result;

    if (t->peer_ended || t->plain_len == sizeof(t->plain)) {
        return false;
    }
    memmove(t->plain, t->plain + t->plain_start, t->plain_len);
    t->plain_start = 0;
    result = mbedtls_ssl_read(&t->ssl, t->plain + t->plain_len,
                              sizeof(t->plain) - t->plain_len);
    if (result > 0) {
        t->plain_len += (size_t)result;
        return true;
    }
    if (result == 0 || result == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY) {
        t->peer_ended = true;
    } else if (result != MBEDTLS_ERR_SSL_WANT_READ &&
               result != MBEDTLS_ERR_SSL_WANT_WRITE) {
        log_info("tls", "session broken off: %s", tls_verify_error(result));
        t->plain_len = 0;
        tls_conn_fail(t);
    }
    return false;
}

bool tls_plain_is_listening(const struct tls_conn *t)
{
    return t->state == TLS_CONN_OPEN && !t->close_asked;
}

/* True if the protocol took or wrote something. */
static bool offer_plain(struct tls_conn *t)
{
    size_t used;

    if (t->plain_len == 0) {
        return false;
    }
    t->has_written = false;
    t->inner.input_us = t->outer->input_us;
    used = t->inner.handler->input(&t->inner,
                                   span_of(t->plain + t->plain_start, t->plain_len));
    used = util_min(used, t->plain_len);
    bytes_wipe(t->plain + t->plain_start, used);
    t->plain_start += used;
    t->plain_len -= used;
    return used > 0 || t->has_written;
}

static void tell_end(struct tls_conn *t)
{
    if (!t->peer_ended || t->end_told || t->plain_len > 0 || !tls_plain_is_listening(t)) {
        return;
    }
    t->end_told = true;
    if (t->inner.handler->ended != NULL) {
        t->inner.handler->ended(&t->inner);
    } else {
        conn_close(&t->inner);
    }
}

void tls_plain_deliver(struct tls_conn *t)
{
    bool again = true;

    for (unsigned i = 0; again && tls_plain_is_listening(t) && i < ROUNDS_MAX; i++) {
        bool has_read = read_plain(t);

        again = tls_plain_is_listening(t) && (offer_plain(t) || has_read);
    }
    if (tls_plain_is_listening(t) && t->wants_writable && write_room(&t->inner) > 0) {
        t->wants_writable = false;
        if (t->inner.handler->writable != NULL) {
            t->inner.handler->writable(&t->inner);
        }
    }
    tell_end(t);
}
