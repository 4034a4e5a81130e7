/* SPDX-License-Identifier: ISC */
/*
 * How slow and how broken the reply to one request is to be: its time from the latency
 * model, and what an injected fault does to pages of HTTP's own. Without either a reply
 * leaves at once.
 */
#ifndef VAMT_HTTP_PACE_H
#define VAMT_HTTP_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "http/http_route.h"
#include "latency/latency.h"

struct http_pace {
    uint64_t due_us; /* the reply leaves then */
    bool is_known;   /* the request has its place in the queue */
    bool has_left;
};

/* The next request; or this one's reply is to leave at once, whatever it was to take. */
void http_pace_reset(struct http_pace *pace);
/* The request is understood: give it its time, unless it has one. */
void http_pace_set(struct http_pace *pace, const struct latency_job *job,
                   uint64_t arrival_us);
bool http_pace_is_early(const struct http_pace *pace, uint64_t now_us);
/* The first bytes of the reply have been handed over (more calls do nothing). */
void http_pace_left(struct http_pace *pace, uint64_t now_us);
/* A page of HTTP's own is the answer: give it its time, and tell what else is to happen
 * to it. Once for each. */
struct http_fault http_pace_page(struct http_pace *pace, uint64_t arrival_us);

#endif
