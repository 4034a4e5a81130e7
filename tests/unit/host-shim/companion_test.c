/* SPDX-License-Identifier: ISC */
/*
 * One companion against a firmware played by the test on the other end of its socket:
 * snapshots, requests, repetition after kills of the daemon, and hostile firmware.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/bytes.h"
#include "base/panic.h"
#include "companion.h"
#include "shim_fixture.h"
#include "virt_fake.h"
#include "work.h"

#define ACTION(name) vamt_PowerAction_POWER_ACTION_##name
#define STATUS(name) vamt_Status_STATUS_##name

enum { WAIT_MS = 3000, EPOCH = 99 };

static struct virt_fake fake;
static struct virt_fake_domain *host;
static struct companion *c;
static char folder[64];
static int listener = -1;

/* The firmware's end. */
static struct {
    int fd;
    struct hostlink link;
    struct hostmsg msg;
    unsigned snapshots;
    unsigned responses;
    unsigned drops; /* times that the shim closed the stream */
    vamt_HostSnapshot snapshot;
    vamt_Response response;
} fw;

void panic_at(const char *file, int line, const char *format, ...)
{
    fprintf(stderr, "panic at %s:%d: %s\n", file, line, format);
    abort();
}

static struct companion *find(const char *uuid)
{
    return c != NULL && strcmp(c->about.uuid, uuid) == 0 ? c : NULL;
}

static void on_stop(void *unused)
{
    (void)unused;
    loop_stop();
}

static void read_messages(void)
{
    vamt_ToFirmware m;

    while (hostmsg_read_to_firmware(&fw.msg, &fw.link, &m) == 1) {
        if (m.which_body == vamt_ToFirmware_snapshot_tag) {
            fw.snapshot = m.body.snapshot;
            fw.snapshots++;
        } else {
            fw.response = m.body.response;
            fw.responses++;
        }
    }
}

static void fw_step(void)
{
    uint8_t raw[32768];
    struct sbuf out;
    ssize_t got;

    if (fw.fd < 0) {
        fw.fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
        if (fw.fd < 0) {
            return;
        }
        hostlink_connected(&fw.link);
    }
    got = recv(fw.fd, raw, sizeof raw, 0);
    if (got == 0) {
        close(fw.fd);
        fw.fd = -1;
        fw.drops++;
        hostlink_disconnected(&fw.link);
        return;
    }
    if (got > 0) {
        struct span bytes = span_of(raw, (size_t)got);
        unsigned channel;
        int event;

        while ((event = hostlink_input(&fw.link, &bytes, &channel)) != HOSTLINK_NONE) {
            if (event == HOSTLINK_RESTARTED) {
                hostmsg_init(&fw.msg);
            }
            read_messages();
        }
    }
    sbuf_init(&out, raw, sizeof raw);
    hostlink_output(&fw.link, &out);
    if (out.len > 0) {
        assert_int_equal(send(fw.fd, raw, out.len, MSG_NOSIGNAL), out.len);
    }
}

static void spin(void)
{
    static struct loop_timer stop = {.fn = on_stop};

    fw_step();
    loop_timer_set(&stop, 2);
    loop_run();
}

/* Both sides run until *counter reaches `want`. */
static void wait_for(const unsigned *counter, unsigned want)
{
    uint64_t end = loop_now_ms() + WAIT_MS;

    while (*counter < want) {
        if (loop_now_ms() > end) {
            fail_msg("nothing came");
        }
        spin();
    }
}

static void start_daemon(uint64_t epoch)
{
    struct companion_about about = {.uuid = "c", .name = "mail-vamt", .host_name = "mail",
                                    .host_uuid = SHIM_FIXTURE_UUID, .is_active = true};

    snprintf(about.socket_path, sizeof about.socket_path, "%s/socket", folder);
    c = companion_new(&about, &fake.base, folder, epoch);
    assert_non_null(c);
    companion_set_virt_open(c, true);
}

/* Let running jobs come back, which then find no companion. */
static void kill_daemon(void)
{
    companion_free(c);
    c = NULL;
    for (int i = 0; i < 5; i++) {
        spin();
    }
}

static int setup(void **state)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    (void)state;
    snprintf(folder, sizeof folder, "/tmp/vamt-companion-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(address.sun_path, sizeof address.sun_path, "%s/socket", folder);
    listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(listener, 4), 0);
    virt_fake_init(&fake);
    host = virt_fake_add(&fake, shim_fixture_off);
    memset(&fw, 0, sizeof fw);
    fw.fd = -1;
    hostlink_init(&fw.link, EPOCH);
    hostmsg_init(&fw.msg);
    companion_set_hooks(find, NULL);
    start_daemon(1);
    wait_for(&fw.snapshots, 1);
    return 0;
}

