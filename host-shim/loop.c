/* SPDX-License-Identifier: ISC */
/*
 * epoll and a short list of timers. One event is taken per wait, so a handler may remove
 * any watch without leaving a stale event behind.
 */
#include "loop.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <time.h>

#include "base/err.h"

static int epoll_fd = -1;
static bool is_stopping;
static struct loop_timer *timers; /* ordered by at_ms */

int loop_init(void)
{
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    return epoll_fd < 0 ? ERR_IO : 0;
}

int loop_add(struct loop_fd *w, int fd, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = w};

    w->fd = fd;
    w->events = events;
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) {
        w->fd = -1;
        return ERR_IO;
    }
    return 0;
}

void loop_change(struct loop_fd *w, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = w};

    if (w->fd >= 0 && w->events != events) {
        w->events = events;
        epoll_ctl(epoll_fd, EPOLL_CTL_MOD, w->fd, &event);
    }
}

void loop_remove(struct loop_fd *w)
{
    if (w->fd >= 0) {
        epoll_ctl(epoll_fd, EPOLL_CTL_DEL, w->fd, NULL);
        w->fd = -1;
    }
}

uint64_t loop_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void loop_timer_cancel(struct loop_timer *t)
{
    for (struct loop_timer **at = &timers; t->is_set && *at != NULL; at = &(*at)->next) {
        if (*at == t) {
            *at = t->next;
            t->is_set = false;
            return;
        }
    }
}

void loop_timer_set(struct loop_timer *t, uint64_t delay_ms)
{
    struct loop_timer **at = &timers;

    loop_timer_cancel(t);
    t->at_ms = loop_now_ms() + delay_ms;
    while (*at != NULL && (*at)->at_ms <= t->at_ms) {
        at = &(*at)->next;
    }
    t->next = *at;
    t->is_set = true;
    *at = t;
}

/* Call what is due; returns the wait for epoll. */
static int run_timers(void)
{
    uint64_t now = loop_now_ms();

    while (timers != NULL && timers->at_ms <= now) {
        struct loop_timer *t = timers;

        timers = t->next;
        t->is_set = false;
        t->fn(t->context);
    }
    if (timers == NULL) {
        return -1;
    }
    now = loop_now_ms();
    return timers->at_ms <= now ? 0 : (int)(timers->at_ms - now) % INT_MAX;
}

void loop_run(void)
{
    is_stopping = false;
    while (!is_stopping) {
        struct epoll_event event;
        int wait_ms = run_timers();

        if (is_stopping) {
            break;
        }
        if (epoll_wait(epoll_fd, &event, 1, wait_ms) == 1) {
            struct loop_fd *w = event.data.ptr;

            w->fn(w->context, event.events);
        }
    }
}

void loop_stop(void)
{
    is_stopping = true;
}
