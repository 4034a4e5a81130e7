/* SPDX-License-Identifier: ISC */
/* A host port and a small shim behind it. */
#include "unit.h"

#include "base/util.h"
#include "host/host_client.h"
#include "host/host_model.h"
#include "host/shim_double.h"

static bool port_is_open(struct hostport *port)
{
    return ((struct shim *)port)->is_open;
}

static size_t port_write(struct hostport *port, struct span bytes)
{
    struct shim *s = (struct shim *)port;
    size_t len = util_min(util_min(bytes.len, 1000), SHIM_PIPE_CAP - s->to_shim.len);

    if (!s->is_open) {
        return 0;
    }
    memcpy(s->to_shim.bytes + s->to_shim.len, bytes.ptr, len);
    s->to_shim.len += len;
    return len;
}

static size_t port_read(struct hostport *port, void *dst, size_t cap)
{
    struct shim_pipe *pipe = &((struct shim *)port)->to_firmware;
    size_t len = util_min(cap, pipe->len);

    memcpy(dst, pipe->bytes, len);
    pipe->len -= len;
    memmove(pipe->bytes, pipe->bytes + len, pipe->len);
    return len;
}

static const struct hostport_ops port_ops = {port_is_open, port_write, port_read};

void shim_init(struct shim *s, uint64_t epoch)
{
    memset(s, 0, sizeof(*s));
    s->port.ops = &port_ops;
    hostlink_init(&s->link, epoch);
    hostmsg_init(&s->msg);
}

void shim_restart(struct shim *s, uint64_t epoch)
{
    shim_close(s);
    hostlink_init(&s->link, epoch);
    hostmsg_init(&s->msg);
}

void shim_open(struct shim *s)
{
    s->is_open = true;
    s->port.opens++;
    hostlink_connected(&s->link);
    shim_run(s);
}

void shim_close(struct shim *s)
{
    s->is_open = false;
    s->to_shim.len = 0;
    s->to_firmware.len = 0;
    hostlink_disconnected(&s->link);
}

static void take_message(struct shim *s, const vamt_ToShim *message)
{
    switch (message->which_body) {
    case vamt_ToShim_request_tag:
        assert_true(s->request_count < SHIM_NOTES);
        s->requests[s->request_count++] = message->body.request;
        break;
    case vamt_ToShim_status_tag:
        s->status_count++;
        s->status = message->body.status;
        break;
    case vamt_ToShim_tuning_result_tag:
        assert_true(s->tuning_count < SHIM_TUNINGS);
        s->tunings[s->tuning_count++] = message->body.tuning_result;
        break;
    case vamt_ToShim_log_tag:
        assert_true(s->log_count < SHIM_LOGS);
        s->logs[s->log_count++] = message->body.log;
        break;
    default:
        fail_msg("message of kind %d", (int)message->which_body);
    }
}

static void flush(struct shim *s)
{
    struct sbuf out;

    sbuf_init(&out, s->to_firmware.bytes + s->to_firmware.len,
              SHIM_PIPE_CAP - s->to_firmware.len);
    hostlink_output(&s->link, &out);
    s->to_firmware.len += out.len;
}

void shim_run(struct shim *s)
{
    struct span bytes = span_of(s->to_shim.bytes, s->to_shim.len);
    static vamt_ToShim message;
    unsigned channel;
    int event;

    while ((event = hostlink_input(&s->link, &bytes, &channel)) != HOSTLINK_NONE) {
        s->resumed += event == HOSTLINK_RESUMED;
        s->restarted += event == HOSTLINK_RESTARTED;
        s->mismatched += event == HOSTLINK_MISMATCH;
        if (event == HOSTLINK_RESTARTED) {
            hostmsg_init(&s->msg);
        }
        while (event == HOSTLINK_DATA &&
               hostmsg_read_to_shim(&s->msg, &s->link, &message) > 0) {
            take_message(s, &message);
        }
    }
    s->to_shim.len = 0;
    flush(s);
}

void shim_send(struct shim *s, const vamt_ToFirmware *message)
{
    assert_int_equal(hostmsg_write_to_firmware(&s->msg, &s->link, message), 0);
    flush(s);
}

void shim_answer(struct shim *s, uint32_t id, vamt_Status status)
{
    static vamt_ToFirmware message;

    message = (vamt_ToFirmware){.which_body = vamt_ToFirmware_response_tag};
    message.body.response.id = id;
    message.body.response.status = status;
    shim_send(s, &message);
}

void shim_tune(struct shim *s, const vamt_Tuning *tuning)
{
    static vamt_ToFirmware message;

    message = (vamt_ToFirmware){.which_body = vamt_ToFirmware_tuning_tag};
    message.body.tuning = *tuning;
    shim_send(s, &message);
}

void shim_snapshot(struct shim *s, vamt_PowerState power)
{
    static vamt_ToFirmware message;
    vamt_HostSnapshot *snapshot = &message.body.snapshot;

    message = (vamt_ToFirmware){.which_body = vamt_ToFirmware_snapshot_tag};
    snapshot->generation = 1;
    snapshot->power = power;
    snapshot->hypervisor_available = true;
    snapshot->actions_count = 2;
    snapshot->actions[0] = vamt_PowerAction_POWER_ACTION_ON;
    snapshot->actions[1] = vamt_PowerAction_POWER_ACTION_RESET;
    snapshot->boot_devices_count = 1;
    snapshot->boot_devices[0] = vamt_BootDevice_BOOT_DEVICE_NETWORK;
    snapshot->has_inventory = true;
    strcpy(snapshot->inventory.name, "guest");
    shim_send(s, &message);
}

uint64_t shim_run_both(struct shim *s, uint64_t now_us)
{
    uint64_t next_us = 0;

    for (unsigned i = 0; i < 12; i++) {
        next_us = host_client_poll(now_us);
        shim_run(s);
    }
    return next_us;
}

void shim_link_up(struct shim *s, uint64_t now_us)
{
    shim_open(s);
    shim_run_both(s, now_us);
    shim_snapshot(s, vamt_PowerState_POWER_STATE_ON);
    shim_run_both(s, now_us);
    assert_true(host_model_is_live());
}
