/* SPDX-License-Identifier: ISC */
/*
 * The port to the host shim: a Unix stream socket that listens, as QEMU's
 * `-chardev socket,server=on,wait=off` does; one peer at a time. Received bytes wait in a
 * buffer, so that the socket is only polled while there is room.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/ring.h"
#include "base/util.h"
#include "sim.h"

static struct hostport port;
static int listener = -1;
static int peer = -1;
static bool wants_room; /* a write took less than offered */
static uint8_t in_bytes[16384];
static struct ring in;

static void drop_peer(void)
{
    close(peer);
    peer = -1;
    wants_room = false;
}

static bool is_open(struct hostport *self)
{
    (void)self;
    return peer >= 0;
}

static size_t write_bytes(struct hostport *self, struct span bytes)
{
    (void)self;
    if (peer < 0 || bytes.len == 0) {
        return 0;
    }
    ssize_t sent = send(peer, bytes.ptr, bytes.len, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0) {
        if (errno != EAGAIN && errno != EINTR) {
            drop_peer();
        } else {
            wants_room = true;
        }
        return 0;
    }
    wants_room = (size_t)sent < bytes.len;
    return (size_t)sent;
}

static size_t read_bytes(struct hostport *self, void *dst, size_t cap)
{
    (void)self;
    return ring_read(&in, dst, cap);
}

static const struct hostport_ops ops = {
    .is_open = is_open, .write = write_bytes, .read = read_bytes};

struct hostport *sim_hostport_start(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (path == NULL) {
        return NULL;
    }
    if (strlen(path) >= sizeof(address.sun_path)) {
        sim_fail("socket path too long: %s", path);
    }
    strcpy(address.sun_path, path);
    unlink(path);
    listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener < 0 ||
        bind(listener, (struct sockaddr *)&address, sizeof(address)) < 0 ||
        listen(listener, 4) < 0) {
        sim_fail("cannot listen on %s: %s", path, strerror(errno));
    }
    ring_init(&in, in_bytes, sizeof(in_bytes));
    port.ops = &ops;
    return &port;
}

size_t sim_hostport_fill(struct pollfd *fds, size_t room)
{
    if (listener < 0 || room == 0) {
        return 0;
    }
    if (peer < 0) {
        fds[0] = (struct pollfd){.fd = listener, .events = POLLIN};
        return 1;
    }
    short events = ring_room(&in) > 0 ? POLLIN : 0;
    fds[0] = (struct pollfd){.fd = peer,
                             .events = (short)(events | (wants_room ? POLLOUT : 0))};
    return 1;
}

static void accept_peer(void)
{
    peer = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (peer >= 0) {
        ring_init(&in, in_bytes, sizeof(in_bytes));
        port.opens++;
    }
}

static void receive(void)
{
    uint8_t bytes[4096];
    size_t room = ring_room(&in);
    ssize_t len = recv(peer, bytes, util_min(room, sizeof(bytes)), 0);

    if (len > 0) {
        ring_write(&in, span_of(bytes, (size_t)len));
    } else if (len == 0 || (errno != EAGAIN && errno != EINTR)) {
        drop_peer();
    }
}

bool sim_hostport_ready(const struct pollfd *fds, size_t count)
{
    if (count == 0 || fds[0].revents == 0) {
        return false;
    }
    wants_room = wants_room && (fds[0].revents & POLLOUT) == 0;
    if (peer < 0) {
        accept_peer();
    } else if (ring_room(&in) > 0) {
        receive();
    } else if ((fds[0].revents & (POLLHUP | POLLERR)) != 0) {
        drop_peer(); /* else poll would report it for ever */
    }
    return true;
}
