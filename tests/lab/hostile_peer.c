/* SPDX-License-Identifier: ISC */
/*
 * A companion that was taken over, for test_hostile.py: it speaks hostlink properly as far as it
 * is told, and then does what a firmware never would. `hostile_peer SOCKET` listens where QEMU's
 * end of the virtio port would be. Commands on standard input, one a line:
 *
 *     request ID ACTION BOOT    flood N (requests)     storm N (HELLO, then close, N times)
 *     log LEVEL HEX             status NAME (everywhere)
 *     raw HEX (on the socket)   data CHANNEL HEX       message HEX (length and bytes, channel 0)
 *
 * It prints "snapshot name=...", "response ID STATUS" and "closed".
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/panic.h"
#include "host/hostlink_priv.h"
#include "host/hostmsg.h"

enum { WAITING = 8 };

static struct hostlink hostile;
static struct hostmsg messages;
static int listener;
static int fd = -1;
static unsigned storm;

void panic_at(const char *file, int line, const char *format, ...)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, format);
    abort();
}

static size_t from_hex(const char *hex, uint8_t *dst, size_t cap)
{
    size_t len = 0;
    unsigned value;

    while (len < cap && sscanf(hex, "%2x", &value) == 1) {
        dst[len++] = (uint8_t)value;
        hex += 2;
    }
    return len;
}

static void end_stream(void)
{
    if (fd >= 0) {
        close(fd);
        fd = -1;
        hostlink_disconnected(&hostile);
        printf("closed\n");
    }
}

static void read_messages(void)
{
    static vamt_ToFirmware m;

    while (hostmsg_read_to_firmware(&messages, &hostile, &m) == 1) {
        if (m.which_body == vamt_ToFirmware_snapshot_tag) {
            printf("snapshot power=%d name=%s\n", (int)m.body.snapshot.power,
                   m.body.snapshot.inventory.name);
        } else if (m.which_body == vamt_ToFirmware_response_tag) {
            printf("response %u %d\n", (unsigned)m.body.response.id,
                   (int)m.body.response.status);
        }
    }
}

/* QEMU connects as well and stays silent; one that speaks is the shim. */
static void take_connections(void)
{
    static int waiting[WAITING];
    static size_t count;
    int next = accept4(listener, NULL, NULL, SOCK_NONBLOCK);

    if (next >= 0 && count < WAITING) {
        waiting[count++] = next;
    } else if (next >= 0) {
        close(next);
    }
    for (size_t i = 0; i < count; i++) {
        char byte;
        ssize_t got = recv(waiting[i], &byte, 1, MSG_PEEK);

        if (got < 0 || (got > 0 && fd >= 0)) {
            continue;
        }
        next = waiting[i];
        waiting[i--] = waiting[--count];
        if (got == 0) {
            close(next);
            continue;
        }
        fd = next;
        hostlink_connected(&hostile);
    }
}

static void exchange(void)
{
    static uint8_t bytes[65536];
    struct sbuf out;
    ssize_t got;

    take_connections();
    if (fd < 0) {
        return;
    }
    got = recv(fd, bytes, sizeof bytes, 0);
    if (got == 0) {
        end_stream();
        return;
    }
    if (got > 0) {
        struct span in = span_of(bytes, (size_t)got);
        unsigned channel;
        int event;

        while ((event = hostlink_input(&hostile, &in, &channel)) != HOSTLINK_NONE) {
            if (event == HOSTLINK_RESTARTED) {
                hostmsg_init(&messages);
            }
            read_messages();
        }
    }
    sbuf_init(&out, bytes, sizeof bytes);
    hostlink_output(&hostile, &out);
    if (out.len > 0 && send(fd, bytes, out.len, MSG_NOSIGNAL) != (ssize_t)out.len) {
        end_stream();
    }
    if (storm > 0 && hostlink_is_ready(&hostile)) {
        storm--;
        hostlink_restart(&hostile);
        end_stream();
    }
}

static void say(const vamt_ToShim *m)
{
    if (hostmsg_write_to_shim(&messages, &hostile, m) < 0) {
        printf("full\n");
    }
}

static void ask(unsigned id, int action, int boot)
{
    static vamt_ToShim m;

    memset(&m, 0, sizeof m);
    m.which_body = vamt_ToShim_request_tag;
    m.body.request.id = id;
    m.body.request.deadline_ms = 10000;
    m.body.request.which_body = vamt_Request_power_tag;
    m.body.request.body.power.action = (vamt_PowerAction)action;
    m.body.request.body.power.boot = (vamt_BootDevice)boot;
    say(&m);
}

