/* SPDX-License-Identifier: ISC */
/*
 * The firmware's end of hostlink. One poll: follow the port's opens and closes, take what
 * arrived, expire requests, queue messages, send. Nothing here runs by the clock while
 * the link is up and no request waits.
 */
#include "host/host_client.h"

#include <string.h>

#include "base/err.h"
#include "base/util.h"
#include "config.h"
#include "host/host_log.h"
#include "host/host_model_priv.h"
#include "host/host_request_priv.h"
#include "host/host_tuning_priv.h"
#include "host/hostlink_priv.h"
#include "host/hostmsg.h"

enum {
    CHUNK_CAP = 2048,
    CHUNKS_PER_POLL = 16, /* then others have their turn */
    OUT_CAP = 2 * HOSTLINK_FRAME_CAP,
    LOG_RESERVE = CONFIG_HOST_WINDOW / 4, /* of channel 0, never used by log lines */
    HELLO_MS_MAX = 32 * CONFIG_HOST_HELLO_MS,
    US_PER_MS = 1000
};

static struct {
    struct hostport *port;
    struct hostlink link;
    struct hostmsg msg;
    bool is_open; /* what the link was told of the port */
    uint32_t seen_opens;
    bool is_mismatched;
    uint64_t hello_at_us; /* say HELLO again; UINT64_MAX: no need */
    uint64_t hello_ms;
    uint64_t restart_at_us; /* messages make no sense: start from zero; UINT64_MAX: no */
    bool has_status;
    bool is_status_due;
    vamt_FirmwareStatus status;
    size_t out_len; /* of out[], not yet taken by the port */
    size_t out_start;
    uint8_t out[OUT_CAP];
    vamt_ToFirmware incoming;
} client;

/* ------------------------------------------------------------------ the port */

static void forget_output(void)
{
    client.out_start = 0;
    client.out_len = 0;
}

static void follow_port(void)
{
    bool is_open = client.port->ops->is_open(client.port);

    if (client.is_open && (!is_open || client.port->opens != client.seen_opens)) {
        hostlink_disconnected(&client.link);
        client.is_open = false;
        log_info("host", "link closed");
    }
    if (is_open && !client.is_open) {
        client.is_open = true;
        client.seen_opens = client.port->opens;
        client.is_mismatched = false;
        client.hello_at_us = UINT64_MAX;
        forget_output();
        hostlink_connected(&client.link);
    }
}

static void send_output(void)
{
    struct span rest;
    size_t taken;

    do {
        if (client.out_start == client.out_len) {
            struct sbuf out;

            sbuf_init(&out, client.out, sizeof(client.out));
            hostlink_output(&client.link, &out);
            client.out_start = 0;
            client.out_len = out.len;
        }
        rest = span_of(client.out + client.out_start, client.out_len - client.out_start);
        if (rest.len == 0) {
            return;
        }
        taken = util_min(client.port->ops->write(client.port, rest), rest.len);
        client.out_start += taken;
    } while (taken > 0);
}

/* ------------------------------------------------------------------ input */

static void take_message(const vamt_ToFirmware *message)
{
    switch (message->which_body) {
    case vamt_ToFirmware_snapshot_tag:
        host_model_set(&message->body.snapshot);
        break;
    case vamt_ToFirmware_response_tag:
        if (message->body.response.status != vamt_Status_STATUS_OK) {
            log_warn("host", "request %u: status %d: %s", message->body.response.id,
                     (int)message->body.response.status, message->body.response.detail);
        }
        if (!host_request_finish(&message->body.response)) {
            log_info("host", "late answer to request %u", message->body.response.id);
        }
        break;
    case vamt_ToFirmware_tuning_tag:
        host_tuning_take(&message->body.tuning);
        break;
    default:
        log_info("host", "message of an unknown kind ignored");
        break;
    }
}

