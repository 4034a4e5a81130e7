/* SPDX-License-Identifier: ISC */
/*
 * The network's start and poll. lwIP itself is only seen by the files that this one calls:
 * net_stack.c and net_address.c (interface), tcp_conn.c (connections). While the engine sleeps
 * (NET_MODE_DOZE, NET_MODE_HOLD) none of them is called: only the card behind net_gate.c goes on.
 */
#include "net/net.h"

#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/log.h"
#include "base/util.h"
#include "config.h"
#include "hal/board.h"
#include "hal/nic.h"
#include "net/net_gate.h"
#include "net/net_stack.h"
#include "net/tcp_conn.h"
#include "net/tcp_flood.h"
#include "net/tcp_listen.h"

enum { FRAMES_PER_POLL = 64 };

static struct nic *nic;
static const struct conn_service *services;
static size_t service_count;
static char hostname[NET_CONFIG_HOSTNAME_CAP];
static unsigned announces_left;
static uint64_t announce_us;
static bool more_frames;
static enum net_mode mode;
static bool has_slept; /* the lease is to be confirmed */

/* A seed's text, or an empty span. */
static struct span read_seed(const char *name, char *buffer, size_t cap)
{
    int len = board_seed(name, buffer, cap);

    if (len < 0) {
        if (len != ERR_NOT_FOUND) {
            log_error("net", "seed %s: %s", name, err_name(len));
        }
        return span_of(buffer, 0);
    }
    return span_trim(span_of(buffer, (size_t)len));
}

static void read_config(struct net_config *config)
{
    char text[NET_CONFIG_TEXT_CAP];
    struct span seed = read_seed("hostname", text, sizeof(text));

    if (seed.len == 0 || net_config_parse_hostname(seed, hostname) != 0) {
        if (seed.len > 0) {
            log_error("net", "seed hostname is not a host name: %.*s", (int)seed.len,
                      text);
        }
        memcpy(hostname, "vamt", sizeof("vamt"));
    }
    *config = (struct net_config){.dhcp = true};
    seed = read_seed("network", text, sizeof(text));
    if (seed.len > 0 && net_config_parse(seed, config) != 0) {
        log_error("net", "seed network is malformed, DHCP is used instead: %.*s",
                  (int)seed.len, (const char *)seed.ptr);
    }
}

int net_open_services(bool plain, bool secure)
{
    int result = 0;

    for (size_t i = 0; nic != NULL && i < service_count; i++) {
        const struct conn_service *service = &services[i];
        bool is_wanted = service->inner != NULL ? secure : plain;

        if (!is_wanted) {
            tcp_listen_close(service);
        } else if (!tcp_listen_open(service)) {
            log_error("net", "cannot listen on port %u for %s", service->port,
                      service->name);
            result = ERR_FULL;
        }
    }
    return result;
}

int net_start(const struct conn_service *table, size_t count)
{
    uint8_t key[NET_STACK_KEY_LEN];
    struct net_config config;
    struct nic *card = board_nic();

    if (card == NULL) {
        return ERR_NOT_FOUND;
    }
    if (board_entropy(key, sizeof(key)) != 0) {
        return ERR_IO;
    }
    read_config(&config);
    announces_left = 0;
    more_frames = false;
    mode = NET_MODE_ON;
    has_slept = false;
    tcp_conn_start();
    nic = net_gate_start(card);
    bool started = net_stack_start(nic, key, board_now_us());
    bytes_wipe(key, sizeof(key));
    if (!started) {
        return ERR_FULL;
    }
    services = table;
    service_count = count;
    tcp_listen_start();
    if (net_open_services(true, true) != 0) {
        return ERR_FULL;
    }
    return net_configure(&config);
}

int net_configure(const struct net_config *config)
{
    return net_address_apply(config, hostname) ? 0 : ERR_FULL;
}

static bool is_asleep(void)
{
    return mode == NET_MODE_DOZE || mode == NET_MODE_HOLD;
}

void net_announce(unsigned count)
{
    announces_left = count;
    announce_us = board_now_us();
}

/* The hypervisor is told at once that it was heard; the neighbours wait until frames go out. */
static void announce(uint64_t now_us)
{
    if (nic->ops->take_announce(nic)) {
        log_info("net", "announcing our address after a migration");
        net_announce(CONFIG_NET_ANNOUNCE_COUNT);
    }
    if (announces_left > 0 && mode == NET_MODE_ON && now_us >= announce_us) {
        net_address_announce();
        announces_left--;
        announce_us = now_us + CONFIG_NET_ANNOUNCE_MS * 1000;
    }
}

static void receive(uint64_t now_us)
{
    more_frames = true;
    for (unsigned i = 0; more_frames && i < FRAMES_PER_POLL; i++) {
        tcp_flood_poll();
        more_frames = net_stack_receive(1);
        if (tcp_conn_has_ends()) {
            tcp_conn_poll(now_us);
            (void)tcp_conn_flush(now_us);
        }
    }
}

uint64_t net_poll(uint64_t now_us)
{
    if (nic == NULL) {
        return UINT64_MAX;
    }
    more_frames = net_gate_poll(now_us);
    if (is_asleep()) {
        announce(now_us);
        return net_flush(now_us);
    }
    net_stack_run(now_us);
    announce(now_us);
    receive(now_us);
    tcp_conn_poll(now_us);
    return net_flush(now_us);
}

uint64_t net_flush(uint64_t now_us)
{
    uint64_t next;

    if (nic == NULL) {
        return UINT64_MAX;
    }
    next = net_gate_deadline();
    if (!is_asleep()) {
        next = util_earlier(next, tcp_conn_flush(now_us));
        next = util_earlier(next, net_stack_deadline());
    }
    if (announces_left > 0 && mode == NET_MODE_ON) {
        next = util_earlier(next, announce_us);
    }
    return more_frames ? now_us : next;
}

void net_set_mode(enum net_mode new_mode, const struct net_sleep *sleep)
{
    bool was_asleep = is_asleep();

    if (nic == NULL) {
        return;
    }
    net_gate_set_mode(new_mode, sleep);
    mode = new_mode;
    if (was_asleep && !is_asleep()) {
        net_stack_resume(board_now_us());
        has_slept = true;
    }
    if (mode == NET_MODE_ON && has_slept) {
        has_slept = false;
        net_address_confirm();
    }
    more_frames = true; /* poll soon, in the new mode */
}

bool net_take_wake(void)
{
    return net_gate_take_wake();
}

uint64_t net_traffic_us(void)
{
    return net_gate_traffic_us();
}

void net_drop_conns(void)
{
    if (nic != NULL) {
        tcp_conn_drop(board_now_us());
    }
}

void net_get_status(struct net_status *status)
{
    struct net_stack_counts frames = net_stack_count();
    struct tcp_conn_counts conns = tcp_conn_count();

    memset(status, 0, sizeof(*status));
    if (nic == NULL) {
        return;
    }
    memcpy(status->mac, nic->mac, sizeof(status->mac));
    memcpy(status->hostname, hostname, sizeof(status->hostname));
    net_address_get(&status->ip);
    status->conns = conns.in_use;
    status->conns_high_water = conns.high_water;
    status->conns_accepted = conns.accepted;
    status->conns_refused = conns.refused;
    status->frames_received = frames.received;
    status->frames_sent = frames.sent;
    status->frames_dropped = frames.dropped;
}
