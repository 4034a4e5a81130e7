/* SPDX-License-Identifier: ISC */
/*
 * Power requests of one firmware, one at a time in the order of arrival, at most once each:
 * journalled before they are carried out and when they have ended.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "companion_priv.h"
#include "work.h"

struct power_job {
    struct work work;
    struct virt *virt;
    char uuid[VIRT_UUID_CAP];
    char host_uuid[VIRT_UUID_CAP];
    struct companion_request request;
    bool is_quiet; /* too many of them lately for the log */
    struct power_result result;
    bool has_facts;
    struct power_facts facts;
};

static void start_next(struct companion *c);

static void look_run(struct work *work)
{
    struct power_job *job = (struct power_job *)work;
    struct virt_error error;

    job->has_facts = power_read(job->virt, job->host_uuid, &job->facts, &error) == 0;
}

/* The snapshot goes out before the response, so who waits for it reads the new state. */
static void look_done(struct work *work)
{
    struct power_job *job = (struct power_job *)work;
    const struct companion_request *r = &job->request;
    struct companion *c = companion_find(job->uuid);

    if (c != NULL) {
        if (job->has_facts && c->is_virt_open) {
            companion_take_facts(c, &job->facts);
        }
        if (r->epoch == hostlink_peer_epoch(&c->link)) {
            companion_respond(c, r->id, job->result.status, job->result.detail);
        }
        c->is_acting = false;
        start_next(c);
        companion_flush(c);
    }
    free(job);
}

static void job_run(struct work *work)
{
    struct power_job *job = (struct power_job *)work;

    power_do(job->virt, job->host_uuid, job->request.power.action,
             job->request.power.boot, job->request.is_again, &job->result);
}

/* Into the journal first: the time in which a kill leaves the outcome open is short. */
static void job_done(struct work *work)
{
    struct power_job *job = (struct power_job *)work;
    const struct companion_request *r = &job->request;
    struct companion *c = companion_find(job->uuid);
    bool is_ok = job->result.status == vamt_Status_STATUS_OK;

    if (c == NULL) {
        free(job);
        return;
    }
    if (journal_end(&c->journal, r->epoch, r->id, job->result.status,
                    job->result.detail) != 0) {
        shimlog(SHIMLOG_ERROR, c->about.host_name, "cannot write the journal");
    }
    if (is_ok || !job->is_quiet) {
        shimlog(is_ok ? SHIMLOG_INFO : SHIMLOG_WARN, c->about.host_name, "%s %s%s%s",
                power_action_name(r->power.action), is_ok ? "done" : "failed",
                job->result.detail[0] ? ": " : "", job->result.detail);
    }
    job->work = (struct work){.run = look_run, .done = look_done};
    work_push(&job->work);
}

static void begin(struct companion *c, const struct companion_request *r)
{
    struct power_job *job;

    if (!c->is_virt_open) {
        companion_respond(c, r->id, vamt_Status_STATUS_UNAVAILABLE, "hypervisor is away");
        return;
    }
    if (loop_now_ms() > r->due_ms) {
        companion_respond(c, r->id, vamt_Status_STATUS_UNAVAILABLE,
                          "deadline has passed");
        return;
    }
    job = calloc(1, sizeof *job);
    if (job == NULL || journal_begin(&c->journal, r->epoch, r->id, &r->power) != 0) {
        free(job);
        companion_respond(c, r->id, vamt_Status_STATUS_FAILED,
                          "cannot write the journal");
        return;
    }
    job->work = (struct work){.run = job_run, .done = job_done};
    job->virt = c->virt;
    memcpy(job->uuid, c->about.uuid, sizeof job->uuid);
    memcpy(job->host_uuid, c->about.host_uuid, sizeof job->host_uuid);
    job->request = *r;
    c->is_acting = true;
    c->acting = *r;
    job->is_quiet = !shimlog_allow(&c->request_limit, loop_now_ms());
    if (!job->is_quiet) {
        shimlog(SHIMLOG_INFO, c->about.host_name, "firmware asks: %s (request %u)",
                power_action_name(r->power.action), (unsigned)r->id);
    }
    work_push(&job->work);
}

static void start_next(struct companion *c)
{
    while (!c->is_acting && c->queue_count > 0) {
        struct companion_request r = c->queue[0];

        c->queue_count--;
        memmove(c->queue, c->queue + 1, c->queue_count * sizeof c->queue[0]);
        begin(c, &r);
    }
}

static void enqueue(struct companion *c, const vamt_Request *request, bool is_again)
{
    struct companion_request *r;

    for (size_t i = 0; i < c->queue_count; i++) {
        if (c->queue[i].id == request->id) {
            return;
        }
    }
    if (c->queue_count == UTIL_COUNT(c->queue)) {
        companion_respond(c, request->id, vamt_Status_STATUS_FAILED, "too many requests");
        return;
    }
    r = &c->queue[c->queue_count++];
    r->id = request->id;
    r->epoch = hostlink_peer_epoch(&c->link);
    r->due_ms = loop_now_ms() + request->deadline_ms;
    r->is_again = is_again;
    r->power = request->body.power;
    start_next(c);
}

/* All that a firmware can ask for. What is not here reaches neither journal nor hypervisor. */
static bool is_in_list(const vamt_PowerRequest *power)
{
    return power->action >= vamt_PowerAction_POWER_ACTION_ON &&
           power->action <= vamt_PowerAction_POWER_ACTION_NMI &&
           power->boot >= vamt_BootDevice_BOOT_DEVICE_DEFAULT &&
           power->boot <= vamt_BootDevice_BOOT_DEVICE_CD;
}

int companion_request_take(struct companion *c, const vamt_Request *request)
{
    const struct journal_entry *entry = NULL;
    uint64_t epoch = hostlink_peer_epoch(&c->link);
    enum journal_verdict verdict;

    if (request->id == 0) {
        return ERR_INVALID;
    }
    if (request->which_body != vamt_Request_power_tag ||
        !is_in_list(&request->body.power)) {
        companion_respond(c, request->id, vamt_Status_STATUS_BAD_REQUEST,
                          "unknown request");
        return 0;
    }
    verdict = journal_find(&c->journal, epoch, request->id, &request->body.power, &entry);
    switch (verdict) {
    case JOURNAL_NEW:
    case JOURNAL_AGAIN:
        enqueue(c, request, verdict == JOURNAL_AGAIN);
        break;
    case JOURNAL_UNDER_WAY:
        break;
    case JOURNAL_ANSWERED:
        companion_respond(c, request->id, entry->status, entry->detail);
        break;
    case JOURNAL_INTERRUPTED:
        if (journal_end(&c->journal, epoch, request->id, vamt_Status_STATUS_INTERRUPTED,
                        "the daemon was restarted meanwhile") != 0) {
            shimlog(SHIMLOG_ERROR, c->about.host_name, "cannot write the journal");
        }
        companion_respond(c, request->id, vamt_Status_STATUS_INTERRUPTED,
                          "the daemon was restarted meanwhile");
        break;
    case JOURNAL_TOO_OLD:
        companion_respond(c, request->id, vamt_Status_STATUS_BAD_REQUEST,
                          "request number out of order");
        break;
    }
    return 0;
}
