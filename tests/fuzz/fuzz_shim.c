/* SPDX-License-Identifier: ISC */
/*
 * A firmware against the shim behind hostlink: requests, status, log lines, tuning results with any
 * fields, repeated and out of order, between new sessions. The hypervisor is the fake with two
 * hosts. Whatever the firmware says, the second host and its domain's XML stay as they are,
 * and what happens to the first is one of the actions of power.h.
 *
 * The input: steps of OP, A, B, C (1 byte each). OP % 8  0, 1: a power request, id A, action B, boot
 * C. 2: B raw bytes of the input as a message. 3: as 2, without a length before them. 4: a new
 * session. 5: a log line of B raw bytes, level C. 6: a status whose texts are B raw bytes.
 * 7: a result of tuning A, of B raw bytes.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/panic.h"
#include "companion.h"
#include "companion_priv.h"
#include "loop.h"
#include "virt_fake.h"
#include "work.h"

enum { STEPS_MAX = 40, TEXT_CAP = 250 };

static const char host_xml[] =
    "<domain type='qemu'><name>%s</name>"
    "<uuid>%s</uuid><memory unit='MiB'>16</memory><os><type arch='x86_64'>hvm</type></os>"
    "<devices><disk type='file' device='disk'><source file='/d'/><target dev='vda' "
    "bus='virtio'/></disk></devices></domain>";
#define OWN   "11111111-1111-4111-8111-111111111111"
#define OTHER "22222222-2222-4222-8222-222222222222"

static struct virt_fake fake;
static struct virt_fake_domain other_before;
static struct companion *companion;
static char folder[] = "/dev/shm/vamt-fuzz-shim-XXXXXX";
static struct hostlink peer;
static struct hostmsg peer_msg;
static unsigned epoch = 1;
static unsigned jobs;

void panic_at(const char *file, int line, const char *format, ...)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, format);
    abort();
}

static void check(bool good)
{
    if (!good) {
        abort();
    }
}

static struct companion *find(const char *uuid)
{
    return companion != NULL && strcmp(companion->about.uuid, uuid) == 0 ? companion
                                                                         : NULL;
}

/* The daemon's log, which would drown the fuzzer's; in place of shimlog.c. */
void shimlog(enum shimlog_level level, const char *domain, const char *format, ...)
{
    char text[512];
    va_list args;

    (void)level;
    (void)domain;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
}

bool shimlog_allow(struct shimlog_limit *limit, uint64_t now_ms)
{
    (void)limit;
    (void)now_ms;
    return true;
}

/* Jobs run at once instead of on a thread: these stand in for work.c. */
void work_push(struct work *work)
{
    struct work next;

    jobs++;
    work->run(work);
    next = *work;
    next.done(work);
}

int work_start(unsigned threads)
{
    (void)threads;
    return 0;
}

void work_post(struct work *work)
{
    work->done(work);
}

void work_stop(void)
{
}

/* The peer's bytes to the shim, the shim's to nobody. */
static void exchange(void)
{
    static uint8_t bytes[65536];
    struct sbuf out;
    struct span in;
    unsigned channel;
    int event;

    sbuf_init(&out, bytes, sizeof bytes);
    hostlink_output(&peer, &out);
    in = sbuf_span(&out);
    while ((event = hostlink_input(&companion->link, &in, &channel)) != HOSTLINK_NONE) {
        if (event == HOSTLINK_RESTARTED || event == HOSTLINK_RESUMED) {
            companion->is_ready = true;
            companion->queue_count = 0;
            companion->response_count = 0;
            hostmsg_init(&companion->msg);
            companion_tuning_begin(companion);
        } else if (event < 0 ||
                   (event == HOSTLINK_DATA && companion_msg_input(companion) < 0)) {
            hostlink_restart(&companion->link);
            hostmsg_init(&companion->msg);
            companion->is_ready = false;
            return;
        }
    }
    companion_msg_output(companion);
    sbuf_init(&out, bytes, sizeof bytes);
    hostlink_output(&companion->link, &out);
    in = sbuf_span(&out);
    while (hostlink_input(&peer, &in, &channel) != HOSTLINK_NONE) {
        static uint8_t read[4096];

        while (hostlink_read(&peer, 0, read, sizeof read) > 0) {
        }
    }
}

static void new_session(void)
{
    hostlink_init(&peer, epoch++);
    hostmsg_init(&peer_msg);
    hostlink_connected(&peer);
    hostlink_disconnected(&companion->link);
    hostlink_connected(&companion->link);
    for (int i = 0; i < 3; i++) {
        uint8_t bytes[4096];
        struct sbuf out;
        struct span in;
        unsigned channel;

        sbuf_init(&out, bytes, sizeof bytes);
        hostlink_output(&companion->link, &out);
        in = sbuf_span(&out);
        while (hostlink_input(&peer, &in, &channel) != HOSTLINK_NONE) {
        }
        exchange();
    }
}

