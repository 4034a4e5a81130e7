/* SPDX-License-Identifier: ISC */
/* A TCP connection towards lwIP: callbacks that only note what happened, and the pcb's life. */
#include <string.h>

#include "base/util.h"
#include "lwip/priv/tcp_priv.h"
#include "net/tcp_conn_priv.h"

_Static_assert(TCP_WND == CONFIG_NET_RECV_CAP, "the window is the receive buffer");

void tcp_link_detach(struct tcp_pcb *pcb)
{
    tcp_arg(pcb, NULL);
    tcp_recv(pcb, NULL);
    tcp_sent(pcb, NULL);
    tcp_err(pcb, NULL);
}

void tcp_link_abort(struct tcp_conn *c)
{
    struct tcp_pcb *pcb = c->pcb;

    c->pcb = NULL;
    if (pcb != NULL) {
        tcp_link_detach(pcb);
        tcp_abort(pcb);
    }
}

void tcp_link_drop_all(void)
{
    while (tcp_active_pcbs != NULL) {
        tcp_clear_flags(tcp_active_pcbs, TF_ACK_DELAY); /* it would be sent now */
        tcp_abandon(tcp_active_pcbs, 0);
    }
    while (tcp_tw_pcbs != NULL) {
        tcp_abandon(tcp_tw_pcbs, 0);
    }
}

bool tcp_link_release(struct tcp_conn *c)
{
    struct tcp_pcb *pcb = c->pcb;

    if (tcp_close(pcb) != ERR_OK) {
        return false;
    }
    /* In these states tcp_close keeps the pcb, so it may still be touched. */
    tcp_link_detach(pcb);
    c->pcb = NULL;
    return true;
}

void tcp_link_notice_end(struct tcp_conn *c)
{
    if (!c->fin_sent || !c->peer_ended || c->pcb == NULL) {
        return;
    }
    for (const struct tcp_pcb *pcb = tcp_active_pcbs; pcb != NULL; pcb = pcb->next) {
        if (pcb == c->pcb && pcb->callback_arg == c) {
            return;
        }
    }
    c->pcb = NULL;
}

static bool has_ends;

bool tcp_link_take_ends(void)
{
    bool taken = has_ends;

    has_ends = false;
    return taken;
}

static void store_input(struct tcp_conn *c, const struct pbuf *p)
{
    if (c->in_start + c->in_len + p->tot_len > sizeof(c->in)) {
        memmove(c->in, c->in + c->in_start, c->in_len);
        c->in_start = 0;
    }
    pbuf_copy_partial(p, c->in + c->in_start + c->in_len, p->tot_len, 0);
    c->in_len += p->tot_len;
}

static err_t on_receive(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
    struct tcp_conn *c = arg;

    (void)err;
    if (p == NULL) {
        c->peer_ended = true;
        has_ends = true;
        return ERR_OK;
    }
    if (c->state == TCP_CONN_DRAIN || c->close_asked || c->abort_asked) {
        tcp_recved(pcb, p->tot_len);
        pbuf_free(p);
        return ERR_OK;
    }
    if (p->tot_len > sizeof(c->in) - c->in_len) {
        return ERR_MEM; /* beyond our window; lwIP keeps it and asks again */
    }
    store_input(c, p);
    pbuf_free(p);
    return ERR_OK;
}

static err_t on_sent(void *arg, struct tcp_pcb *pcb, u16_t len)
{
    struct tcp_conn *c = arg;
    size_t acked = util_min(len, c->out_sent);

    (void)pcb;
    ring_drop(&c->out, acked);
    c->out_sent -= acked;
    return ERR_OK;
}

/* lwIP has freed the pcb: reset by the peer, out of retries, or closed on both sides. */
static void on_error(void *arg, err_t err)
{
    struct tcp_conn *c = arg;

    (void)err;
    c->pcb = NULL;
    has_ends = true;
}

static void set_options(struct tcp_pcb *pcb)
{
    tcp_nagle_disable(pcb);
    ip_set_option(pcb, SOF_KEEPALIVE);
    pcb->keep_idle = CONFIG_NET_KEEPALIVE_MS;
    pcb->keep_intvl = CONFIG_NET_KEEPALIVE_EACH_MS;
    pcb->keep_cnt = CONFIG_NET_KEEPALIVE_COUNT;
}

void tcp_link_attach(struct tcp_conn *c)
{
    set_options(c->pcb);
    tcp_arg(c->pcb, c);
    tcp_recv(c->pcb, on_receive);
    tcp_sent(c->pcb, on_sent);
    tcp_err(c->pcb, on_error);
}

/* Hand ring bytes to lwIP, at most one segment per call, because lwIP takes a call whole or not
 * at all and limits the number of segments under way. */
void tcp_link_send(struct tcp_conn *c)
{
    while (c->pcb != NULL && c->out_sent < c->out.len && !c->fin_sent) {
        struct span piece = ring_peek(&c->out, c->out_sent);
        size_t len = util_min(piece.len, tcp_mss(c->pcb));
        u8_t flags = c->out_sent + len < c->out.len ? TCP_WRITE_FLAG_MORE : 0;

        if (tcp_write(c->pcb, piece.ptr, (u16_t)len, flags) != ERR_OK) {
            break;
        }
        c->out_sent += len;
    }
    if (c->pcb != NULL) {
        (void)tcp_output(c->pcb);
    }
}
