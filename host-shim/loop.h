/* SPDX-License-Identifier: ISC */
/*
 * The event loop of vamtd: file descriptors (epoll) and timers, one thread. Watches and
 * timers are embedded in their users, who take them off before they go away.
 */
#ifndef VAMT_SHIM_LOOP_H
#define VAMT_SHIM_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

/* `events`: EPOLLIN, EPOLLOUT, EPOLLHUP, EPOLLERR. */
typedef void loop_fd_fn(void *context, uint32_t events);
typedef void loop_timer_fn(void *context);

struct loop_fd {
    int fd; /* -1: not watched */
    uint32_t events;
    loop_fd_fn *fn;
    void *context;
};

struct loop_timer {
    loop_timer_fn *fn;
    void *context;
    uint64_t at_ms;
    bool is_set;
    struct loop_timer *next;
};

int loop_init(void); /* 0 or ERR_IO */
/* Watch `fd`. w->fn and w->context are set by the caller. 0 or ERR_IO. */
int loop_add(struct loop_fd *w, int fd, uint32_t events);
void loop_change(struct loop_fd *w, uint32_t events);
/* Stop watching; the descriptor stays open. Safe when not watched. */
void loop_remove(struct loop_fd *w);

/* (Re)arm: t->fn is called once after `delay_ms`. */
void loop_timer_set(struct loop_timer *t, uint64_t delay_ms);
void loop_timer_cancel(struct loop_timer *t);

uint64_t loop_now_ms(void); /* monotonic */
void loop_run(void);        /* until loop_stop */
void loop_stop(void);

#endif
