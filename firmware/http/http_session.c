/* SPDX-License-Identifier: ISC */
/*
 * One connection's states, named after what is awaited:
 *
 *         gate passed      body complete    reply made      its time
 * open -> HEAD -----> BODY -------> HANDLER ---------> DELAY -------> ROOM -> HEAD
 *          | (no body: HANDLER)        | time is up                    | last reply
 *          +-----------+---------------+-> a page: DELAY -> ROOM ------+-> DRAIN -> CLOSED
 *
 * DELAY is passed through without stopping unless the latency model wants it, ROOM when the
 * send buffer takes the whole reply. HANG is where an injected fault leads instead of DELAY.
 * DRAIN reads over what the client still sends of a request that was refused: closing at
 * once would make TCP reset the connection and the client lose its 401.
 */
#include "http/http_session.h"

#include "base/err.h"
#include "base/log.h"
#include "base/panic.h"
#include "base/pool.h"
#include "hal/board.h"
#include "http/http_body.h"
#include "http/http_gate.h"
#include "http/http_head.h"
#include "http/http_pace.h"
#include "http/http_reply.h"
#include "http/http_slot.h"

enum session_state {
    SESSION_HEAD,    /* a request line and header fields */
    SESSION_BODY,    /* the rest of the body */
    SESSION_HANDLER, /* the handler's reply */
    SESSION_DELAY,   /* the time at which the reply may leave */
    SESSION_ROOM,    /* room in the send buffer for the rest of the reply */
    SESSION_DRAIN,   /* the end of a refused request */
    SESSION_HANG,    /* the client's end: a fault wants no reply */
    SESSION_CLOSED   /* nothing: conn_close or conn_abort was called */
};

/* How the end of what must be drained is recognised. */
enum session_rest {
    SESSION_REST_NONE,   /* the request was read to its end */
    SESSION_REST_FRAMED, /* `body` knows */
    SESSION_REST_UNKNOWN /* only the client's close ends it */
};

/* A client that has half-closed may have pipelined a request that is still unread. */
enum { ENDED_GRACE_MS = 20 };

struct session {
    struct conn *conn;
    enum session_state state;
    enum session_rest rest;
    struct http_head head;
    struct http_body body;
    struct http_slot *slot;
    const struct http_route *route;
    struct http_pace pace;
    struct http_fault fault; /* that hit this request */
    struct span out;         /* of the reply, not yet taken by the connection */
    bool is_last;            /* close after this reply */
    bool has_unread;         /* bytes beyond this request have been offered */
    bool has_ended;          /* the client has closed its side */
    size_t drained_len;
    uint8_t head_bytes[CONFIG_HTTP_HEAD_CAP];
    uint8_t page_bytes[HTTP_REPLY_PAGE_CAP];
};

POOL_DEFINE(http_sessions, struct session, CONFIG_NET_CONN_COUNT);

static void set_deadline(struct session *s, uint64_t ms)
{
    s->conn->deadline_us = board_now_us() + ms * 1000;
}

static void set_state(struct session *s, enum session_state state, uint64_t ms)
{
    static const char *const names[] = {"head", "body",  "handler", "delay",
                                        "room", "drain", "hang",    "closed"};

    log_debug("http", "%u: %s -> %s", s->conn->peer_port, names[s->state], names[state]);
    s->state = state;
    set_deadline(s, ms);
}

static void close_session(struct session *s)
{
    http_slot_drop(s->slot);
    s->slot = NULL;
    set_state(s, SESSION_CLOSED, CONFIG_HTTP_WRITE_MS);
    conn_close(s->conn);
}

/* ---- sending ---- */

static void reset_reply(struct session *s)
{
    http_pace_reset(&s->pace);
    s->fault = (struct http_fault){0};
    s->out = span_of(NULL, 0);
}

