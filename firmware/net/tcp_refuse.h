/* SPDX-License-Identifier: ISC */
/*
 * Polite refusal: a TCP connection for which there is no room gets a fixed reply (e.g. HTTP
 * 503) and is closed. It is sent when the peer has said something, or after a second, because
 * clients take a reply before their request badly. A few at a time; each ends within seconds.
 */
#ifndef VAMT_NET_TCP_REFUSE_H
#define VAMT_NET_TCP_REFUSE_H

#include <stdbool.h>

#include "base/span.h"

struct tcp_pcb;

/* Take over an accepted connection. `reply` must stay valid for ever and be no longer than
 * CONFIG_NET_SEND_CAP. `heard`: the peer has sent bytes already. False if `reply` is empty or
 * too many refusals are under way: the caller still owns pcb and resets it. */
bool tcp_refuse_start(struct tcp_pcb *pcb, struct span reply, bool heard);
/* Refusals under way. */
unsigned tcp_refuse_count(void);

#endif
