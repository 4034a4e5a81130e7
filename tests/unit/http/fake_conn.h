/* SPDX-License-Identifier: ISC */
/*
 * A double of a TCP connection, in memory, for http_session: bytes that the session does
 * not consume wait here, the send buffer can be made small, and time is fake_board's. It
 * keeps the rules of net/conn.h and aborts the program if the session breaks them.
 */
#ifndef VAMT_TESTS_FAKE_CONN_H
#define VAMT_TESTS_FAKE_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/conn.h"

enum { FAKE_CONN_CAP = 400 * 1024 };

struct fake_conn {
    struct conn conn;
    bool is_open;    /* between open and closed */
    bool is_closing; /* conn_close was called */
    bool is_aborted;
    size_t room; /* bytes the send buffer still takes; SIZE_MAX: any */
    size_t out_len;
    size_t in_len; /* not consumed yet */
    uint8_t
        out[FAKE_CONN_CAP + 1]; /* sent by the session; fake_conn_text ends it with NUL */
    uint8_t in[FAKE_CONN_CAP];
};

/* Calls the handler's open; its result. */
int fake_conn_open(struct fake_conn *c);
/* Bytes from the client; all that waits is offered as long as the session takes some. */
void fake_conn_push(struct fake_conn *c, const void *bytes, size_t len);
void fake_conn_push_text(struct fake_conn *c, const char *text);
/* The client reads: room for `len` more bytes. */
void fake_conn_make_room(struct fake_conn *c, size_t len);
/* The client closes its side. */
void fake_conn_end(struct fake_conn *c);
/* The connection is gone (also a reset by the client). */
void fake_conn_drop(struct fake_conn *c);
/* Move the clock; past a deadline the handler's timeout is called. */
void fake_conn_wait(struct fake_conn *c, uint64_t ms);
/* What the session has sent so far, as a string. */
const char *fake_conn_text(struct fake_conn *c);
/* Forget what was sent. */
void fake_conn_clear(struct fake_conn *c);

#endif