static void end_reply(struct session *s)
{
    bool is_stranger = s->slot != NULL && s->slot->is_anonymous;

    http_slot_drop(s->slot);
    s->slot = NULL;
    if (!s->is_last) {
        http_head_reset(&s->head);
        reset_reply(s);
        s->has_unread = false;
        set_state(s, SESSION_HEAD,
                  s->has_ended  ? ENDED_GRACE_MS
                  : is_stranger ? CONFIG_HTTP_HEAD_MS
                                : CONFIG_HTTP_IDLE_MS);
        return;
    }
    if (s->rest == SESSION_REST_NONE && s->has_unread) {
        s->rest = SESSION_REST_UNKNOWN;
    }
    if (s->rest == SESSION_REST_NONE || s->has_ended) {
        close_session(s);
        return;
    }
    s->drained_len = 0;
    set_state(s, SESSION_DRAIN, CONFIG_HTTP_DRAIN_MS);
}

/* Hand over what fits; each byte that is taken gives the client new time. */
static void pump(struct session *s)
{
    while (s->out.len > 0) {
        size_t taken = conn_write(s->conn, s->out);

        if (taken == 0) {
            return;
        }
        http_pace_left(&s->pace, board_now_us());
        set_deadline(s, CONFIG_HTTP_WRITE_MS);
        s->out = span_slice(s->out, taken, s->out.len);
    }
    end_reply(s);
}

static void release(struct session *s)
{
    set_state(s, SESSION_ROOM, CONFIG_HTTP_WRITE_MS);
    pump(s);
}

static void send_out(struct session *s, struct span out)
{
    s->out = out;
    if (s->fault.kind == HTTP_FAULT_CLOSE) {
        s->out = span_slice(out, 0, s->fault.number);
        s->is_last = true;
    }
    if (!http_pace_is_early(&s->pace, board_now_us())) {
        release(s);
        return;
    }
    set_state(s, SESSION_DELAY, 0);
    s->conn->deadline_us = s->pace.due_us;
}

/* The memory goes now: a hanging client may stay for long. */
static void hang(struct session *s)
{
    http_slot_drop(s->slot);
    s->slot = NULL;
    set_state(s, SESSION_HANG, 0);
    s->conn->deadline_us = UINT64_MAX;
}

/* Every page is the last reply of its connection. */
static void send_page(struct session *s, const struct http_gate *gate)
{
    struct sbuf out;

    http_slot_drop(s->slot);
    s->slot = NULL;
    sbuf_init(&out, s->page_bytes, sizeof(s->page_bytes));
    http_gate_put_page(gate, &s->head, &out);
    panic_unless(!out.overflow);
    s->is_last = true;
    send_out(s, sbuf_span(&out));
}

static void send_status(struct session *s, unsigned status, enum session_rest rest)
{
    struct http_gate gate = {.status = status};

    s->rest = rest;
    send_page(s, &gate);
}

/* A page of HTTP's own, on a request that has just come. */
static void refuse(struct session *s, const struct http_gate *gate)
{
    struct http_gate page = *gate;

    s->fault = http_pace_page(&s->pace, s->conn->input_us);
    if (s->fault.kind == HTTP_FAULT_HANG) {
        hang(s);
        return;
    }
    if (s->fault.kind == HTTP_FAULT_PAGE) {
        page.status = s->fault.number;
    }
    send_page(s, &page);
}

static void refuse_status(struct session *s, unsigned status, enum session_rest rest)
{
    struct http_gate gate = {.status = status};

    s->rest = rest;
    refuse(s, &gate);
}

