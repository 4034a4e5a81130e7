/* SPDX-License-Identifier: ISC */
/* Forgets the oldest half-open connections (tcp_flood.h). */
#include "net/tcp_flood.h"

#include <stddef.h>

#include "config.h"
#include "lwip/priv/tcp_priv.h"

/* Fewer than a listener's backlog and than lwIP's connections beyond our own. */
enum { HALF_OPEN_MOST = CONFIG_NET_CONN_COUNT };

_Static_assert((int)HALF_OPEN_MOST < (int)TCP_DEFAULT_LISTEN_BACKLOG,
               "one more SYN always finds room");

void tcp_flood_poll(void)
{
    struct tcp_pcb *oldest = NULL;
    unsigned count = 0;

    for (struct tcp_pcb *pcb = tcp_active_pcbs; pcb != NULL; pcb = pcb->next) {
        if (pcb->state == SYN_RCVD) {
            count++;
            oldest = pcb; /* lwIP puts who is new, or was heard of, first */
        }
    }
    if (count >= HALF_OPEN_MOST) {
        tcp_abandon(oldest, 0);
    }
}
