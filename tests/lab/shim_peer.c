/* SPDX-License-Identifier: ISC */
/*
 * A double for the firmware, to test vamtd with a true libvirt and without an image: the
 * firmware's own end of hostlink (host_client) on a listening Unix socket.
 *
 *   shim_peer SOCKET
 *
 * stdin: "power ACTION BOOT" (numbers of hostlink.proto), "log TEXT", "raw HEX" (bytes sent
 * as they are). stdout: "snapshot ..." for each new one, "done N STATUS" for the N-th power
 * line. Several may connect; the latest that says something is the shim: a QEMU whose
 * channel is connected here too says nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/panic.h"
#include "hal/board.h"
#include "host/host_client.h"
#include "host/host_model.h"

enum { CONNS_MAX = 16 };

static int listener;
static int peer = -1;
static int silent[CONNS_MAX]; /* connected, have not spoken */
static size_t silent_count;

void panic_at(const char *file, int line, const char *format, ...)
{
    fprintf(stderr, "panic at %s:%d: %s\n", file, line, format);
    abort();
}

uint64_t board_now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static bool is_open(struct hostport *port)
{
    (void)port;
    return peer >= 0;
}

static size_t port_write(struct hostport *port, struct span bytes)
{
    ssize_t done = peer < 0 ? -1 : send(peer, bytes.ptr, bytes.len,
                                        MSG_DONTWAIT | MSG_NOSIGNAL);

    (void)port;
    return done < 0 ? 0 : (size_t)done;
}

static size_t port_read(struct hostport *port, void *dst, size_t cap)
{
    ssize_t got = peer < 0 ? -1 : recv(peer, dst, cap, MSG_DONTWAIT);

    (void)port;
    if (got == 0 || (got < 0 && peer >= 0 && errno != EAGAIN)) {
        close(peer);
        peer = -1;
    }
    return got < 0 ? 0 : (size_t)got;
}

static const struct hostport_ops ops = {is_open, port_write, port_read};
static struct hostport port = {.ops = &ops};

static void on_snapshot(const vamt_HostSnapshot *s)
{
    printf("snapshot generation=%u available=%d power=%d actions=", (unsigned)s->generation,
           (int)s->hypervisor_available, (int)s->power);
    for (unsigned i = 0; i < s->actions_count; i++) {
        printf("%s%d", i ? "," : "", (int)s->actions[i]);
    }
    printf(" boot=");
    for (unsigned i = 0; i < s->boot_devices_count; i++) {
        printf("%s%d", i ? "," : "", (int)s->boot_devices[i]);
    }
    printf(" name=%s machine=%s memory=%llu disks=%u", s->inventory.name,
           s->inventory.machine, (unsigned long long)s->inventory.memory.bytes,
           (unsigned)s->inventory.disks_count);
    for (unsigned i = 0; i < s->inventory.disks_count; i++) {
        printf(" %s:%llu", s->inventory.disks[i].target,
               (unsigned long long)s->inventory.disks[i].bytes);
    }
    printf(" nics=%u cpu=%s product=%s\n", (unsigned)s->inventory.nics_count,
           s->inventory.processor.model, s->inventory.system.product);
}

static void on_done(void *context, vamt_Status status)
{
    printf("done %lu %d\n", (unsigned long)(uintptr_t)context, (int)status);
}

static void send_raw(const char *hex)
{
    unsigned value;

    while (peer >= 0 && sscanf(hex, "%2x", &value) == 1) {
        uint8_t byte = (uint8_t)value;

        if (send(peer, &byte, 1, MSG_NOSIGNAL) != 1) {
            return;
        }
        hex += 2;
    }
}

static void command(const char *line)
{
    static uintptr_t number;
    int action;
    int boot;

    if (sscanf(line, "power %d %d", &action, &boot) == 2) {
        number++;
        int result = host_request_power((vamt_PowerAction)action, (vamt_BootDevice)boot,
                                        on_done, (void *)number);

        if (result < 0) {
            printf("done %lu refused %d\n", (unsigned long)number, result);
        }
    } else if (strncmp(line, "raw ", 4) == 0) {
        send_raw(line + 4);
    } else if (strncmp(line, "log ", 4) == 0) {
        host_client_log(LOG_INFO, span_str(line + 4));
    }
}

static void log_line(struct span line)
{
    printf("log %.*s", (int)line.len, (const char *)line.ptr);
}

static const struct log_sink sink = {log_line, board_now_us};

/* Take connections; one that speaks becomes the peer. */
static void follow_connections(void)
{
    int fd = accept(listener, NULL, NULL);

    if (fd >= 0 && silent_count < CONNS_MAX) {
        silent[silent_count++] = fd;
    } else if (fd >= 0) {
        close(fd);
    }
    for (size_t i = 0; i < silent_count; i++) {
        char byte;
        ssize_t got = recv(silent[i], &byte, 1, MSG_PEEK | MSG_DONTWAIT);

        if (got < 0) {
            continue;
        }
        fd = silent[i];
        silent[i--] = silent[--silent_count];
        if (got == 0) {
            close(fd);
            continue;
        }
        if (peer >= 0) {
            close(peer);
        }
        peer = fd;
        port.opens++;
    }
}

int main(int argc, char **argv)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    vamt_FirmwareStatus status = vamt_FirmwareStatus_init_zero;
    uint64_t epoch = 0;
    char line[1024];
    size_t len = 0;

    if (argc != 2 || strlen(argv[1]) >= sizeof address.sun_path ||
        getrandom(&epoch, sizeof epoch, 0) != sizeof epoch) {
        return 2;
    }
    strcpy(address.sun_path, argv[1]);
    unlink(argv[1]);
    listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, CONNS_MAX) != 0) {
        perror(argv[1]);
        return 1;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    fcntl(0, F_SETFL, O_NONBLOCK);
    log_init(&sink);
    host_client_start(&port, epoch);
    if (host_model_listen(on_snapshot) != 0) {
        return 1;
    }
    strcpy(status.version, "double");
    strcpy(status.board, "shim_peer");
    strcpy(status.address, "192.0.2.7/24");
    host_client_set_status(&status);
    for (;;) {
        struct pollfd fds[] = {{listener, POLLIN, 0}, {peer, POLLIN, 0}, {0, POLLIN, 0}};
        ssize_t got;

        host_client_poll(board_now_us());
        poll(fds, 3, 10);
        follow_connections();
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