/* http_reply_send, from inside the handler or later. */
static void finish_exchange(struct http_exchange *x)
{
    struct session *s = x->session;
    struct http_reply_head head = {.status = x->status,
                                   .type = x->type,
                                   .body_len = x->reply.len,
                                   .wall_s = board_wall_s(),
                                   .is_chunked = s->head.minor > 0};

    panic_unless(s->state == SESSION_HANDLER && &s->slot->x == x);
    s->slot->is_with_handler = false;
    s->fault = x->fault;
    if (x->fault.kind == HTTP_FAULT_HANG) {
        hang(s);
        return;
    }
    http_pace_set(&s->pace, &x->job, x->arrival_us);
    if (x->fault.kind == HTTP_FAULT_PAGE) {
        send_status(s, x->fault.number, SESSION_REST_NONE);
        return;
    }
    if (x->reply.overflow) {
        log_warn("http", "reply beyond %u bytes", (unsigned)HTTP_SLOT_REPLY_CAP);
        send_status(s, 500, SESSION_REST_NONE);
        return;
    }
    s->is_last = !s->head.keep_alive || x->status >= 400;
    head.is_last = s->is_last;
    send_out(s, http_slot_render(s->slot, &head));
}

/* ---- receiving ---- */

static void call_handler(struct session *s)
{
    struct http_slot *slot = s->slot;

    slot->x.body = sbuf_span(&slot->body);
    slot->x.arrival_us = s->conn->input_us;
    slot->is_with_handler = true;
    s->rest = SESSION_REST_NONE;
    set_state(s, SESSION_HANDLER, CONFIG_HTTP_HANDLER_MS);
    s->route->handler(&slot->x);
    if (s->state == SESSION_HANDLER) {
        panic_unless(slot->x.cancel != NULL);
        http_pace_set(&s->pace, &slot->x.job, slot->x.arrival_us);
    }
}

/* The gate is open: keep the request, and ask for its body if the client waits for
 * that. */
static void begin_exchange(struct session *s, const struct http_gate *gate, bool has_body)
{
    struct http_exchange *x;

    s->slot = http_slot_take(!gate->route->needs_auth);
    if (s->slot == NULL) {
        refuse_status(s, 503, has_body ? SESSION_REST_FRAMED : SESSION_REST_NONE);
        return;
    }
    s->route = gate->route;
    x = &s->slot->x;
    x->method = s->head.method;
    x->path = s->head.path;
    x->query = s->head.query;
    x->user = http_slot_keep_user(s->slot, gate->user);
    x->head = &s->head;
    x->conn = s->conn;
    x->finish = finish_exchange;
    x->session = s;
    if (!has_body) {
        call_handler(s);
        return;
    }
    set_state(s, SESSION_BODY, CONFIG_HTTP_BODY_MS);
    if (s->head.expects_continue && conn_room(s->conn) >= http_reply_continue().len) {
        (void)conn_write(s->conn, http_reply_continue());
    }
}

static void end_head(struct session *s)
{
    struct http_gate gate;
    int body;

    http_gate_check(&s->head, s->conn->peer, &gate);
    body = http_body_init(&s->body, s->head.framing, s->head.length,
                          gate.status == 0 ? CONFIG_HTTP_BODY_CAP
                                           : CONFIG_HTTP_DRAIN_CAP);
    s->rest = body > 0    ? SESSION_REST_NONE
              : body == 0 ? SESSION_REST_FRAMED
                          : SESSION_REST_UNKNOWN;
    if (gate.status != 0) {
        refuse(s, &gate);
        return;
    }
    begin_exchange(s, &gate, body == 0);
}

static size_t input_head(struct session *s, struct span bytes)
{
    bool is_first = http_head_is_empty(&s->head);
    size_t taken;
    int result = http_head_push(&s->head, bytes, &taken);

    if (is_first) {
        set_deadline(s, CONFIG_HTTP_HEAD_MS);
    }
    if (result < 0) {
        refuse_status(s, s->head.status, SESSION_REST_UNKNOWN);
    } else if (result > 0) {
        end_head(s);
    }
    return taken;
}

static size_t input_body(struct session *s, struct span bytes)
{
    size_t taken;
    int result = http_body_push(&s->body, bytes, &s->slot->body, &taken);

    if (result < 0) {
        refuse_status(s, result == ERR_TOO_BIG ? 413 : 400, SESSION_REST_UNKNOWN);
    } else if (result > 0) {
        call_handler(s);
    }
    return taken;
}