static int teardown(void **state)
{
    char path[128];

    (void)state;
    kill_daemon();
    if (fw.fd >= 0) {
        close(fw.fd);
    }
    close(listener);
    snprintf(path, sizeof path, "%s/socket", folder);
    unlink(path);
    snprintf(path, sizeof path, "%s/journal", folder);
    unlink(path);
    rmdir(folder);
    return 0;
}

static void send_request(uint32_t id, vamt_PowerAction action)
{
    vamt_ToShim m = vamt_ToShim_init_zero;

    m.which_body = vamt_ToShim_request_tag;
    m.body.request.id = id;
    m.body.request.deadline_ms = 10000;
    m.body.request.which_body = vamt_Request_power_tag;
    m.body.request.body.power.action = action;
    assert_int_equal(hostmsg_write_to_shim(&fw.msg, &fw.link, &m), 0);
}

/* Send, and wait for the answer's status. */
static vamt_Status ask(uint32_t id, vamt_PowerAction action)
{
    unsigned before = fw.responses;

    fake.trace[0] = '\0';
    send_request(id, action);
    wait_for(&fw.responses, before + 1);
    assert_int_equal(fw.response.id, id);
    return fw.response.status;
}

static void test_snapshot_then_response(void **state)
{
    (void)state;
    assert_int_equal(fw.snapshot.power, vamt_PowerState_POWER_STATE_OFF);
    assert_true(fw.snapshot.hypervisor_available);
    assert_string_equal(fw.snapshot.inventory.name, "mail");
    assert_int_equal(ask(1, ACTION(ON)), STATUS(OK));
    /* the state was there before the answer */
    assert_int_equal(fw.snapshot.power, vamt_PowerState_POWER_STATE_ON);
    assert_int_equal(fw.snapshot.generation, 2);
    assert_int_equal(ask(2, ACTION(ON)), STATUS(NOT_POSSIBLE));
}

static void test_repeated(void **state)
{
    (void)state;
    assert_int_equal(ask(1, ACTION(ON)), STATUS(OK));
    assert_int_equal(ask(2, ACTION(RESET)), STATUS(OK));
    assert_string_equal(fake.trace, "reset ");
    assert_int_equal(ask(2, ACTION(RESET)), STATUS(OK));
    assert_string_equal(fake.trace, "");
    assert_int_equal(ask(2, ACTION(OFF)), STATUS(BAD_REQUEST));
    assert_string_equal(fake.trace, "");
}

static void test_repeated_after_kill(void **state)
{
    (void)state;
    assert_int_equal(ask(1, ACTION(ON)), STATUS(OK));
    assert_int_equal(ask(2, ACTION(RESET)), STATUS(OK));
    kill_daemon();
    start_daemon(2);
    wait_for(&fw.snapshots, 3);
    assert_int_equal(ask(2, ACTION(RESET)), STATUS(OK));
    assert_string_equal(fake.trace, "");
}

/* Killed after the journal said "begun": a reset is not risked twice, an "on" is. */
static void test_killed_in_the_middle(void **state)
{
    vamt_PowerRequest reset = {ACTION(RESET), vamt_BootDevice_BOOT_DEVICE_DEFAULT};
    vamt_PowerRequest on = {ACTION(ON), vamt_BootDevice_BOOT_DEVICE_DEFAULT};

    (void)state;
    assert_int_equal(journal_begin(&c->journal, EPOCH, 1, &on), 0);
    assert_int_equal(journal_begin(&c->journal, EPOCH, 2, &reset), 0);
    kill_daemon();
    start_daemon(2);
    wait_for(&fw.snapshots, 2);
    assert_int_equal(ask(1, ACTION(ON)), STATUS(OK));
    assert_string_equal(fake.trace, "start ");
    assert_int_equal(ask(2, ACTION(RESET)), STATUS(INTERRUPTED));
    assert_string_equal(fake.trace, "");
    assert_int_equal(ask(2, ACTION(RESET)), STATUS(INTERRUPTED));
}

