/* SPDX-License-Identifier: ISC */
/*
 * Back end of the sim board's card: libslirp, a NAT in user space with its own DHCP server, the
 * same that QEMU's `-netdev user` is. Network 10.0.2.0/24, router .2, first lease .15.
 */
#include <arpa/inet.h>
#include <slirp/libslirp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim.h"

enum { TIMERS_MAX = 8, GUEST_HOST = 15 };

struct timer {
    SlirpTimerCb call;
    void *opaque;
    int64_t due_ms; /* -1: not armed */
};

static Slirp *slirp;
static struct timer timers[TIMERS_MAX];

static int64_t clock_ns(void *opaque)
{
    struct timespec now;

    (void)opaque;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static ssize_t on_frame(const void *frame, size_t len, void *opaque)
{
    (void)opaque;
    sim_nic_deliver(span_of(frame, len));
    return (ssize_t)len;
}

static void guest_error(const char *message, void *opaque)
{
    (void)message;
    (void)opaque;
}

static void *timer_new(SlirpTimerCb call, void *call_opaque, void *opaque)
{
    (void)opaque;
    for (size_t i = 0; i < TIMERS_MAX; i++) {
        if (timers[i].call == NULL) {
            timers[i] = (struct timer){.call = call, .opaque = call_opaque, .due_ms = -1};
            return &timers[i];
        }
    }
    sim_fail("libslirp wants more than %d timers", TIMERS_MAX);
}

static void timer_free(void *timer, void *opaque)
{
    (void)opaque;
    ((struct timer *)timer)->call = NULL;
}

static void timer_mod(void *timer, int64_t due_ms, void *opaque)
{
    (void)opaque;
    ((struct timer *)timer)->due_ms = due_ms;
}

static void ignore_fd(int fd, void *opaque)
{
    (void)fd;
    (void)opaque;
}

static void notify(void *opaque)
{
    (void)opaque;
}

static const SlirpCb callbacks = {
    .send_packet = on_frame,
    .guest_error = guest_error,
    .clock_get_ns = clock_ns,
    .timer_new = timer_new,
    .timer_free = timer_free,
    .timer_mod = timer_mod,
    .register_poll_fd = ignore_fd,
    .unregister_poll_fd = ignore_fd,
    .notify = notify,
};

static struct in_addr net_address(uint8_t host)
{
    return (struct in_addr){.s_addr = htonl(0x0a000200u | host)};
}

void sim_slirp_start(const struct sim_options *options)
{
    SlirpConfig config = {
        .version = 1,
        .in_enabled = true,
        .vnetwork = net_address(0),
        .vnetmask = {.s_addr = htonl(0xffffff00u)},
        .vhost = net_address(2),
        .vdhcp_start = net_address(GUEST_HOST),
        .vnameserver = net_address(3),
        .restricted = 1, /* nothing leaves this machine */
    };

    slirp = slirp_new(&config, &callbacks, NULL);
    if (slirp == NULL) {
        sim_fail("libslirp does not start");
    }
    for (size_t i = 0; i < options->forward_count; i++) {
        const struct sim_forward *forward = &options->forwards[i];
        struct in_addr address;

        inet_aton(forward->address, &address);
        if (slirp_add_hostfwd(slirp, 0, address, forward->port, net_address(GUEST_HOST),
                              forward->guest_port) != 0) {
            sim_fail("cannot listen on %s port %u", forward->address, forward->port);
        }
    }
}

void sim_slirp_send(struct span frame)
{
    slirp_input(slirp, frame.ptr, (int)frame.len);
}

/* libslirp's event bits and poll's. */
static const struct {
    int slirp;
    short poll;
} bits[] = {{SLIRP_POLL_IN, POLLIN},
            {SLIRP_POLL_OUT, POLLOUT},
            {SLIRP_POLL_PRI, POLLPRI},
            {SLIRP_POLL_ERR, POLLERR},
            {SLIRP_POLL_HUP, POLLHUP}};

struct poll_set {
    struct pollfd *fds;
    size_t room;
    size_t count;
};

static int add_poll(int fd, int events, void *opaque)
{
    struct poll_set *set = opaque;

    if (set->count == set->room) {
        return -1;
    }
    struct pollfd *entry = &set->fds[set->count];
    *entry = (struct pollfd){.fd = fd};
    for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
        /* POLLERR and POLLHUP are reported anyhow. */
        if ((events & bits[i].slirp) != 0 && bits[i].poll != POLLERR &&
            bits[i].poll != POLLHUP) {
            entry->events |= bits[i].poll;
        }
    }
    return (int)set->count++;
}

static int get_revents(int index, void *opaque)
{
    const struct pollfd *fds = opaque;
    int events = 0;

    for (size_t i = 0; index >= 0 && i < sizeof(bits) / sizeof(bits[0]); i++) {
        if ((fds[index].revents & bits[i].poll) != 0) {
            events |= bits[i].slirp;
        }
    }
    return events;
}

size_t sim_slirp_fill(struct pollfd *fds, size_t room, int *timeout_ms)
{
    struct poll_set set = {.fds = fds, .room = room};
    uint32_t wait_ms = *timeout_ms < 0 ? UINT32_MAX : (uint32_t)*timeout_ms;
    int64_t now_ms = clock_ns(NULL) / 1000000;

    if (slirp == NULL) {
        return 0;
    }
    slirp_pollfds_fill(slirp, &wait_ms, add_poll, &set);
    for (size_t i = 0; i < TIMERS_MAX; i++) {
        if (timers[i].call != NULL && timers[i].due_ms >= 0) {
            int64_t left_ms = timers[i].due_ms > now_ms ? timers[i].due_ms - now_ms : 0;
            wait_ms = left_ms < wait_ms ? (uint32_t)left_ms : wait_ms;
        }
    }
    *timeout_ms = wait_ms > INT32_MAX ? -1 : (int)wait_ms;
    return set.count;
}

void sim_slirp_ready(const struct pollfd *fds, size_t count)
{
    int64_t now_ms = clock_ns(NULL) / 1000000;

    (void)count;
    if (slirp == NULL) {
        return;
    }
    slirp_pollfds_poll(slirp, 0, get_revents, (void *)(uintptr_t)fds);
    for (size_t i = 0; i < TIMERS_MAX; i++) {
        if (timers[i].call != NULL && timers[i].due_ms >= 0 &&
            timers[i].due_ms <= now_ms) {
            timers[i].due_ms = -1;
            timers[i].call(timers[i].opaque);
        }
    }
}