static void read_messages(uint64_t now_us)
{
    int result;

    while (client.restart_at_us == UINT64_MAX) {
        result = hostmsg_read_to_firmware(&client.msg, &client.link, &client.incoming);
        if (result == 0) {
            return;
        }
        if (result > 0) {
            take_message(&client.incoming);
        } else if (result == ERR_INVALID) {
            log_warn("host", "malformed message skipped");
        } else {
            log_error("host", "message too long: starting the link from zero");
            client.restart_at_us = now_us + CONFIG_HOST_HELLO_MS * US_PER_MS;
        }
    }
}

static void link_restarted(uint64_t now_us)
{
    hostmsg_init(&client.msg);
    client.restart_at_us = UINT64_MAX;
    client.is_mismatched = false;
    client.is_status_due = client.has_status;
    host_request_set_all_unsent();
    host_tuning_set_peer(hostlink_peer_epoch(&client.link));
    host_model_set_old(now_us);
    log_info("host", "link up, new session");
}

static void link_resumed(void)
{
    client.is_mismatched = false;
    client.is_status_due = client.has_status;
    log_info("host", "link up, resumed");
}

static void link_mismatched(void)
{
    unsigned min = 0;
    unsigned max = 0;

    client.is_mismatched = true;
    hostlink_peer_versions(&client.link, &min, &max);
    log_error("host",
              "the shim speaks hostlink %u to %u, this firmware %d to %d: update the "
              "older one",
              min, max, HOSTLINK_VERSION_MIN, HOSTLINK_VERSION_MAX);
}

static void take_event(int event, unsigned channel, uint64_t now_us)
{
    switch (event) {
    case HOSTLINK_RESTARTED:
        link_restarted(now_us);
        break;
    case HOSTLINK_RESUMED:
        link_resumed();
        break;
    case HOSTLINK_MISMATCH:
        link_mismatched();
        break;
    case HOSTLINK_DATA:
        if (channel == HOSTLINK_CHANNEL_MESSAGES) {
            read_messages(now_us);
        }
        break;
    default:
        log_warn("host", "bad bytes from the shim (%s): new HELLO", err_name(event));
        break;
    }
}

/* True: the port may have more. */
static bool receive(uint64_t now_us)
{
    uint8_t chunk[CHUNK_CAP];
    unsigned channel = 0;
    int event;

    for (unsigned i = 0; i < CHUNKS_PER_POLL; i++) {
        size_t len = client.port->ops->read(client.port, chunk, sizeof(chunk));
        struct span bytes = span_of(chunk, util_min(len, sizeof(chunk)));

        if (bytes.len == 0) {
            return false;
        }
        while ((event = hostlink_input(&client.link, &bytes, &channel)) !=
               HOSTLINK_NONE) {
            take_event(event, channel, now_us);
        }
    }
    return true;
}

/* ------------------------------------------------------------------ output */

static bool write_message(const vamt_ToShim *message)
{
    int result = hostmsg_write_to_shim(&client.msg, &client.link, message);

    if (result == ERR_INVALID) {
        /* Ours to fix; waiting would not help. */
        log_error("host", "message of kind %u does not encode",
                  (unsigned)message->which_body);
        return true;
    }
    return result == 0;
}

static void queue_requests(uint64_t now_us)
{
    vamt_ToShim message = {.which_body = vamt_ToShim_request_tag};

    while (host_request_next_unsent(now_us, &message.body.request) &&
           write_message(&message)) {
        host_request_set_sent(message.body.request.id);
    }
}

static void queue_tuning_results(void)
{
    vamt_ToShim message = {.which_body = vamt_ToShim_tuning_result_tag};

    while (host_tuning_next_unsent(&message.body.tuning_result) &&
           write_message(&message)) {
        host_tuning_set_sent(message.body.tuning_result.id);
    }
}

static void queue_status(void)
{
    vamt_ToShim message = {.which_body = vamt_ToShim_status_tag};

    if (client.is_status_due) {
        message.body.status = client.status;
        client.is_status_due = !write_message(&message);
    }
}

