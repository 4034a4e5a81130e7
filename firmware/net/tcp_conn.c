/* SPDX-License-Identifier: ISC */
/*
 * TCP connections over lwIP's raw interface. Life of a connection:
 *
 *   NEW      accepted by lwIP, the protocol does not know it yet
 *   OPEN     the protocol's
 *   DRAIN    conn_close was called: the protocol is done (`closed` delivered), queued bytes go
 *            out, then our FIN; what still arrives is dropped. Not a plain close, because lwIP
 *            would answer late bytes with a reset, which can destroy the reply under way.
 *
 * The bytes of the send ring are handed to lwIP without copying; they leave the ring when
 * acknowledged. So a pcb that still has some may not be given up except by a reset.
 */
#include "net/tcp_conn.h"

#include <string.h>

#include "base/log.h"
#include "base/pool.h"
#include "base/util.h"
#include "fault/fault.h"
#include "net/tcp_conn_priv.h"
#include "net/tcp_refuse.h"

enum {
    ROUNDS_MAX = 8,       /* input calls for one connection in one poll */
    RETRY_US = 50 * 1000, /* lwIP's pools were empty: try again */
    MS_US = 1000
};

enum { SLOTS = CONFIG_NET_CONN_COUNT + CONFIG_NET_SPARE_COUNT };
POOL_DEFINE(tcp_conn_pool, struct tcp_conn, SLOTS);
static uint32_t open_count; /* connections that protocols have */
static uint32_t open_most;
static uint32_t accepted;
static uint32_t refused;

/* ---- what protocols call -------------------------------------------------------------- */

static struct tcp_conn *from_conn(struct conn *conn)
{
    return (struct tcp_conn *)(void *)conn;
}

static bool is_writable(const struct tcp_conn *c)
{
    return c->state == TCP_CONN_OPEN && c->pcb != NULL && !c->close_asked &&
           !c->abort_asked;
}

/* A cut stream swallows what comes after the cut. */
static size_t put_bytes(struct tcp_conn *c, struct span bytes)
{
    if (!c->is_cut) {
        return ring_write(&c->out, bytes);
    }
    struct span kept = span_slice(bytes, 0, c->cut_left);
    size_t taken = ring_write(&c->out, kept);
    c->cut_left -= (uint32_t)taken;
    return taken == kept.len ? bytes.len : taken;
}

static size_t write_bytes(struct conn *conn, struct span bytes)
{
    struct tcp_conn *c = from_conn(conn);

    if (!is_writable(c)) {
        return 0;
    }
    size_t taken = put_bytes(c, bytes);
    c->has_written = c->has_written || taken > 0;
    c->wants_writable = c->wants_writable || taken < bytes.len;
    return taken;
}

static size_t write_room(struct conn *conn)
{
    struct tcp_conn *c = from_conn(conn);

    if (!is_writable(c)) {
        return 0;
    }
    return c->is_cut && c->cut_left == 0 ? sizeof(c->out_bytes) : ring_room(&c->out);
}

static void ask_close(struct conn *conn)
{
    from_conn(conn)->close_asked = true;
}

static void ask_abort(struct conn *conn)
{
    from_conn(conn)->abort_asked = true;
}

static const struct conn_ops ops = {
    .write = write_bytes,
    .room = write_room,
    .close = ask_close,
    .abort = ask_abort,
};

/* ---- accepting ------------------------------------------------------------------------ */

static void fill_peer(struct conn *conn, const struct tcp_pcb *pcb)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    uint32_t address = ip4_addr_get_u32(ip_2_ip4(&pcb->remote_ip));

    memcpy(conn->peer, mapped, sizeof(mapped));
    memcpy(conn->peer + sizeof(mapped), &address, sizeof(address));
    conn->peer_port = pcb->remote_port;
    conn->local_port = pcb->local_port;
}

static void init_conn(struct tcp_conn *c, struct tcp_pcb *pcb,
                      const struct conn_service *service)
{
    c->conn = (struct conn){.ops = &ops,
                            .handler = service->handler,
                            .service = service,
                            .deadline_us = UINT64_MAX};
    fill_peer(&c->conn, pcb);
    c->pcb = pcb;
    c->state = TCP_CONN_NEW;
    c->close_asked = false;
    c->abort_asked = false;
    c->wants_writable = false;
    c->has_written = false;
    c->peer_ended = false;
    c->end_told = false;
    c->fin_sent = false;
    c->is_cut = false;
    c->cut_left = 0;
    c->in_start = 0;
    c->in_len = 0;
    c->out_sent = 0;
    ring_init(&c->out, c->out_bytes, sizeof(c->out_bytes));
}

static void free_conn(struct tcp_conn *c)
{
    c->state = TCP_CONN_FREE;
    pool_put(&tcp_conn_pool, c);
}

static struct tcp_conn *slot(size_t index)
{
    return pool_at(&tcp_conn_pool, index);
}

/* When all are in use: one that has only the peer's FIN to wait for gives way. */
static struct tcp_conn *take_slot(void)
{
    struct tcp_conn *c = pool_get(&tcp_conn_pool);

