/* SPDX-License-Identifier: ISC */
/*
 * The stream to a companion's virtio port: a Unix socket of its QEMU, which libvirt names
 * in the live XML.
 *
 *   NO SOCKET ──running──▶ RETRY ──connected──▶ OPEN ──HELLO──▶ READY
 *       ▲                   ▲  ▲                  │               │
 *       └──companion off────┘  └──closed, or a broken rule────────┘
 *
 * The hostlink keeps its streams over all of it.
 */
#include "companion_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "work.h"
#include "xmlutil.h"

enum {
    RETRY_MIN_MS = 50,
    RETRY_MAX_MS = 2000,
    RETRY_BAD_MS = 2000,
    HELLO_MAX_MS = 30000
};

static struct companion *(*find_hook)(const char *);
static void (*logged_hook)(struct companion *);

void companion_set_hooks(struct companion *(*find)(const char *),
                         void (*logged)(struct companion *))
{
    find_hook = find;
    logged_hook = logged;
}

struct companion *companion_find(const char *uuid)
{
    return find_hook(uuid);
}

void companion_log(struct companion *c, const char *who, const char *text)
{
    char *line = c->log[c->log_next % COMPANION_LOG_COUNT];
    char stamp[32];
    time_t now = time(NULL);
    struct tm tm;

    gmtime_r(&now, &tm);
    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", &tm);
    snprintf(line, COMPANION_LOG_CAP, "%s %s: %s", stamp, who, text);
    for (char *p = line; *p != '\0'; p++) {
        if ((unsigned char)*p < ' ' || *p == 0x7f) {
            *p = '?';
        }
    }
    c->log_next++;
    if (logged_hook != NULL) {
        logged_hook(c);
    }
}

static void disconnect(struct companion *c, unsigned retry_ms)
{
    if (c->watch.fd >= 0) {
        int fd = c->watch.fd;

        loop_remove(&c->watch);
        close(fd);
        hostlink_disconnected(&c->link);
    }
    loop_timer_cancel(&c->hello);
    c->is_ready = false;
    c->out_len = 0;
    c->out_at = 0;
    if (c->about.is_active && c->about.socket_path[0] != '\0') {
        loop_timer_set(&c->retry, retry_ms);
    } else {
        loop_timer_cancel(&c->retry);
    }
}

/* The peer broke the rules: the link goes, the daemon stays. */
static void refuse(struct companion *c, const char *why)
{
    if (shimlog_allow(&c->bad_limit, loop_now_ms())) {
        shimlog(SHIMLOG_WARN, c->about.host_name, "firmware dropped: %s", why);
    }
    hostlink_restart(&c->link);
    hostmsg_init(&c->msg);
    disconnect(c, RETRY_BAD_MS);
}

void companion_flush(struct companion *c)
{
    while (c->watch.fd >= 0) {
        ssize_t done;

        if (c->out_at == c->out_len) {
            struct sbuf out;

            companion_msg_output(c);
            sbuf_init(&out, c->out, sizeof c->out);
            hostlink_output(&c->link, &out);
            c->out_at = 0;
            c->out_len = out.len;
            if (out.len == 0) {
                loop_change(&c->watch, EPOLLIN);
                return;
            }
        }
        done = send(c->watch.fd, c->out + c->out_at, c->out_len - c->out_at,
                    MSG_NOSIGNAL);
        if (done > 0) {
            c->out_at += (size_t)done;
        } else if (done < 0 && errno == EINTR) {
            continue;
        } else if (done < 0 && errno == EAGAIN) {
            loop_change(&c->watch, EPOLLIN | EPOLLOUT);
            return;
        } else {
            disconnect(c, RETRY_MIN_MS);
            return;
        }
    }
}

static void hello_done(struct companion *c, bool is_new)
{
    if (!c->is_ready) {
        shimlog(SHIMLOG_INFO, c->about.host_name, "firmware connected (%s)",
                is_new ? "new session" : "resumed");
    }
    if (is_new) {
        hostmsg_init(&c->msg);
        c->response_count = 0;
        c->queue_count = 0; /* the firmware repeats what it still wants */
        memset(&c->status, 0, sizeof c->status); /* of an earlier boot */
        c->has_status = false;
        companion_tuning_begin(c);
    }
    c->is_ready = true;
    c->hellos++;
    c->retry_ms = RETRY_MIN_MS;
    loop_timer_cancel(&c->hello);
    c->is_snapshot_due = c->has_snapshot;
}

