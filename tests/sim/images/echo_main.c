/* SPDX-License-Identifier: ISC */
/*
 * A firmware that is nothing but a TCP echo: port 7 gives back what it gets, port 9 never reads
 * (for tests of a slow reader), port 19 talks without end. For the sim board's tests and as the
 * bare round trip that `make bench` compares with.
 */
#include <string.h>

#include "base/log.h"
#include "base/panic.h"
#include "base/util.h"
#include "hal/board.h"
#include "hal/hostport.h"
#include "main.h"
#include "net/net.h"

static int echo_open(struct conn *conn)
{
    (void)conn;
    return 0;
}

static size_t echo_input(struct conn *conn, struct span bytes)
{
    return conn_write(conn, bytes);
}

static void echo_writable(struct conn *conn)
{
    (void)conn; /* the rest of the input is offered again by itself */
}

static size_t deaf_input(struct conn *conn, struct span bytes)
{
    (void)conn;
    (void)bytes;
    return 0;
}

/* session: the position in the line, so that the text is whole however it was cut. */
static void talk(struct conn *conn)
{
    struct span line = span_str(
        "the quick brown fox jumps over the lazy dog 0123456789\r\n");
    uintptr_t at = (uintptr_t)conn->session;
    struct span rest;
    size_t taken;

    do {
        rest = span_slice(line, at, line.len);
        taken = conn_write(conn, rest);
        at = (at + taken) % line.len;
    } while (taken == rest.len);
    conn->session = (void *)at;
}

static int talk_open(struct conn *conn)
{
    talk(conn);
    return 0;
}

static size_t talk_input(struct conn *conn, struct span bytes)
{
    (void)conn;
    return bytes.len;
}

/* The port to the host shim echoes too; what finds no room is lost. */
static void poll_hostport(struct hostport *port)
{
    uint8_t bytes[512];
    size_t len;

    while (port != NULL && (len = port->ops->read(port, bytes, sizeof(bytes))) > 0) {
        if (port->ops->write(port, span_of(bytes, len)) < len) {
            log_warn("main", "hostport: bytes lost");
        }
    }
}

/* What the 17th connection is told. */
#define REFUSAL "full\r\n"

static const struct conn_handler echo = {
    .open = echo_open,
    .input = echo_input,
    .writable = echo_writable,
    .refusal = {(const uint8_t *)REFUSAL, sizeof(REFUSAL) - 1}};
static const struct conn_handler deaf = {.open = echo_open, .input = deaf_input};
static const struct conn_handler talker = {
    .open = talk_open, .input = talk_input, .writable = talk};

static const struct conn_service services[] = {
    {.port = 7, .handler = &echo, .name = "echo"},
    {.port = 9, .handler = &deaf, .name = "deaf"},
    {.port = 19, .handler = &talker, .name = "talker"}};

static const struct log_sink sink = {board_console_write, board_now_us};

void firmware_main(void)
{
    log_init(&sink);
    board_start();
    int err = net_start(services, UTIL_COUNT(services));
    if (err != 0) {
        panic("no network: %d", err);
    }
    log_info("main", "echo is listening");
    for (;;) {
        poll_hostport(board_hostport());
        board_idle(net_poll(board_now_us()));
    }
}