/* Bytes as they stand, made into a text that a field can hold. */
static void put_text(char *dst, size_t cap, struct span bytes)
{
    size_t len = util_min(bytes.len, cap - 1);

    memcpy(dst, bytes.ptr, len);
    dst[len] = '\0';
}

static void send_message(const vamt_ToShim *m)
{
    if (hostmsg_write_to_shim(&peer_msg, &peer, m) != 0) {
        new_session();
    }
}

static void step(const uint8_t b[4], struct span *in)
{
    static vamt_ToShim m;
    struct span raw = span_slice(*in, 0, b[0] % 8 < 2 ? 0 : b[2]);
    uint8_t head[4];

    *in = span_slice(*in, raw.len, in->len);
    memset(&m, 0, sizeof m);
    switch (b[0] % 8) {
    case 0:
    case 1:
        m.which_body = vamt_ToShim_request_tag;
        m.body.request.id = b[1];
        m.body.request.deadline_ms = b[0] < 128 ? 10000 : 0;
        m.body.request.which_body = vamt_Request_power_tag;
        m.body.request.body.power.action = (vamt_PowerAction)b[2];
        m.body.request.body.power.boot = (vamt_BootDevice)b[3];
        send_message(&m);
        break;
    case 2:
    case 3:
        bytes_put_le32(head, (uint32_t)raw.len);
        if (b[0] % 8 == 2) {
            (void)!hostlink_write(&peer, 0, span_of(head, sizeof head));
        }
        (void)!hostlink_write(&peer, b[0] < 192 ? 0 : b[1] % 4, raw);
        break;
    case 4:
        new_session();
        break;
    case 5:
        m.which_body = vamt_ToShim_log_tag;
        m.body.log.level = b[3];
        put_text(m.body.log.text, sizeof m.body.log.text, raw);
        send_message(&m);
        break;
    case 6:
        m.which_body = vamt_ToShim_status_tag;
        put_text(m.body.status.version, sizeof m.body.status.version, raw);
        put_text(m.body.status.consent, sizeof m.body.status.consent, raw);
        put_text(m.body.status.store, sizeof m.body.status.store, raw);
        send_message(&m);
        break;
    default:
        m.which_body = vamt_ToShim_tuning_result_tag;
        m.body.tuning_result.id = b[1];
        m.body.tuning_result.is_accepted = b[3] % 2 != 0;
        put_text(m.body.tuning_result.detail, sizeof m.body.tuning_result.detail, raw);
        send_message(&m);
        break;
    }
}

static void begin(void)
{
    struct companion_about about = {.uuid = "c",
                                    .name = "own-vamt",
                                    .host_name = "own",
                                    .host_uuid = OWN,
                                    .is_active = false};
    char xml[1024];

    virt_fake_init(&fake);
    snprintf(xml, sizeof xml, host_xml, "own", OWN);
    check(virt_fake_add(&fake, xml) != NULL);
    snprintf(xml, sizeof xml, host_xml, "other", OTHER);
    check(virt_fake_add(&fake, xml) != NULL);
    memcpy(&other_before, virt_fake_find(&fake, "other"), sizeof other_before);
    companion = companion_new(&about, &fake.base, folder, 1);
    check(companion != NULL);
    companion_set_virt_open(companion, true);
    new_session();
}

static void end(void)
{
    char path[sizeof folder + 16];

    companion_free(companion);
    companion = NULL;
    snprintf(path, sizeof path, "%s/journal", folder);
    unlink(path);
    snprintf(path, sizeof path, "%s/tuning", folder);
    unlink(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span in = span_of(data, size);
    struct span bytes;
    static bool started;

    if (!started) {
        started = true;
        check(loop_init() == 0 && mkdtemp(folder) != NULL);
        companion_set_hooks(find, NULL);
    }
    begin();
    for (unsigned i = 0; i < STEPS_MAX && span_take(&in, 4, &bytes); i++) {
        step(bytes.ptr, &in);
        exchange();
        check(companion->queue_count <= CONFIG_HOST_REQUESTS);
        check(companion->response_count <= UTIL_COUNT(companion->responses));
    }
    check(memcmp(&other_before, virt_fake_find(&fake, "other"), sizeof other_before) ==
          0);
    check(strcmp(virt_fake_find(&fake, "own")->stored, fake.domains[0].stored) == 0);
    for (size_t i = 0; i < COMPANION_LOG_COUNT; i++) {
        for (const char *p = companion->log[i]; *p != '\0'; p++) {
            check((unsigned char)*p >= ' ' && *p != 0x7f);
        }
    }
    end();
    return 0;
}