/* False: the link was dropped. */
static bool feed(struct companion *c, struct span bytes)
{
    for (;;) {
        unsigned channel = 0;
        int event = hostlink_input(&c->link, &bytes, &channel);

        switch (event) {
        case HOSTLINK_NONE:
            return true;
        case HOSTLINK_RESUMED:
        case HOSTLINK_RESTARTED:
            hello_done(c, event == HOSTLINK_RESTARTED);
            break;
        case HOSTLINK_DATA:
            if (channel != HOSTLINK_CHANNEL_MESSAGES) {
                refuse(c, "data on a channel that is not in use");
                return false;
            }
            if (companion_msg_input(c) < 0) {
                refuse(c, "malformed message");
                return false;
            }
            break;
        case HOSTLINK_MISMATCH:
            shimlog(SHIMLOG_ERROR, c->about.host_name,
                    "the firmware speaks another version of hostlink");
            break;
        default:
            refuse(c, "malformed frame");
            return false;
        }
    }
}

static void on_socket(void *context, uint32_t events)
{
    static uint8_t buffer[65536];
    struct companion *c = context;

    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
        ssize_t got = recv(c->watch.fd, buffer, sizeof buffer, 0);

        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
            shimlog(SHIMLOG_DEBUG, c->about.host_name, "the companion closed its port");
            disconnect(c, RETRY_MIN_MS);
            return;
        }
        if (got > 0 && !feed(c, span_of(buffer, (size_t)got))) {
            return;
        }
    }
    companion_flush(c);
}

static void on_hello(void *context)
{
    struct companion *c = context;

    if (c->out_at == c->out_len) {
        hostlink_hello_again(&c->link);
        companion_flush(c);
    }
    c->hello_ms = c->hello_ms * 2 > HELLO_MAX_MS ? HELLO_MAX_MS : c->hello_ms * 2;
    if (c->watch.fd >= 0) {
        loop_timer_set(&c->hello, c->hello_ms);
    }
}

static int open_socket(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0) {
        return -1;
    }
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static void on_retry(void *context)
{
    struct companion *c = context;
    int fd = open_socket(c->about.socket_path);

    if (fd < 0) {
        c->retry_ms = c->retry_ms * 2 > RETRY_MAX_MS ? RETRY_MAX_MS : c->retry_ms * 2;
        loop_timer_set(&c->retry, c->retry_ms);
        return;
    }
    if (loop_add(&c->watch, fd, EPOLLIN) != 0) {
        close(fd);
        loop_timer_set(&c->retry, RETRY_MAX_MS);
        return;
    }
    hostlink_connected(&c->link);
    c->hello_ms = CONFIG_HOST_HELLO_MS;
    loop_timer_set(&c->hello, c->hello_ms);
    companion_flush(c);
}

void companion_connect_now(struct companion *c)
{
    if (c->watch.fd < 0 && c->about.is_active && c->about.socket_path[0] != '\0') {
        c->retry_ms = RETRY_MIN_MS;
        loop_timer_set(&c->retry, 0);
    }
}

struct companion *companion_new(const struct companion_about *about, struct virt *virt,
                                const char *folder, uint64_t epoch)
{
    struct companion *c = calloc(1, sizeof *c);
    char path[JOURNAL_PATH_CAP];

    if (c == NULL) {
        return NULL;
    }
    c->log = calloc(COMPANION_LOG_COUNT, sizeof *c->log);
    snprintf(path, sizeof path, "%s/journal", folder);
    if (c->log == NULL || journal_open(&c->journal, path) != 0) {
        free(c->log);
        free(c);
        return NULL;
    }
    c->about = *about;
    c->virt = virt;
    c->watch = (struct loop_fd){.fd = -1, .fn = on_socket, .context = c};
    c->retry = (struct loop_timer){.fn = on_retry, .context = c};
    c->hello = (struct loop_timer){.fn = on_hello, .context = c};
    c->retry_ms = RETRY_MIN_MS;
    hostlink_init(&c->link, epoch);
    hostmsg_init(&c->msg);
    companion_tuning_open(c, folder);
    companion_connect_now(c);
    return c;
}

void companion_free(struct companion *c)
{
    c->about.is_active = false;
    disconnect(c, 0);
    companion_tuning_close(c);
    journal_close(&c->journal);
    free(c->log);
    free(c);
}

void companion_update(struct companion *c, const struct companion_about *about)
{
    bool is_moved = strcmp(c->about.socket_path, about->socket_path) != 0;

    c->about = *about;
    if (is_moved || !about->is_active) {
        disconnect(c, RETRY_MIN_MS);
    }
    companion_connect_now(c);
}

void companion_set_virt_open(struct companion *c, bool is_open)
{
    c->is_virt_open = is_open;
    if (is_open) {
        companion_refresh(c);
    } else if (c->has_snapshot && c->snapshot.hypervisor_available) {
        c->snapshot.hypervisor_available = false;
        c->snapshot.actions_count = 0; /* the rest stays as it was last known */
        c->snapshot.generation++;
        c->is_snapshot_due = true;
        companion_flush(c);
    }
}
