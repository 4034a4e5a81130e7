/* SPDX-License-Identifier: ISC */
/* Messages between a companion's firmware and the daemon, and the host's snapshot. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "companion_priv.h"
#include "work.h"
#include "xmlutil.h"

static void take_status(struct companion *c, const vamt_FirmwareStatus *status)
{
    c->status = *status;
    c->status_ms = loop_now_ms();
    c->has_status = true;
}

static void take_log(struct companion *c, const vamt_LogLine *line)
{
    companion_log(c, "firmware", line->text);
    if (line->level >= 2 && shimlog_allow(&c->log_limit, loop_now_ms())) {
        /* not through the tap: the ring has it already */
        shimlog(SHIMLOG_WARN, NULL, "%s: firmware says: %s", c->about.host_name,
                line->text);
    }
}

int companion_msg_input(struct companion *c)
{
    for (;;) {
        vamt_ToShim message = vamt_ToShim_init_zero;
        int result = hostmsg_read_to_shim(&c->msg, &c->link, &message);

        if (result <= 0) {
            return result;
        }
        switch (message.which_body) {
        case vamt_ToShim_request_tag:
            result = companion_request_take(c, &message.body.request);
            break;
        case vamt_ToShim_status_tag:
            take_status(c, &message.body.status);
            break;
        case vamt_ToShim_log_tag:
            take_log(c, &message.body.log);
            break;
        case vamt_ToShim_tuning_result_tag:
            companion_tuning_take(c, &message.body.tuning_result);
            break;
        default: /* a kind of a later version */
            break;
        }
        if (result < 0) {
            return result;
        }
    }
}

static bool send_snapshot(struct companion *c)
{
    vamt_ToFirmware *message = calloc(1, sizeof *message);
    int result = ERR_FULL;

    if (message != NULL) {
        message->which_body = vamt_ToFirmware_snapshot_tag;
        message->body.snapshot = c->snapshot;
        result = hostmsg_write_to_firmware(&c->msg, &c->link, message);
        free(message);
    }
    if (result == ERR_INVALID) {
        shimlog(SHIMLOG_ERROR, c->about.host_name, "the snapshot cannot be encoded");
    }
    return result != ERR_FULL;
}

static bool send_response(struct companion *c, const vamt_Response *response)
{
    vamt_ToFirmware *message = calloc(1, sizeof *message);
    int result = ERR_FULL;

    if (message != NULL) {
        message->which_body = vamt_ToFirmware_response_tag;
        message->body.response = *response;
        result = hostmsg_write_to_firmware(&c->msg, &c->link, message);
        free(message);
    }
    if (result == ERR_INVALID) {
        shimlog(SHIMLOG_ERROR, c->about.host_name, "a response cannot be encoded");
    }
    return result != ERR_FULL;
}

void companion_msg_output(struct companion *c)
{
    if (!c->is_ready) {
        return;
    }
    if (c->is_snapshot_due) {
        if (!send_snapshot(c)) {
            return;
        }
        c->is_snapshot_due = false;
    }
    while (c->response_count > 0 && send_response(c, &c->responses[0])) {
        c->response_count--;
        memmove(c->responses, c->responses + 1,
                c->response_count * sizeof c->responses[0]);
    }
    companion_tuning_output(c);
}

void companion_respond(struct companion *c, uint32_t id, vamt_Status status,
                       const char *detail)
{
    vamt_Response *r;

    if (c->response_count == UTIL_COUNT(c->responses)) {
        return; /* the firmware asks again; the journal knows */
    }
    r = &c->responses[c->response_count++];
    memset(r, 0, sizeof *r);
    r->id = id;
    r->status = status;
    xmlutil_copy(r->detail, sizeof r->detail, detail);
}

void companion_take_facts(struct companion *c, const struct power_facts *facts)
{
    vamt_HostSnapshot next = facts->snapshot;
    bool is_power = !c->has_snapshot || next.power != c->snapshot.power;

    if (facts->began_ns < c->facts_ns) {
        return; /* a later look was quicker */
    }
    c->facts_ns = facts->began_ns;
    xmlutil_copy(c->about.host_name, sizeof c->about.host_name, facts->domain.name);
    next.generation = c->snapshot.generation;
    next.power_changes = c->snapshot.power_changes;
    if (c->has_snapshot && memcmp(&next, &c->snapshot, sizeof next) == 0) {
        return;
    }
    if (is_power) {
        next.power_changes += c->has_snapshot;
        shimlog(SHIMLOG_INFO, c->about.host_name, "host is %s",
                power_state_name(next.power));
    }
    next.generation++;
    c->snapshot = next;
    c->has_snapshot = true;
    c->is_snapshot_due = true;
}

/* --- a look at the host, on a worker --------------------------------------------------- */

struct look {
    struct work work;
    struct virt *virt;
    char uuid[VIRT_UUID_CAP];
    char host_uuid[VIRT_UUID_CAP];
    struct power_facts facts;
    struct virt_error error;
    int result;
};

static void look_run(struct work *work)
{
    struct look *look = (struct look *)work;

    look->result = power_read(look->virt, look->host_uuid, &look->facts, &look->error);
}

static void look_done(struct work *work)
{
    struct look *look = (struct look *)work;
    struct companion *c = companion_find(look->uuid);

    if (c != NULL) {
        c->is_refreshing = false;
        if (look->result == 0 && c->is_virt_open) {
            companion_take_facts(c, &look->facts);
            companion_flush(c);
        } else if (look->result != 0 && look->result != ERR_CLOSED) {
            shimlog(SHIMLOG_WARN, c->about.host_name, "cannot read the host: %s",
                    look->error.text);
        }
        if (c->is_refresh_due) {
            companion_refresh(c);
        }
    }
    free(look);
}

void companion_refresh(struct companion *c)
{
    struct look *look;

    c->is_refresh_due = c->is_refreshing;
    if (c->is_refreshing || !c->is_virt_open) {
        return;
    }
    look = calloc(1, sizeof *look);
    if (look == NULL) {
        return;
    }
    look->work = (struct work){.run = look_run, .done = look_done};
    look->virt = c->virt;
    memcpy(look->uuid, c->about.uuid, sizeof look->uuid);
    memcpy(look->host_uuid, c->about.host_uuid, sizeof look->host_uuid);
    c->is_refreshing = true;
    work_push(&look->work);
}