static void queue_log(void)
{
    vamt_ToShim message = {.which_body = vamt_ToShim_log_tag};

    while (hostlink_room(&client.link, HOSTLINK_CHANNEL_MESSAGES) >=
               LOG_RESERVE + HOSTMSG_LEN_LEN + (size_t)vamt_ToShim_size &&
           host_log_next(&message.body.log) && write_message(&message)) {
    }
}

/* ------------------------------------------------------------------ the clock */

static void expire(uint64_t now_us)
{
    /* A request that nobody waits for must not be found in the stream by a shim that
     * comes back later: it would do the deed long after the console was told it failed.
     */
    if (host_request_expire(now_us) > 0 && !hostlink_is_ready(&client.link)) {
        hostlink_restart(&client.link);
    }
    if (client.restart_at_us <= now_us) {
        client.restart_at_us = UINT64_MAX;
        hostmsg_init(&client.msg);
        hostlink_restart(&client.link);
    }
}

/* While the port is open and nobody answers: HELLO again, ever more seldom. */
static void repeat_hello(uint64_t now_us)
{
    if (!client.is_open || client.is_mismatched || hostlink_is_ready(&client.link)) {
        client.hello_at_us = UINT64_MAX;
    } else if (client.hello_at_us == UINT64_MAX) {
        client.hello_ms = CONFIG_HOST_HELLO_MS;
        client.hello_at_us = now_us + client.hello_ms * US_PER_MS;
    } else if (client.hello_at_us <= now_us) {
        hostlink_hello_again(&client.link);
        client.hello_ms = util_min(2 * client.hello_ms, HELLO_MS_MAX);
        client.hello_at_us = now_us + client.hello_ms * US_PER_MS;
    }
}

/* ------------------------------------------------------------------ public */

void host_client_start(struct hostport *port, uint64_t epoch)
{
    memset(&client, 0, sizeof(client));
    client.port = port;
    client.hello_at_us = UINT64_MAX;
    client.restart_at_us = UINT64_MAX;
    hostlink_init(&client.link, epoch);
    hostmsg_init(&client.msg);
    host_model_init();
    host_request_init();
    host_tuning_init();
}

uint64_t host_client_poll(uint64_t now_us)
{
    uint64_t next_us;
    bool more;

    if (client.port == NULL) {
        return UINT64_MAX;
    }
    follow_port();
    more = receive(now_us);
    host_model_set_link(hostlink_is_ready(&client.link), now_us);
    expire(now_us);
    repeat_hello(now_us);
    if (hostlink_is_ready(&client.link)) {
        queue_requests(now_us);
        queue_status();
        queue_tuning_results();
        queue_log();
    }
    if (client.is_open) {
        send_output();
    }
    next_us = util_earlier(host_request_deadline(), client.hello_at_us);
    next_us = util_earlier(next_us, client.restart_at_us);
    next_us = util_earlier(next_us, host_model_deadline());
    return more ? now_us : next_us;
}

static bool is_same_status(const vamt_FirmwareStatus *a, const vamt_FirmwareStatus *b)
{
    return strcmp(a->version, b->version) == 0 && strcmp(a->address, b->address) == 0 &&
           memcmp(a->mac, b->mac, sizeof(a->mac)) == 0 && a->link_up == b->link_up &&
           a->dhcp == b->dhcp && a->connections == b->connections &&
           strcmp(a->board, b->board) == 0 && strcmp(a->engine, b->engine) == 0 &&
           strcmp(a->latency, b->latency) == 0 && a->faults == b->faults &&
           a->late_replies == b->late_replies;
}

bool host_client_set_status(const vamt_FirmwareStatus *status)
{
    bool is_news = !client.has_status || !is_same_status(status, &client.status);

    client.is_status_due |= is_news;
    client.has_status = true;
    client.status = *status;
    return is_news;
}

void host_client_log(enum log_level level, struct span line)
{
    host_log_push(level, line);
}

bool host_client_is_connected(void)
{
    return hostlink_is_ready(&client.link);
}
