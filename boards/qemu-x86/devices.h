/* SPDX-License-Identifier: ISC */
/* The machine's devices: found on PCI at start, watched while the firmware halts. */
#ifndef VAMT_DEVICES_H
#define VAMT_DEVICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"

struct nic;
struct hostport;

/* Find and start all devices. What is missing or fails is logged, and stays NULL. */
void devices_start(void);

/* The first of each kind, or NULL. */
struct nic *devices_nic(void);
struct hostport *devices_hostport(void);
/* Random bytes from the entropy device. ERR_NOT_FOUND without one, ERR_TIMEOUT, ERR_IO. */
int devices_random(void *dst, size_t len) UTIL_MUST_CHECK;

/* Before halting: let devices interrupt. True if one has work waiting already. */
bool devices_arm(void);
/* After halting: no interrupts while the firmware is awake anyway. */
void devices_disarm(void);

#endif