static void lie(const char *name)
{
    static vamt_ToShim m;
    vamt_FirmwareStatus *s = &m.body.status;

    memset(&m, 0, sizeof m);
    m.which_body = vamt_ToShim_status_tag;
    snprintf(s->version, sizeof s->version, "%s", name);
    snprintf(s->address, sizeof s->address, "%s", name);
    snprintf(s->board, sizeof s->board, "\x1b[2J%s", name);
    snprintf(s->setup, sizeof s->setup, "%s", name);
    snprintf(s->consent, sizeof s->consent, "\x1b[31m%s", name);
    snprintf(s->store, sizeof s->store, "\r\n%s", name);
    snprintf(s->tls, sizeof s->tls, "\x1b]0;%s", name);
    say(&m);
}

static void say_log(unsigned level, const char *hex)
{
    static vamt_ToShim m;
    size_t len;

    memset(&m, 0, sizeof m);
    m.which_body = vamt_ToShim_log_tag;
    m.body.log.level = level;
    len = from_hex(hex, (uint8_t *)m.body.log.text, sizeof m.body.log.text - 1);
    m.body.log.text[len] = '\0';
    say(&m);
}

static void command(char *line)
{
    static uint8_t bytes[8192];
    unsigned n = 0;
    int a = 0;
    int b = 0;
    int at = 0;

    if (sscanf(line, "request %u %d %d", &n, &a, &b) == 3) {
        ask(n, a, b);
    } else if (sscanf(line, "flood %u", &n) == 1) {
        for (unsigned i = 0; i < n; i++) {
            ask(1 + i, (int)(i % 12), (int)(i % 5));
            exchange();
        }
    } else if (sscanf(line, "storm %u", &n) == 1) {
        storm = n;
    } else if (sscanf(line, "log %u %n", &n, &at) == 1 && at > 0) {
        say_log(n, line + at);
    } else if (strncmp(line, "status ", 7) == 0) {
        lie(line + 7);
    } else if (strncmp(line, "raw ", 4) == 0 && fd >= 0) {
        (void)!send(fd, bytes, from_hex(line + 4, bytes, sizeof bytes), MSG_NOSIGNAL);
    } else if (sscanf(line, "data %u %n", &n, &at) == 1 && at > 0) {
        size_t len = from_hex(line + at, bytes, sizeof bytes);

        (void)!hostlink_write(&hostile, n, span_of(bytes, len));
    } else if (strncmp(line, "message ", 8) == 0) {
        size_t len = from_hex(line + 8, bytes + 4, sizeof bytes - 4);

        bytes_put_le32(bytes, (uint32_t)len);
        (void)!hostlink_write(&hostile, 0, span_of(bytes, len + 4));
    }
}

static int open_listener(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int on = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

    if (on < 0 || strlen(path) >= sizeof address.sun_path) {
        return -1;
    }
    strcpy(address.sun_path, path);
    unlink(path);
    return bind(on, (struct sockaddr *)&address, sizeof address) == 0 &&
                   listen(on, 8) == 0
               ? on
               : -1;
}

int main(int argc, char **argv)
{
    static char line[20000];
    uint64_t epoch = 0;
    size_t len = 0;

    listener = argc == 2 ? open_listener(argv[1]) : -1;
    if (listener < 0 || getrandom(&epoch, sizeof epoch, 0) != sizeof epoch) {
        return 1;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    fcntl(0, F_SETFL, O_NONBLOCK);
    hostlink_init(&hostile, epoch);
    hostmsg_init(&messages);
    for (;;) {
        struct pollfd fds[] = {{0, POLLIN, 0}, {fd >= 0 ? fd : listener, POLLIN, 0}};
        ssize_t got;

        exchange();
        poll(fds, 2, 10);
        got = read(0, line + len, sizeof line - 1 - len);
        if (got == 0) {
            return 0;
        }
        len += got > 0 ? (size_t)got : 0;
        line[len] = '\0';
        for (char *end; (end = strchr(line, '\n')) != NULL;) {
            *end = '\0';
            command(line);
            len -= (size_t)(end + 1 - line);
            memmove(line, end + 1, len + 1);
        }
    }
}
