/* SPDX-License-Identifier: ISC */
/* See companion_world.h. */
#include "host-shim/companion_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "unit.h"

#include "base/panic.h"
#include "host-shim/shim_fixture.h"
#include "work.h"

struct virt_fake fake;
struct virt_fake_domain *host;
struct companion *c;
char folder[64];
struct companion_world_firmware fw;
static int listener = -1;

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

void answer_tuning(uint32_t id, bool is_accepted, const char *detail)
{
    vamt_ToShim m = vamt_ToShim_init_zero;

    m.which_body = vamt_ToShim_tuning_result_tag;
    m.body.tuning_result.id = id;
    m.body.tuning_result.is_accepted = is_accepted;
    strcpy(m.body.tuning_result.detail, detail);
    assert_int_equal(hostmsg_write_to_shim(&fw.msg, &fw.link, &m), 0);
}

static void take_tuning(const vamt_Tuning *tuning)
{
    assert_true(fw.tuning_count < WORLD_TUNINGS);
    fw.tunings[fw.tuning_count++] = *tuning;
    if (!fw.is_mute) {
        answer_tuning(tuning->id, fw.refuses == NULL, fw.refuses ? fw.refuses : "");
    }
}

static void read_messages(void)
{
    vamt_ToFirmware m;

    while (hostmsg_read_to_firmware(&fw.msg, &fw.link, &m) == 1) {
        if (m.which_body == vamt_ToFirmware_snapshot_tag) {
            fw.snapshot = m.body.snapshot;
            fw.snapshots++;
        } else if (m.which_body == vamt_ToFirmware_tuning_tag) {
            take_tuning(&m.body.tuning);
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
            fw.resumed += event == HOSTLINK_RESUMED;
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

void spin(void)
{
    static struct loop_timer stop = {.fn = on_stop};

    fw_step();
    loop_timer_set(&stop, 2);
    loop_run();
}

/* Both sides run until *counter reaches `want`. */
void wait_for(const unsigned *counter, unsigned want)
{
    uint64_t end = loop_now_ms() + WAIT_MS;

    while (*counter < want) {
        if (loop_now_ms() > end) {
            fail_msg("nothing came");
        }
        spin();
    }
}

void start_daemon(uint64_t epoch)
{
    struct companion_about about = {.uuid = "c",
                                    .name = "mail-vamt",
                                    .host_name = "mail",
                                    .host_uuid = SHIM_FIXTURE_UUID,
                                    .is_active = true};

    snprintf(about.socket_path, sizeof about.socket_path, "%s/socket", folder);
    c = companion_new(&about, &fake.base, folder, epoch);
    assert_non_null(c);
    companion_set_virt_open(c, true);
}

/* Let running jobs come back, which then find no companion. */
void kill_daemon(void)
{
    companion_free(c);
    c = NULL;
    for (int i = 0; i < 5; i++) {
        spin();
    }
}

void break_stream(void)
{
    close(fw.fd);
    fw.fd = -1;
    hostlink_disconnected(&fw.link);
}

void restart_firmware(uint64_t epoch)
{
    break_stream();
    hostlink_init(&fw.link, epoch);
    hostmsg_init(&fw.msg);
}

int setup(void **state)
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

int teardown(void **state)
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
    snprintf(path, sizeof path, "%s/tuning", folder);
    unlink(path);
    rmdir(folder);
    return 0;
}
