/* SPDX-License-Identifier: ISC */
/*
 * The control socket. Only root and the daemon's own user get an answer. A client that does
 * not read is dropped when its answer exceeds CONTROL_OUT_CAP.
 */
#include "control.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/err.h"
#include "control_priv.h"
#include "shimlog.h"

enum { CLIENTS_MAX = 32, REQUEST_MS = 5000 };

static struct loop_fd listener = {.fd = -1};
static struct sockaddr_un address = {.sun_family = AF_UNIX};
static struct control_client *clients;
static size_t client_count;
static uint64_t next_id = 1;
static const char *image;

const char *control_image(void)
{
    return image;
}

struct control_client *control_client_find(uint64_t id)
{
    struct control_client *client = clients;

    while (client != NULL && client->id != id) {
        client = client->next;
    }
    return client;
}

static void drop(struct control_client *client)
{
    struct control_client **at = &clients;
    int fd = client->watch.fd;

    while (*at != client) {
        at = &(*at)->next;
    }
    *at = client->next;
    client_count--;
    loop_timer_cancel(&client->timer);
    loop_remove(&client->watch);
    close(fd);
    bytes_wipe(client->in, sizeof client->in); /* a password may be in it */
    bytes_wipe(client->password, sizeof client->password);
    bytes_wipe(client->out, CONTROL_OUT_CAP);
    free(client->out);
    free(client);
}

/* Send what can be sent. The client may be gone afterwards. */
static void flush(struct control_client *client)
{
    while (client->out_at < client->out_len) {
        ssize_t done = send(client->watch.fd, client->out + client->out_at,
                            client->out_len - client->out_at, MSG_NOSIGNAL);

        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done < 0 && errno == EAGAIN) {
            loop_change(&client->watch, EPOLLIN | EPOLLOUT);
            return;
        }
        if (done <= 0) {
            drop(client);
            return;
        }
        client->out_at += (size_t)done;
    }
    client->out_at = 0;
    client->out_len = 0;
    loop_change(&client->watch, EPOLLIN);
    if (client->is_ending) {
        drop(client);
    }
}

/* Sending is left to the event loop, so that a caller's pointer stays valid. */
static void put(struct control_client *client, const char *head, const char *text)
{
    size_t room = CONTROL_OUT_CAP - client->out_len;
    int len = snprintf(client->out + client->out_len, room, "%s%s\n", head, text);

    if (len < 0 || (size_t)len >= room) {
        client->is_ending = true;
    } else {
        client->out_len += (size_t)len;
    }
    loop_change(&client->watch, EPOLLIN | EPOLLOUT);
}

void control_say(struct control_client *client, const char *format, ...)
{
    char text[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    put(client, "say ", text);
}

void control_end(struct control_client *client, enum attach_code code, const char *format,
                 ...)
{
    char text[1024];
    char head[32];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    snprintf(head, sizeof head, "end %d ", (int)code);
    put(client, head, text);
    client->is_ending = true;
    loop_timer_cancel(&client->timer);
}

static void take_line(struct control_client *client, size_t len)
{
    struct request *r = malloc(sizeof *r);

    client->has_request = true;
    loop_timer_cancel(&client->timer);
    client->timer.fn = control_cmd_timer;
    if (r == NULL || request_parse(span_of(client->in, len), r) != 0) {
        control_end(client, ATTACH_USAGE, "malformed request");
    } else {
        control_cmd_run(client, r);
        bytes_wipe(r, sizeof *r);
    }
    free(r);
}

static void on_client(void *context, uint32_t events)
{
    struct control_client *client = context;

    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
        ssize_t got = recv(client->watch.fd, client->in + client->in_len,
                           sizeof client->in - client->in_len, 0);
        char *end;

        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
            drop(client);
            return;
        }
        if (got > 0 && !client->has_request) {
            client->in_len += (size_t)got;
            end = memchr(client->in, '\n', client->in_len);
            if (end != NULL) {
                take_line(client, (size_t)(end - client->in));
            } else if (client->in_len == sizeof client->in) {
                control_end(client, ATTACH_USAGE, "request too long");
                client->has_request = true;
            }
        } else if (got > 0) {
            drop(client); /* one request per connection */
            return;
        }
        if (client->has_request) {
            client->in_len = 0;
        }
    }
    flush(client);
}

static void on_too_slow(void *client)
{
    drop(client);
}

static bool is_allowed(int fd)
{
    struct ucred peer;
    socklen_t len = sizeof peer;

    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
           (peer.uid == 0 || peer.uid == geteuid());
}

static void on_accept(void *unused, uint32_t events)
{
    int fd = accept4(listener.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    struct control_client *client;

    (void)unused;
    (void)events;
    if (fd < 0) {
        return;
    }
    client = client_count < CLIENTS_MAX && is_allowed(fd) ? calloc(1, sizeof *client)
                                                          : NULL;
    if (client != NULL) {
        client->out = calloc(1, CONTROL_OUT_CAP);
    }
    if (client == NULL || client->out == NULL) {
        shimlog(SHIMLOG_WARN, NULL, "a control connection was refused");
        free(client);
        close(fd);
        return;
    }
    client->id = next_id++;
    client->watch = (struct loop_fd){.fd = -1, .fn = on_client, .context = client};
    client->timer = (struct loop_timer){.fn = on_too_slow, .context = client};
    client->next = clients;
    clients = client;
    client_count++;
    if (loop_add(&client->watch, fd, EPOLLIN) != 0) {
        client->watch.fd = fd;
        drop(client);
        return;
    }
    loop_timer_set(&client->timer, REQUEST_MS);
}

void control_logged(struct companion *c)
{
    for (struct control_client *client = clients; client != NULL; client = client->next) {
        if (strcmp(client->follows, c->about.uuid) == 0) {
            control_cmd_follow(client, c);
        }
    }
}

/* Does somebody listen at the path? A socket left behind by a killed daemon does not. */
static bool is_taken(void)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool taken = fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0;

    if (fd >= 0) {
        close(fd);
    }
    return taken;
}

int control_start(const char *path, const char *default_image)
{
    mode_t mask;
    int fd;
    int failed;

    image = default_image;
    if (strlen(path) >= sizeof address.sun_path) {
        shimlog(SHIMLOG_ERROR, NULL, "socket path too long: %s", path);
        return ERR_IO;
    }
    strcpy(address.sun_path, path);
    if (is_taken()) {
        return ERR_EXISTS;
    }
    unlink(path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    mask = umask(0177);
    failed = fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
             listen(fd, CLIENTS_MAX) != 0;
    umask(mask);
    listener.fn = on_accept;
    if (failed || loop_add(&listener, fd, EPOLLIN) != 0) {
        shimlog(SHIMLOG_ERROR, NULL, "%s: %s", path, strerror(errno));
        return ERR_IO;
    }
    return 0;
}

void control_stop(void)
{
    int fd = listener.fd;

    while (clients != NULL) {
        drop(clients);
    }
    if (fd >= 0) {
        loop_remove(&listener);
        close(fd);
        unlink(address.sun_path);
    }
}
