/* SPDX-License-Identifier: ISC */
/* hal/board.h on Linux: clocks, entropy, seeds from files, waiting in ppoll. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/panic.h"
#include "hal/board.h"
#include "main.h"
#include "sim.h"

static struct sim_options options;
static struct nic *nic;
static struct hostport *hostport;
static struct flash *flash;
static uint64_t start_us;

static uint64_t monotonic_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

void board_start(void)
{
    if (options.tap != NULL) {
        sim_tap_start(options.tap);
        nic = sim_nic_start(options.mac, sim_tap_send);
    } else {
        nic = sim_nic_start(options.mac, sim_slirp_send);
        sim_slirp_start(&options);
    }
    flash = sim_flash_start(options.nvram);
    hostport = sim_hostport_start(options.hostport);
}

const char *board_name(void)
{
    return "sim";
}

uint64_t board_now_us(void)
{
    return monotonic_us() - start_us;
}

int64_t board_wall_s(void)
{
    return time(NULL);
}

void board_console_write(struct span text)
{
    ssize_t written = write(STDERR_FILENO, text.ptr, text.len);

    (void)written;
}

void board_idle(uint64_t deadline_us)
{
    struct pollfd fds[SIM_POLL_MAX];
    struct timespec wait;
    uint64_t now_us = board_now_us();
    uint64_t left_us = deadline_us > now_us ? deadline_us - now_us : 0;
    int slirp_ms = -1;

    if (sim_nic_is_waiting()) {
        left_us = 0;
    }
    size_t hosts = sim_hostport_fill(fds, SIM_POLL_MAX);
    size_t taps = sim_tap_fill(fds + hosts, SIM_POLL_MAX - hosts);
    size_t others = hosts + taps;
    size_t slirps = sim_slirp_fill(fds + others, SIM_POLL_MAX - others, &slirp_ms);
    if (slirp_ms >= 0 && (uint64_t)slirp_ms * 1000 < left_us) {
        left_us = (uint64_t)slirp_ms * 1000;
    }
    bool for_ever = deadline_us == UINT64_MAX && left_us == UINT64_MAX - now_us;
    wait.tv_sec = (time_t)(left_us / 1000000);
    wait.tv_nsec = (long)(left_us % 1000000 * 1000);
    if (ppoll(fds, others + slirps, for_ever ? NULL : &wait, NULL) < 0) {
        for (size_t i = 0; i < others + slirps; i++) {
            fds[i].revents = 0;
        }
    }
    sim_hostport_ready(fds, hosts);
    sim_tap_ready(fds + hosts, taps);
    sim_slirp_ready(fds + others, slirps);
}

struct nic *board_nic(void)
{
    return nic;
}

struct hostport *board_hostport(void)
{
    return hostport;
}

struct flash *board_flash(void)
{
    return flash;
}

void board_watchdog(void)
{
}

size_t board_stack_most(size_t *size)
{
    *size = 0;
    return 0;
}

int board_entropy(void *dst, size_t len)
{
    uint8_t *at = dst;

    while (len > 0) {
        ssize_t got = getrandom(at, len, 0);
        if (got <= 0) {
            return ERR_IO;
        }
        at += got;
        len -= (size_t)got;
    }
    return 0;
}

int board_seed(const char *name, void *dst, size_t cap)
{
    char path[4096];
    uint8_t bytes[65536];

    if (options.seed_dir == NULL ||
        snprintf(path, sizeof(path), "%s/%s", options.seed_dir, name) >=
            (int)sizeof(path)) {
        return ERR_NOT_FOUND;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return ERR_NOT_FOUND;
    }
    ssize_t len = read(fd, bytes, sizeof(bytes));
    close(fd);
    if (len < 0) {
        return ERR_NOT_FOUND;
    }
    if ((size_t)len > cap) {
        return ERR_TOO_BIG;
    }
    memcpy(dst, bytes, (size_t)len);
    return (int)len;
}

void board_uuid(uint8_t uuid[16])
{
    memcpy(uuid, options.uuid, sizeof(options.uuid));
}

void board_reset(void)
{
    /* Every descriptor above stderr goes at the exec or before it. */
    for (int fd = 3; fd < 1024; fd++) {
        close(fd);
    }
    execv("/proc/self/exe", options.argv);
    sim_fail("cannot restart: %s", strerror(errno));
}

void panic_at(const char *file, int line, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fprintf(stderr, "panic: %s:%d: ", file, line);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    abort();
}

int main(int argc, char **argv)
{
    start_us = monotonic_us();
    sim_options_parse(&options, argc, argv);
    firmware_main();
}
