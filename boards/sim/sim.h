/* SPDX-License-Identifier: ISC */
/* What the parts of the sim board share: the options, the fake card's queue, the sources of
 * events that board_idle waits for. */
#ifndef SIM_H
#define SIM_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "hal/flash.h"
#include "hal/hostport.h"
#include "hal/nic.h"

enum { SIM_FORWARDS_MAX = 16, SIM_POLL_MAX = 512 };

/* --forward [ADDRESS:]PORT:GUESTPORT */
struct sim_forward {
    char address[16];
    uint16_t port;
    uint16_t guest_port;
};

struct sim_options {
    struct sim_forward forwards[SIM_FORWARDS_MAX];
    size_t forward_count;
    const char *tap;      /* NULL: slirp */
    const char *hostport; /* NULL: none */
    const char *seed_dir; /* NULL: none */
    const char *nvram;    /* NULL: none */
    uint8_t uuid[16];
    uint8_t mac[6];
    char **argv; /* for the reset */
};

/* Parse the command line; prints and exits on --help and on errors. */
void sim_options_parse(struct sim_options *options, int argc, char **argv);

/* End the process with a message. */
void sim_fail(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* The card. `transmit` sends one frame to the outside. */
struct nic *sim_nic_start(const uint8_t mac[6], void (*transmit)(struct span frame));
/* A frame from the outside; dropped when the queue is full, like a real card does. */
void sim_nic_deliver(struct span frame);
bool sim_nic_has_room(void);
bool sim_nic_is_waiting(void);

/*
 * Sources. `fill` adds what to wait for at fds[0..room) and may shorten *timeout_ms (-1: none);
 * it returns how many it used. `ready` gets the same entries after the wait.
 */
void sim_slirp_start(const struct sim_options *options);
void sim_slirp_send(struct span frame);
size_t sim_slirp_fill(struct pollfd *fds, size_t room, int *timeout_ms);
void sim_slirp_ready(const struct pollfd *fds, size_t count);

void sim_tap_start(const char *name);
void sim_tap_send(struct span frame);
size_t sim_tap_fill(struct pollfd *fds, size_t room);
void sim_tap_ready(const struct pollfd *fds, size_t count);

/* The NVRAM in a file, which is made if there is none; NULL without a path. */
struct flash *sim_flash_start(const char *path);

struct hostport *sim_hostport_start(const char *path);
size_t sim_hostport_fill(struct pollfd *fds, size_t room);
/* True if the firmware has something to see. */
bool sim_hostport_ready(const struct pollfd *fds, size_t count);

#endif
