/* SPDX-License-Identifier: ISC */
/* Back end of the sim board's card: a Linux tap interface, e.g. in a network namespace. */
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "sim.h"

static int tap = -1;

void sim_tap_start(const char *name)
{
    struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};

    if (strlen(name) >= sizeof(request.ifr_name)) {
        sim_fail("interface name too long: %s", name);
    }
    strcpy(request.ifr_name, name);
    tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (tap < 0 || ioctl(tap, TUNSETIFF, &request) < 0) {
        sim_fail("cannot use tap interface %s: %s", name, strerror(errno));
    }
}

void sim_tap_send(struct span frame)
{
    ssize_t written = write(tap, frame.ptr, frame.len);

    (void)written; /* a full queue loses frames */
}

size_t sim_tap_fill(struct pollfd *fds, size_t room)
{
    if (tap < 0 || room == 0 || !sim_nic_has_room()) {
        return 0;
    }
    fds[0] = (struct pollfd){.fd = tap, .events = POLLIN};
    return 1;
}

void sim_tap_ready(const struct pollfd *fds, size_t count)
{
    uint8_t frame[NIC_FRAME_CAP];

    if (count == 0 || (fds[0].revents & POLLIN) == 0) {
        return;
    }
    while (sim_nic_has_room()) {
        ssize_t len = read(tap, frame, sizeof(frame));
        if (len <= 0) {
            return;
        }
        sim_nic_deliver(span_of(frame, (size_t)len));
    }
}
