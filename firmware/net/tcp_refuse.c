/* SPDX-License-Identifier: ISC */
/* Connections that are told "no": driven by lwIP's callbacks alone. */
#include "net/tcp_refuse.h"

#include <stddef.h>

#include "config.h"
#include "lwip/tcp.h"

enum { POLL_TICKS = 1, POLLS_TO_SPEAK = 2, POLLS_TO_END = 8 }; /* of half a second */

struct refusal {
    struct tcp_pcb *pcb; /* NULL: free */
    struct span reply;
    unsigned polls;
    bool sent;
};

static struct refusal refusals[CONFIG_NET_REFUSAL_COUNT];

static void detach(struct refusal *refusal)
{
    struct tcp_pcb *pcb = refusal->pcb;

    refusal->pcb = NULL;
    tcp_arg(pcb, NULL);
    tcp_recv(pcb, NULL);
    tcp_err(pcb, NULL);
    tcp_poll(pcb, NULL, 0);
}

/* Returns what an lwIP callback must return: ERR_ABRT after an abort. */
static err_t drop(struct refusal *refusal)
{
    struct tcp_pcb *pcb = refusal->pcb;

    detach(refusal);
    tcp_abort(pcb);
    return ERR_ABRT;
}

static err_t speak(struct refusal *refusal)
{
    if (refusal->sent) {
        return ERR_OK;
    }
    refusal->sent = true;
    /* Not copied: the reply is constant. */
    if (tcp_write(refusal->pcb, refusal->reply.ptr, (u16_t)refusal->reply.len, 0) !=
            ERR_OK ||
        tcp_shutdown(refusal->pcb, 0, 1) != ERR_OK) {
        return drop(refusal);
    }
    return ERR_OK;
}

static err_t on_receive(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
    struct refusal *refusal = arg;

    (void)err;
    if (p != NULL) {
        tcp_recved(pcb, p->tot_len);
        pbuf_free(p);
        return speak(refusal);
    }
    if (speak(refusal) == ERR_ABRT) {
        return ERR_ABRT;
    }
    detach(refusal);
    if (tcp_close(pcb) != ERR_OK) {
        tcp_abort(pcb);
        return ERR_ABRT;
    }
    return ERR_OK;
}

static err_t on_poll(void *arg, struct tcp_pcb *pcb)
{
    struct refusal *refusal = arg;

    (void)pcb;
    refusal->polls++;
    if (refusal->polls >= POLLS_TO_END) {
        return drop(refusal);
    }
    return refusal->polls >= POLLS_TO_SPEAK ? speak(refusal) : ERR_OK;
}

/* lwIP has freed the pcb. */
static void on_error(void *arg, err_t err)
{
    struct refusal *refusal = arg;

    (void)err;
    refusal->pcb = NULL;
}

bool tcp_refuse_start(struct tcp_pcb *pcb, struct span reply, bool heard)
{
    if (reply.len == 0 || reply.len > CONFIG_NET_SEND_CAP) {
        return false;
    }
    for (size_t i = 0; i < CONFIG_NET_REFUSAL_COUNT; i++) {
        struct refusal *refusal = &refusals[i];

        if (refusal->pcb != NULL) {
            continue;
        }
        *refusal = (struct refusal){.pcb = pcb, .reply = reply};
        tcp_arg(pcb, refusal);
        tcp_recv(pcb, on_receive);
        tcp_sent(pcb, NULL);
        tcp_err(pcb, on_error);
        tcp_poll(pcb, on_poll, POLL_TICKS);
        if (heard) {
            /* Whether it worked or was aborted, the pcb is ours now. */
            (void)speak(refusal);
        }
        return true;
    }
    return false;
}

unsigned tcp_refuse_count(void)
{
    unsigned count = 0;

    for (size_t i = 0; i < CONFIG_NET_REFUSAL_COUNT; i++) {
        count += refusals[i].pcb != NULL;
    }
    return count;
}
