/* SPDX-License-Identifier: ISC */
/*
 * lwIP's timers without lwIP's scheduler (LWIP_TIMERS_CUSTOM). A busy TCP needs its tick
 * four times a second; connections that are merely open, or in TIME-WAIT, are content when
 * the ticks are made up once a second together with ARP's, and with no connection at all every
 * few seconds. DHCP's half-second timer runs only while a request is unanswered.
 */
#include "lwip_timers.h"

#include <stdbool.h>
#include <stddef.h>

#include "hal/board.h"
#include "lwip/dhcp.h"
#include "lwip/dns.h"
#include "lwip/etharp.h"
#include "lwip/netif.h"
#include "lwip/prot/dhcp.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/sys.h"
#include "lwip/timeouts.h"

enum {
    TCP_US = TCP_TMR_INTERVAL * 1000,
    SECOND_US = ARP_TMR_INTERVAL * 1000,
    QUIET_US = 4 * SECOND_US, /* nobody waits for an answer: ARP only ages its entries */
    FINE_US = DHCP_FINE_TIMER_MSECS * 1000,
    COARSE_US = DHCP_COARSE_TIMER_SECS * 1000000,
    /* After a longer sleep (a paused machine) the rest of the ticks is forgotten. */
    CATCH_UP = 8
};

static struct netif *interface;
static uint64_t tcp_us; /* when each timer's last tick was due */
static uint64_t second_us;
static uint64_t fine_us;
static uint64_t coarse_us;
static bool tcp_running;

u32_t sys_now(void)
{
    return (u32_t)(board_now_us() / 1000);
}

/* lwIP's scheduler has nothing to do here. */
void sys_timeouts_init(void)
{
}

/* lwIP calls this whenever a connection comes into being. */
void tcp_timer_needed(void)
{
    if (!tcp_running) {
        tcp_running = true;
        tcp_us = board_now_us();
    }
}

void lwip_timers_start(struct netif *netif, uint64_t now_us)
{
    interface = netif;
    tcp_us = now_us;
    second_us = now_us;
    fine_us = now_us;
    coarse_us = now_us;
    tcp_running = false;
}

/* Count the ticks of `period` that are due and move `last` on. */
static unsigned due(uint64_t *last, uint64_t now_us, uint64_t period)
{
    unsigned ticks = 0;

    while (now_us >= *last && now_us - *last >= period) {
        if (ticks == CATCH_UP) {
            *last = now_us;
            break;
        }
        *last += period;
        ticks++;
    }
    return ticks;
}

static bool dhcp_is_waiting(void)
{
    struct dhcp *dhcp = netif_dhcp_data(interface);

    return dhcp != NULL && dhcp->request_timeout > 0;
}

static bool pcb_is_quiet(const struct tcp_pcb *pcb)
{
    const tcpflags_t pending = TF_ACK_DELAY | TF_ACK_NOW | TF_CLOSEPEND | TF_NAGLEMEMERR;

    return (pcb->state == ESTABLISHED || pcb->state == CLOSE_WAIT ||
            pcb->state == FIN_WAIT_2) &&
           pcb->unsent == NULL && pcb->unacked == NULL && pcb->ooseq == NULL &&
           pcb->refused_data == NULL && pcb->persist_backoff == 0 &&
           (pcb->flags & pending) == 0;
}

static bool tcp_is_quiet(void)
{
    for (const struct tcp_pcb *pcb = tcp_active_pcbs; pcb != NULL; pcb = pcb->next) {
        if (!pcb_is_quiet(pcb)) {
            return false;
        }
    }
    return true;
}

/* lwIP gives up an address whose lease has run out, but not one that it could not confirm
 * before (state "rebooting", then a new search). */
static void end_lease(void)
{
    struct dhcp *dhcp = netif_dhcp_data(interface);

    if (dhcp != NULL && dhcp->state != DHCP_STATE_OFF && dhcp->offered_t0_lease == 0 &&
        !dhcp_supplied_address(interface) && !ip4_addr_isany(netif_ip4_addr(interface))) {
        netif_set_addr(interface, IP4_ADDR_ANY4, IP4_ADDR_ANY4, IP4_ADDR_ANY4);
    }
}

void lwip_timers_run(uint64_t now_us)
{
    PBUF_CHECK_FREE_OOSEQ();
    if (tcp_running) {
        for (unsigned ticks = due(&tcp_us, now_us, TCP_US); ticks > 0; ticks--) {
            tcp_tmr();
        }
        tcp_running = tcp_active_pcbs != NULL || tcp_tw_pcbs != NULL;
    }
    for (unsigned ticks = due(&second_us, now_us, SECOND_US); ticks > 0; ticks--) {
        etharp_tmr();
        dns_tmr();
    }
    if (!dhcp_is_waiting()) {
        fine_us = now_us;
    }
    for (unsigned ticks = due(&fine_us, now_us, FINE_US); ticks > 0; ticks--) {
        dhcp_fine_tmr();
    }
    for (unsigned ticks = due(&coarse_us, now_us, COARSE_US); ticks > 0; ticks--) {
        dhcp_coarse_tmr();
        end_lease();
    }
}

/* What is left of a countdown; one that runs does not stop at zero unseen. */
static dhcp_timeout_t count_down(dhcp_timeout_t timer, uint64_t ticks)
{
    return timer > ticks ? (dhcp_timeout_t)(timer - ticks) : timer > 0;
}

static void age_lease(struct dhcp *dhcp, uint64_t ticks)
{
    if (dhcp->t0_timeout > 0) {
        uint64_t used = dhcp->lease_used + ticks;

        dhcp->lease_used = used < dhcp->t0_timeout
                               ? (dhcp_timeout_t)used
                               : (dhcp_timeout_t)(dhcp->t0_timeout - 1);
    }
    dhcp->t1_renew_time = count_down(dhcp->t1_renew_time, ticks);
    dhcp->t2_rebind_time = count_down(dhcp->t2_rebind_time, ticks);
}

void lwip_timers_resume(uint64_t now_us)
{
    struct dhcp *dhcp = netif_dhcp_data(interface);
    uint64_t seconds = now_us > second_us ? (now_us - second_us) / SECOND_US : 0;
    uint64_t coarse = now_us > coarse_us ? (now_us - coarse_us) / COARSE_US : 0;

    for (uint64_t i = 0; i < seconds && i < ARP_MAXAGE; i++) {
        etharp_tmr();
    }
    if (dhcp != NULL) {
        age_lease(dhcp, coarse);
    }
    tcp_us = now_us;
    fine_us = now_us;
    second_us += seconds * SECOND_US;
    coarse_us += coarse * COARSE_US;
}

uint64_t lwip_timers_deadline(void)
{
    bool is_quiet = tcp_active_pcbs == NULL && !dhcp_is_waiting();
    uint64_t next = second_us + (is_quiet ? QUIET_US : SECOND_US);

    if (tcp_running && !tcp_is_quiet() && tcp_us + TCP_US < next) {
        next = tcp_us + TCP_US;
    }
    if (dhcp_is_waiting() && fine_us + FINE_US < next) {
        next = fine_us + FINE_US;
    }
    return next;
}
