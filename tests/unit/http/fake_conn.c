/* SPDX-License-Identifier: ISC */
/* The double of a connection. */
#include "fake_conn.h"

#include <stdlib.h>
#include <string.h>

#include "fake_board.h"
#include "hal/board.h"
#include "http/http_session.h"

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

static struct fake_conn *of(struct conn *conn)
{
    return (struct fake_conn *)conn;
}

static size_t fake_room(struct conn *conn)
{
    struct fake_conn *c = of(conn);

    require(c->is_open);
    return c->room < FAKE_CONN_CAP - c->out_len ? c->room : FAKE_CONN_CAP - c->out_len;
}

static size_t fake_write(struct conn *conn, struct span bytes)
{
    struct fake_conn *c = of(conn);
    size_t len = fake_room(conn);

    require(!c->is_closing && !c->is_aborted);
    len = len < bytes.len ? len : bytes.len;
    memcpy(c->out + c->out_len, bytes.ptr, len);
    c->out_len += len;
    c->room -= c->room == SIZE_MAX ? 0 : len;
    return len;
}

static void fake_close(struct conn *conn)
{
    require(of(conn)->is_open && !of(conn)->is_closing && !of(conn)->is_aborted);
    of(conn)->is_closing = true;
}

static void fake_abort(struct conn *conn)
{
    require(of(conn)->is_open && !of(conn)->is_aborted);
    of(conn)->is_aborted = true;
}

static const struct conn_ops ops = {fake_write, fake_room, fake_close, fake_abort};

int fake_conn_open(struct fake_conn *c)
{
    int result;

    c->conn = (struct conn){.ops = &ops,
                            .handler = &http_session_handler,
                            .deadline_us = UINT64_MAX,
                            .peer = {[10] = 0xff, 0xff, 192, 0, 2, 7},
                            .peer_port = 40000,
                            .local_port = 16992};
    c->is_closing = false;
    c->is_aborted = false;
    c->room = SIZE_MAX;
    c->out_len = 0;
    c->in_len = 0;
    c->is_open = true;
    result = c->conn.handler->open(&c->conn);
    c->is_open = result == 0;
    return result;
}

static void offer(struct fake_conn *c)
{
    size_t taken;

    c->conn.input_us = board_now_us();
    while (c->in_len > 0 && c->is_open && !c->is_aborted) {
        taken = c->conn.handler->input(&c->conn, span_of(c->in, c->in_len));
        require(taken <= c->in_len);
        if (taken == 0) {
            return;
        }
        memmove(c->in, c->in + taken, c->in_len - taken);
        c->in_len -= taken;
    }
}

void fake_conn_push(struct fake_conn *c, const void *bytes, size_t len)
{
    require(len <= FAKE_CONN_CAP - c->in_len);
    memcpy(c->in + c->in_len, bytes, len);
    c->in_len += len;
    offer(c);
}

void fake_conn_push_text(struct fake_conn *c, const char *text)
{
    fake_conn_push(c, text, strlen(text));
}

void fake_conn_make_room(struct fake_conn *c, size_t len)
{
    c->room = len;
    c->conn.handler->writable(&c->conn);
    offer(c);
}

void fake_conn_end(struct fake_conn *c)
{
    c->conn.handler->ended(&c->conn);
    offer(c);
}

void fake_conn_drop(struct fake_conn *c)
{
    if (c->is_open) {
        c->conn.handler->closed(&c->conn);
        c->is_open = false;
    }
}

void fake_conn_wait(struct fake_conn *c, uint64_t ms)
{
    fake_board.now_us += ms * 1000;
    if (c->is_open && !c->is_aborted && c->conn.deadline_us <= fake_board.now_us) {
        c->conn.handler->timeout(&c->conn);
        require(c->is_aborted || c->conn.deadline_us > fake_board.now_us);
    }
    offer(c);
}

const char *fake_conn_text(struct fake_conn *c)
{
    c->out[c->out_len] = '\0';
    return (const char *)c->out;
}

void fake_conn_clear(struct fake_conn *c)
{
    c->out_len = 0;
}
