/* SPDX-License-Identifier: ISC */
/* Joins replies with latency/ and fault/. */
#include "http/http_pace.h"

#include "fault/fault.h"

void http_pace_reset(struct http_pace *pace)
{
    *pace = (struct http_pace){0};
}

void http_pace_set(struct http_pace *pace, const struct latency_job *job,
                   uint64_t arrival_us)
{
    if (!pace->is_known) {
        pace->due_us = latency_due(job, arrival_us);
        pace->is_known = true;
    }
}

bool http_pace_is_early(const struct http_pace *pace, uint64_t now_us)
{
    return pace->is_known && now_us < pace->due_us;
}

void http_pace_left(struct http_pace *pace, uint64_t now_us)
{
    if (pace->is_known && !pace->has_left) {
        pace->has_left = true;
        latency_left(pace->due_us, now_us);
    }
}

struct http_fault http_pace_page(struct http_pace *pace, uint64_t arrival_us)
{
    static const struct latency_job job = {.op = LATENCY_OP_DIGEST};
    struct fault_request request = {.op = job.op};
    struct http_fault fault = http_fault_of(fault_hit_request(&request));

    if (fault.kind != HTTP_FAULT_HANG) {
        http_pace_set(pace, &job, arrival_us);
    }
    return fault;
}