static void test_away(void **state)
{
    unsigned snapshots = fw.snapshots;

    (void)state;
    companion_set_virt_open(c, false);
    wait_for(&fw.snapshots, snapshots + 1);
    assert_false(fw.snapshot.hypervisor_available);
    assert_int_equal(fw.snapshot.actions_count, 0);
    assert_string_equal(fw.snapshot.inventory.name, "mail");
    assert_int_equal(ask(1, ACTION(ON)), STATUS(UNAVAILABLE));
    companion_set_virt_open(c, true);
    wait_for(&fw.snapshots, snapshots + 2);
    assert_true(fw.snapshot.hypervisor_available);
    assert_int_equal(ask(2, ACTION(ON)), STATUS(OK));
}

/* More requests than the queue takes, at once: every one has an answer. */
static void test_flood(void **state)
{
    (void)state;
    for (uint32_t id = 1; id <= 15; id++) {
        send_request(id, ACTION(NMI));
    }
    wait_for(&fw.responses, 15);
    assert_string_equal(fake.trace, ""); /* the host is off */
}

/* The stream is dropped, the daemon works on, and good manners are served again. */
static void expect_drop(void)
{
    unsigned snapshots = fw.snapshots;

    wait_for(&fw.drops, 1);
    wait_for(&fw.snapshots, snapshots + 1);
    assert_int_equal(ask(1, ACTION(ON)), STATUS(OK));
}

static void send_bytes(const uint8_t *bytes, size_t len)
{
    uint8_t head[4];

    bytes_put_le32(head, (uint32_t)len);
    assert_int_equal(hostlink_write(&fw.link, 0, span_of(head, sizeof head)), 0);
    assert_int_equal(hostlink_write(&fw.link, 0, span_of(bytes, len)), 0);
}

static void test_malformed_message(void **state)
{
    (void)state;
    send_bytes((const uint8_t *)"\xff\xff\xff\xff", 4);
    expect_drop();
}

static void test_oversized_message(void **state)
{
    static const uint8_t head[] = {0xff, 0xff, 0xff, 0x7f};

    (void)state;
    assert_int_equal(hostlink_write(&fw.link, 0, span_of(head, sizeof head)), 0);
    expect_drop();
}

static void test_request_zero(void **state)
{
    (void)state;
    send_request(0, ACTION(ON));
    expect_drop();
    assert_string_equal(fake.trace, "start ");
}

static void test_other_channel(void **state)
{
    (void)state;
    assert_int_equal(hostlink_write(&fw.link, 1, span_str("hello")), 0);
    expect_drop();
}

static void test_garbage_stream(void **state)
{
    uint8_t junk[512];

    (void)state;
    memset(junk, 0x5a, sizeof junk);
    assert_int_equal(send(fw.fd, junk, sizeof junk, MSG_NOSIGNAL), sizeof junk);
    expect_drop();
}

static void test_unknown_action(void **state)
{
    (void)state;
    assert_int_equal(ask(1, (vamt_PowerAction)1000), STATUS(BAD_REQUEST));
    assert_int_equal(ask(2, ACTION(NONE)), STATUS(BAD_REQUEST));
    assert_string_equal(fake.trace, "");
    assert_int_equal(fw.drops, 0);
}

static void test_log_is_printable(void **state)
{
    vamt_ToShim m = vamt_ToShim_init_zero;
    uint64_t before = c->log_next;

    (void)state;
    m.which_body = vamt_ToShim_log_tag;
    strcpy(m.body.log.text, "a\nb\x1b[31m");
    assert_int_equal(hostmsg_write_to_shim(&fw.msg, &fw.link, &m), 0);
    for (int i = 0; i < 500 && c->log_next == before; i++) {
        spin();
    }
    assert_non_null(strstr(c->log[before % COMPANION_LOG_COUNT], "firmware: a?b?[31m"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_snapshot_then_response, setup, teardown),
        cmocka_unit_test_setup_teardown(test_repeated, setup, teardown),
        cmocka_unit_test_setup_teardown(test_repeated_after_kill, setup, teardown),
        cmocka_unit_test_setup_teardown(test_killed_in_the_middle, setup, teardown),
        cmocka_unit_test_setup_teardown(test_away, setup, teardown),
        cmocka_unit_test_setup_teardown(test_flood, setup, teardown),
        cmocka_unit_test_setup_teardown(test_malformed_message, setup, teardown),
        cmocka_unit_test_setup_teardown(test_oversized_message, setup, teardown),
        cmocka_unit_test_setup_teardown(test_request_zero, setup, teardown),
        cmocka_unit_test_setup_teardown(test_other_channel, setup, teardown),
        cmocka_unit_test_setup_teardown(test_garbage_stream, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unknown_action, setup, teardown),
        cmocka_unit_test_setup_teardown(test_log_is_printable, setup, teardown),
    };

    if (loop_init() != 0 || work_start(2) != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
