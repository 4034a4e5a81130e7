/* SPDX-License-Identifier: ISC */
/*
 * The latency model: one slow processor, as on the chip, that all requests queue for.
 *
 *     due = latency_due(&job, arrival_us);   when the request is understood
 *     ... the work itself, as fast as it goes ...
 *     hold the reply until `due`, send it, latency_left(due, now)
 *
 * So the firmware's own work is inside the modelled time, never on top. Draw n of an
 * operation depends on seed, state, operation and n only: the same seed and the same
 * requests give the same delays, whatever else goes on. What the profile gives no time for
 * passes the queue by, so under the profile `native` every `due` is in the past.
 */
#ifndef VAMT_LATENCY_LATENCY_H
#define VAMT_LATENCY_LATENCY_H

#include <stdint.h>

#include "latency/latency_op.h"
#include "latency/latency_profile.h"

/* Times that are no reply's. */
enum latency_event {
    LATENCY_EVENT_WAKE,
    LATENCY_EVENT_BOUNCE_AFTER,
    LATENCY_EVENT_BOUNCE_DOWN,
    LATENCY_EVENT_RESET,
    LATENCY_EVENT_COUNT
};

struct latency_counts {
    uint32_t replies;       /* that had a modelled time */
    uint32_t late;          /* of them, left over 1 ms after it: the work took longer */
    uint64_t worst_late_us; /* by how much at most */
};

/* Everything to the beginning: profile native, nothing queued. */
void latency_start(void);
/* Another profile from now on: draws begin anew, the queue stays as it is, counts are zero. */
void latency_use(const struct latency_profile *profile);
/* The one in use. Valid for ever; its contents change with latency_use. */
const struct latency_profile *latency_profile(void);
/* Which times hold from now on. */
void latency_set_state(enum latency_state state);

/* A request that was complete at `arrival_us` takes the processor: when its reply may leave
 * (board_now_us scale), arrival plus the drawn total, later if others are before it. 0 (at
 * once) if the profile gives it no time. */
uint64_t latency_due(const struct latency_job *job, uint64_t arrival_us);
/* Until when the processor is taken; in the past: idle. */
uint64_t latency_busy_until(void);
/* A reply that was due at `due_us` has left. 0: not counted. */
void latency_left(uint64_t due_us, uint64_t now_us);
/* Draw the next time of an event, microseconds. */
uint32_t latency_draw(enum latency_event event);
struct latency_counts latency_count(void);

#endif
