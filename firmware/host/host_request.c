/* SPDX-License-Identifier: ISC */
/*
 * Requests in flight, oldest first. A request keeps its id until it is answered or
 * expires; the shim remembers ids, so sending one again never does the deed twice
 * (FORMAT.md, "Requests").
 */
#include "host/host_request.h"

#include "base/err.h"
#include "base/pool.h"
#include "config.h"
#include "host/host_model.h"
#include "host/host_request_priv.h"

enum { US_PER_MS = 1000 };

struct host_request {
    struct host_request *next;
    uint32_t id;
    vamt_PowerRequest power;
    bool has_deadline;
    bool is_sent; /* it is in the stream of this session */
    uint64_t deadline_us;
    host_done_fn *done;
    void *context;
};

POOL_DEFINE(host_requests, struct host_request, CONFIG_HOST_REQUESTS);
static struct host_request *oldest;
static uint32_t last_id;

void host_request_init(void)
{
    pool_init(&host_requests);
    oldest = NULL;
    last_id = 0;
}

static void append(struct host_request *request)
{
    struct host_request **at = &oldest;

    while (*at != NULL) {
        at = &(*at)->next;
    }
    *at = request;
}

int host_request_power(vamt_PowerAction action, vamt_BootDevice boot, host_done_fn *done,
                       void *context)
{
    struct host_request *request;

    if (!host_model_is_live()) {
        return ERR_CLOSED;
    }
    request = pool_get(&host_requests);
    if (request == NULL) {
        return ERR_FULL;
    }
    last_id = last_id == UINT32_MAX ? 1 : last_id + 1;
    *request = (struct host_request){.id = last_id,
                                     .power = {.action = action, .boot = boot},
                                     .done = done,
                                     .context = context};
    append(request);
    return 0;
}

void host_request_forget(void *context)
{
    for (struct host_request *r = oldest; r != NULL; r = r->next) {
        if (r->context == context) {
            r->done = NULL;
            r->context = NULL;
        }
    }
}

static void start_deadlines(uint64_t now_us)
{
    for (struct host_request *r = oldest; r != NULL; r = r->next) {
        if (!r->has_deadline) {
            r->has_deadline = true;
            r->deadline_us = now_us + (uint64_t)CONFIG_HOST_REQUEST_MS * US_PER_MS;
        }
    }
}

bool host_request_next_unsent(uint64_t now_us, vamt_Request *out)
{
    struct host_request *r = oldest;

    while (r != NULL && r->is_sent) {
        r = r->next;
    }
    if (r == NULL) {
        return false;
    }
    *out = (vamt_Request){.id = r->id, .which_body = vamt_Request_power_tag};
    out->body.power = r->power;
    if (r->deadline_us > now_us) {
        out->deadline_ms = (uint32_t)((r->deadline_us - now_us) / US_PER_MS);
    }
    return true;
}

void host_request_set_sent(uint32_t id)
{
    for (struct host_request *r = oldest; r != NULL; r = r->next) {
        r->is_sent |= r->id == id;
    }
}

void host_request_set_all_unsent(void)
{
    for (struct host_request *r = oldest; r != NULL; r = r->next) {
        r->is_sent = false;
    }
}

/* Unlinks and frees first, so `done` may make a new request. */
static void finish(struct host_request **at, vamt_Status status)
{
    struct host_request *request = *at;
    host_done_fn *done = request->done;
    void *context = request->context;

    *at = request->next;
    pool_put(&host_requests, request);
    if (done != NULL) {
        done(context, status);
    }
}

static vamt_Status known_status(vamt_Status status)
{
    return status >= _vamt_Status_MIN && status <= _vamt_Status_MAX
               ? status
               : vamt_Status_STATUS_FAILED;
}

bool host_request_finish(const vamt_Response *response)
{
    struct host_request **at = &oldest;

    while (*at != NULL && (*at)->id != response->id) {
        at = &(*at)->next;
    }
    if (*at == NULL) {
        return false;
    }
    finish(at, known_status(response->status));
    return true;
}

static bool is_due(const struct host_request *request, uint64_t now_us)
{
    return request->has_deadline && request->deadline_us <= now_us;
}

unsigned host_request_expire(uint64_t now_us)
{
    struct host_request **at = &oldest;
    unsigned sent_count = 0;

    start_deadlines(now_us);
    while (*at != NULL) {
        if (is_due(*at, now_us)) {
            sent_count += (*at)->is_sent;
            finish(at, vamt_Status_STATUS_UNAVAILABLE);
            at = &oldest; /* `done` may have changed the list */
        } else {
            at = &(*at)->next;
        }
    }
    return sent_count;
}

uint64_t host_request_deadline(void)
{
    uint64_t first_us = UINT64_MAX;

    for (const struct host_request *r = oldest; r != NULL; r = r->next) {
        if (r->has_deadline && r->deadline_us < first_us) {
            first_us = r->deadline_us;
        }
    }
    return first_us;
}
