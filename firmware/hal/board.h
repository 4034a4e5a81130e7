/* SPDX-License-Identifier: ISC */
/*
 * The contract between the portable firmware and a machine. A board provides every function
 * here; firmware/main.c is the only portable code that calls board_start.
 */
#ifndef VAMT_HAL_BOARD_H
#define VAMT_HAL_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/util.h"

struct flash;
struct nic;
struct hostport;

/* Find and start the machine's devices. Called once, first. The log works before it. */
void board_start(void);
/* "qemu-x86", "sim": shown by the host shim. */
const char *board_name(void);

/* Monotonic microseconds since start; never goes back, also across a live migration. */
uint64_t board_now_us(void);
/* Wall clock, seconds since 1970 UTC. */
int64_t board_wall_s(void);

/* Write to the debug console (QEMU: port 0x402; sim: stderr). May lose data, never blocks
 * for long, may be called from panic. */
void board_console_write(struct span text);

/* Halt until an interrupt (device or timer) is pending or `deadline_us` (board_now_us
 * scale; UINT64_MAX: none) is reached. Returns at once if device work is already waiting.
 * Wake-ups without cause are allowed but must be rare. */
void board_idle(uint64_t deadline_us);

/* The network interface and the port to the host shim; NULL if the machine has none. */
struct nic *board_nic(void);
struct hostport *board_hostport(void);

/* The NVRAM; NULL if the machine has none. */
struct flash *board_flash(void);
/* The main loop is alive: restart the firmware if this is not called again within about
 * CONFIG_WATCHDOG_MS. A machine without a watchdog ignores it. */
void board_watchdog(void);

/* Bytes of stack used at most since the start, and how many there are; 0 and 0 if the machine
 * does not know. */
size_t board_stack_most(size_t *size);

/* Fill with entropy of good quality: all sources (virtio-rng, RDRAND, jitter) mixed, so that a
 * bad one does no harm. Returns 0, or ERR_IO if no good source answered within a bounded time. */
int board_entropy(void *dst, size_t len) UTIL_MUST_CHECK;

/* A first-boot seed by name, e.g. "admin-password" (fw_cfg opt/vamt/<name>; sim: file
 * <seed dir>/<name>). Copies at most `cap` bytes. Returns the length, ERR_NOT_FOUND, or
 * ERR_TOO_BIG (nothing copied). */
int board_seed(const char *name, void *dst, size_t cap) UTIL_MUST_CHECK;
/* The machine's own identity (QEMU -uuid; sim: option). Zeroes if unknown. */
void board_uuid(uint8_t uuid[16]);

/* Restart the firmware from its reset vector. */
void board_reset(void) UTIL_NORETURN;

#endif