    for (size_t i = 0; c == NULL && i < SLOTS; i++) {
        struct tcp_conn *old = slot(i);

        tcp_link_notice_end(old);
        if (old->state == TCP_CONN_DRAIN &&
            (old->pcb == NULL ||
             (old->fin_sent && old->out.len == 0 && tcp_link_release(old)))) {
            free_conn(old);
            c = pool_get(&tcp_conn_pool);
        }
    }
    return c;
}

static void log_refusal(const struct conn_service *service)
{
    refused++;
    log_warn("net", "%s: refused, all %u connections are in use", service->name,
             (unsigned)CONFIG_NET_CONN_COUNT);
}

err_t tcp_conn_accept(struct tcp_pcb *pcb, const struct conn_service *service)
{
    struct tcp_conn *c = take_slot();

    if (c == NULL) {
        log_refusal(service);
        /* On ERR_MEM lwIP resets the connection. */
        return tcp_refuse_start(pcb, service->handler->refusal, false) ? ERR_OK : ERR_MEM;
    }
    init_conn(c, pcb, service);
    tcp_link_attach(c);
    return ERR_OK;
}

/* ---- delivery to the protocol --------------------------------------------------------- */

/* The protocol takes the connection. */
static bool is_taken(struct tcp_conn *c)
{
    if (open_count == CONFIG_NET_CONN_COUNT) {
        log_refusal(c->conn.service);
        return false;
    }
    c->is_cut = fault_truncates(c->conn.local_port, &c->cut_left);
    c->state = TCP_CONN_OPEN; /* so that open may write already */
    if (c->conn.handler->open(&c->conn) != 0) {
        refused++;
        return false;
    }
    accepted++;
    open_count++;
    open_most = open_count > open_most ? open_count : open_most;
    return true;
}

static void open_conn(struct tcp_conn *c)
{
    if (is_taken(c)) {
        return;
    }
    struct tcp_pcb *pcb = c->pcb;
    if (pcb != NULL) {
        bool heard = c->in_len > 0;

        tcp_link_detach(pcb);
        tcp_recved(pcb, (u16_t)c->in_len);
        if (c->peer_ended || !tcp_refuse_start(pcb, c->conn.handler->refusal, heard)) {
            tcp_abort(pcb);
        }
    }
    free_conn(c);
}

static bool wants_input(const struct tcp_conn *c)
{
    return c->in_len > 0 && !c->close_asked && !c->abort_asked;
}

static void deliver_input(struct tcp_conn *c, uint64_t now_us)
{
    bool again = true;

    for (unsigned round = 0; again && wants_input(c) && round < ROUNDS_MAX; round++) {
        c->has_written = false;
        c->conn.input_us = now_us;
        size_t used = c->conn.handler->input(&c->conn,
                                             span_of(c->in + c->in_start, c->in_len));

        used = util_min(used, c->in_len);
        c->in_start += used;
        c->in_len -= used;
        if (c->in_len == 0) {
            c->in_start = 0;
        }
        if (used > 0 && c->pcb != NULL) {
            tcp_recved(c->pcb, (u16_t)used);
        }
        again = used > 0 || c->has_written;
    }
}

static void deliver_writable(struct tcp_conn *c)
{
    if (c->wants_writable && is_writable(c) && ring_room(&c->out) > 0) {
        c->wants_writable = false;
        if (c->conn.handler->writable != NULL) {
            c->conn.handler->writable(&c->conn);
        }
    }
}

static void deliver_end(struct tcp_conn *c)
{
    if (!c->peer_ended || c->end_told || c->in_len > 0 || c->close_asked ||
        c->abort_asked) {
        return;
    }
    c->end_told = true;
    if (c->conn.handler->ended != NULL) {
        c->conn.handler->ended(&c->conn);
    } else {
        conn_close(&c->conn);
    }
}

static void deliver_timeout(struct tcp_conn *c, uint64_t now_us)
{
    if (now_us < c->conn.deadline_us || c->close_asked || c->abort_asked) {
        return;
    }
    if (c->conn.handler->timeout != NULL) {
        c->conn.handler->timeout(&c->conn);
    }
    if (c->conn.deadline_us <= now_us && !c->close_asked) {
        c->abort_asked = true;
    }
}

/* The protocol's part is over: `closed`, once, and then drain or free. */
static void finish(struct tcp_conn *c, uint64_t now_us)
{
    if (c->abort_asked) {
        tcp_link_abort(c);
    }
    if (c->pcb != NULL && !c->close_asked) {
        return;
    }
    if (c->pcb != NULL && c->in_len > 0) {
        /* Unread bytes would turn the close into a reset. */
        tcp_recved(c->pcb, (u16_t)c->in_len);
    }
    c->in_len = 0;
    c->state = TCP_CONN_DRAIN;
    open_count--;
    c->drain_until_us = now_us + (uint64_t)(c->fin_sent ? CONFIG_NET_LINGER_MS
                                                        : CONFIG_NET_CLOSE_MS) *
                                     MS_US;
    if (c->conn.handler->closed != NULL) {
        c->conn.handler->closed(&c->conn);
    }
}

