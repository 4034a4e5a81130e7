/* SPDX-License-Identifier: ISC */
/* Sends back what it gets: Ethernet frames of type 88B5 (local experiments) with the addresses
 * exchanged, and bytes of the host port. Says when the host port opens or closes, and when the
 * link does. */
#include <string.h>

#include "base/log.h"
#include "hal/board.h"
#include "hal/hostport.h"
#include "hal/nic.h"
#include "main.h"

static const struct log_sink sink = {board_console_write, board_now_us};
static uint8_t bytes[1500];
static size_t pending; /* of bytes, not written yet */

static void echo_frames(struct nic *nic)
{
    struct span frame;

    while (nic->ops->receive(nic, &frame)) {
        if (frame.len >= 14 && frame.ptr[12] == 0x88 && frame.ptr[13] == 0xB5) {
            struct span parts[3] = {span_slice(frame, 6, 6), span_of(nic->mac, 6),
                                    span_slice(frame, 12, frame.len)};

            if (nic->ops->send(nic, parts, 3) != 0) {
                log_info("test", "frame lost");
            }
        }
        nic->ops->receive_done(nic);
    }
}

static void echo_bytes(struct hostport *port)
{
    static uint32_t opens;
    static bool open;

    if (port->ops->is_open(port) != open || port->opens != opens) {
        open = port->ops->is_open(port);
        opens = port->opens;
        log_info("test", "hostport %s, opens %u", open ? "open" : "closed", opens);
        pending = 0;
    }
    for (;;) {
        size_t done;

        if (pending == 0) {
            pending = port->ops->read(port, bytes, sizeof(bytes));
        }
        if (pending == 0) {
            return;
        }
        done = port->ops->write(port, span_of(bytes, pending));
        memmove(bytes, bytes + done, pending - done);
        pending -= done;
        if (done == 0) {
            return;
        }
    }
}

void firmware_main(void)
{
    bool up = false;

    log_init(&sink);
    board_start();
    log_info("test", "started");
    for (;;) {
        struct nic *nic = board_nic();

        if (nic != NULL) {
            echo_frames(nic);
            if (nic->ops->is_link_up(nic) != up) {
                up = !up;
                log_info("test", "link %s", up ? "up" : "down");
            }
            if (nic->ops->take_announce(nic)) {
                log_info("test", "announce");
            }
        }
        if (board_hostport() != NULL) {
            echo_bytes(board_hostport());
        }
        board_watchdog();
        board_idle(UINT64_MAX);
    }
}