static size_t input_drain(struct session *s, struct span bytes)
{
    size_t taken = bytes.len;
    int result = 0;

    if (s->rest == SESSION_REST_FRAMED) {
        result = http_body_push(&s->body, bytes, NULL, &taken);
        s->rest = result < 0 ? SESSION_REST_UNKNOWN : s->rest;
    }
    s->drained_len += taken;
    if (result > 0 || s->drained_len > CONFIG_HTTP_DRAIN_CAP) {
        close_session(s);
    }
    return taken;
}

static size_t session_input(struct conn *conn, struct span bytes)
{
    struct session *s = conn->session;
    size_t used = 0;

    while (used < bytes.len) {
        struct span rest = span_slice(bytes, used, bytes.len);

        switch (s->state) {
        case SESSION_HEAD:
            used += input_head(s, rest);
            break;
        case SESSION_BODY:
            used += input_body(s, rest);
            break;
        case SESSION_DRAIN:
            used += input_drain(s, rest);
            break;
        case SESSION_CLOSED:
            return bytes.len;
        default:
            s->has_unread = true;
            return used;
        }
    }
    return used;
}

/* ---- the connection's other events ---- */

static int session_open(struct conn *conn)
{
    struct session *s = pool_get(&http_sessions);

    if (s == NULL) {
        return ERR_FULL;
    }
    s->conn = conn;
    s->state = SESSION_HEAD;
    s->rest = SESSION_REST_NONE;
    s->slot = NULL;
    s->route = NULL;
    reset_reply(s);
    s->is_last = false;
    s->has_unread = false;
    s->has_ended = false;
    s->drained_len = 0;
    http_head_init(&s->head, s->head_bytes, sizeof(s->head_bytes));
    conn->session = s;
    set_deadline(s, CONFIG_HTTP_HEAD_MS);
    return 0;
}

static void session_writable(struct conn *conn)
{
    struct session *s = conn->session;

    if (s->state == SESSION_ROOM) {
        pump(s);
    }
}

static void session_timeout(struct conn *conn)
{
    struct session *s = conn->session;

    switch (s->state) {
    case SESSION_HEAD:
        if (http_head_is_empty(&s->head) || s->has_ended) {
            close_session(s);
            break;
        }
        send_status(s, 408, SESSION_REST_UNKNOWN);
        break;
    case SESSION_BODY:
        send_status(s, 408, SESSION_REST_UNKNOWN);
        break;
    case SESSION_HANDLER:
        log_warn("http", "no reply in time: %.*s", (int)s->head.path.len,
                 (const char *)s->head.path.ptr);
        http_pace_reset(&s->pace); /* it is late enough */
        send_status(s, 503, SESSION_REST_NONE);
        break;
    case SESSION_DELAY:
        release(s);
        break;
    case SESSION_DRAIN:
        close_session(s);
        break;
    default:
        s->state = SESSION_CLOSED;
        conn->deadline_us = UINT64_MAX;
        conn_abort(conn);
        break;
    }
}

/* A client may close its side after its request and still wait for the reply. */
static void session_ended(struct conn *conn)
{
    struct session *s = conn->session;

    s->has_ended = true;
    if (s->state == SESSION_HEAD || s->state == SESSION_BODY ||
        s->state == SESSION_DRAIN || s->state == SESSION_HANG) {
        close_session(s);
    }
}

static void session_closed(struct conn *conn)
{
    struct session *s = conn->session;

    http_slot_drop(s->slot);
    pool_put(&http_sessions, s);
    conn->session = NULL;
}

const struct conn_handler http_session_handler = {
    .open = session_open,
    .input = session_input,
    .writable = session_writable,
    .timeout = session_timeout,
    .ended = session_ended,
    .closed = session_closed,
    .refusal = {(const uint8_t *)HTTP_REPLY_REFUSAL, sizeof(HTTP_REPLY_REFUSAL) - 1},
};

void http_session_start(void)
{
    pool_init(&http_sessions);
}