static void poll_conn(struct tcp_conn *c, uint64_t now_us)
{
    tcp_link_notice_end(c);
    if (c->pcb != NULL) {
        deliver_input(c, now_us);
        deliver_writable(c);
        deliver_end(c);
        deliver_timeout(c, now_us);
    }
    finish(c, now_us);
}

/* ---- sending -------------------------------------------------------------------------- */

/* Bytes wait and no acknowledgement will bring us back here. */
static bool is_stalled(const struct tcp_conn *c)
{
    return c->pcb != NULL && c->out_sent == 0 && c->out.len > 0;
}

/* Once all bytes are with lwIP. True if it was done now. */
static bool send_fin(struct tcp_conn *c)
{
    if (c->pcb == NULL || c->fin_sent || c->out_sent < c->out.len ||
        tcp_shutdown(c->pcb, 0, 1) != ERR_OK) {
        return false;
    }
    c->fin_sent = true;
    return true;
}

static void drain(struct tcp_conn *c, uint64_t now_us)
{
    if (send_fin(c)) {
        uint64_t linger_us = now_us + (uint64_t)CONFIG_NET_LINGER_MS * MS_US;
        if (c->out.len == 0 && linger_us < c->drain_until_us) {
            c->drain_until_us = linger_us;
        }
    }
    bool over = now_us >= c->drain_until_us;
    if (c->pcb != NULL && c->fin_sent && c->out.len == 0 && (over || c->peer_ended)) {
        over = tcp_link_release(c) ? false : over;
    }
    if (c->pcb != NULL && over) {
        tcp_link_abort(c);
    }
    if (c->pcb == NULL) {
        free_conn(c);
    }
}

static uint64_t conn_deadline(const struct tcp_conn *c, uint64_t now_us)
{
    if (c->state == TCP_CONN_FREE) {
        return UINT64_MAX;
    }
    if (c->state == TCP_CONN_DRAIN) {
        return is_stalled(c) ? now_us + RETRY_US : c->drain_until_us;
    }
    bool ready = c->state == TCP_CONN_NEW || c->pcb == NULL || c->close_asked ||
                 c->abort_asked || (wants_input(c) && c->has_written) ||
                 (c->wants_writable && ring_room(&c->out) > 0);
    if (ready) {
        return now_us;
    }
    return is_stalled(c) && now_us + RETRY_US < c->conn.deadline_us ? now_us + RETRY_US
                                                                    : c->conn.deadline_us;
}

/* ---- public --------------------------------------------------------------------------- */

void tcp_conn_start(void)
{
    pool_init(&tcp_conn_pool);
    for (size_t i = 0; i < SLOTS; i++) {
        /* Fresh memory is all zeroes, which is FREE: do not dirty a page of each slot. */
        if (slot(i)->state != TCP_CONN_FREE) {
            slot(i)->state = TCP_CONN_FREE;
        }
    }
    open_count = 0;
    open_most = 0;
    accepted = 0;
    refused = 0;
}

/* Those that end make room before new ones are opened. */
void tcp_conn_poll(uint64_t now_us)
{
    for (size_t i = 0; i < SLOTS; i++) {
        if (slot(i)->state == TCP_CONN_OPEN) {
            poll_conn(slot(i), now_us);
        }
    }
    for (size_t i = 0; i < SLOTS; i++) {
        if (slot(i)->state == TCP_CONN_NEW) {
            open_conn(slot(i));
            if (slot(i)->state == TCP_CONN_OPEN) {
                poll_conn(slot(i), now_us);
            }
        }
    }
}

void tcp_conn_drop(uint64_t now_us)
{
    tcp_link_drop_all();
    for (size_t i = 0; i < SLOTS; i++) {
        struct tcp_conn *c = slot(i);

        if (c->state == TCP_CONN_FREE) {
            continue;
        }
        c->pcb = NULL;
        if (c->state == TCP_CONN_OPEN) {
            finish(c, now_us);
        }
        free_conn(c);
    }
}

bool tcp_conn_has_ends(void)
{
    return tcp_link_take_ends();
}

uint64_t tcp_conn_flush(uint64_t now_us)
{
    uint64_t next = UINT64_MAX;

    for (size_t i = 0; i < SLOTS; i++) {
        struct tcp_conn *c = slot(i);

        if (c->state == TCP_CONN_FREE) {
            continue;
        }
        tcp_link_notice_end(c);
        if (now_us < c->conn.hold_us) {
            next = util_earlier(next, c->conn.hold_us);
        } else {
            tcp_link_send(c);
        }
        if (c->is_cut && c->cut_left == 0) {
            (void)send_fin(c);
        }
        if (c->state == TCP_CONN_DRAIN) {
            drain(c, now_us);
        }
        uint64_t deadline = conn_deadline(c, now_us);
        next = deadline < next ? deadline : next;
    }
    return next;
}

struct tcp_conn_counts tcp_conn_count(void)
{
    return (struct tcp_conn_counts){.in_use = (uint32_t)tcp_conn_pool.in_use,
                                    .high_water = open_most,
                                    .accepted = accepted,
                                    .refused = refused};
}
