/* SPDX-License-Identifier: ISC */
/* lwIP's start and the calls that keep it going. */
#include "net/net_stack.h"

#include "lwip/init.h"
#include "lwip_netif.h"
#include "lwip_port.h"
#include "lwip_timers.h"

_Static_assert((int)NET_STACK_KEY_LEN == (int)LWIP_PORT_KEY_LEN, "one key");

bool net_stack_start(struct nic *nic, const uint8_t key[NET_STACK_KEY_LEN],
                     uint64_t now_us)
{
    lwip_port_seed(key);
    lwip_init();
    lwip_timers_start(lwip_netif_get(), now_us);
    return lwip_netif_start(nic);
}

void net_stack_run(uint64_t now_us)
{
    lwip_timers_run(now_us);
}

void net_stack_resume(uint64_t now_us)
{
    lwip_timers_resume(now_us);
}

bool net_stack_receive(unsigned limit)
{
    return lwip_netif_poll(limit);
}

uint64_t net_stack_deadline(void)
{
    return lwip_timers_deadline();
}

struct net_stack_counts net_stack_count(void)
{
    struct lwip_netif_counts frames = lwip_netif_count();

    return (struct net_stack_counts){.received = frames.received,
                                     .sent = frames.sent,
                                     .dropped = frames.dropped_in + frames.dropped_out};
}
