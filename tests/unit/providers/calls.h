/* SPDX-License-Identifier: ISC */
/* Calls of set-up classes on the device of setup/setup_world.h, as an administrator. */
#ifndef VAMT_TESTS_CALLS_H
#define VAMT_TESTS_CALLS_H

#include <stdint.h>

#include "providers/host_double.h"

extern struct call_double calls; /* the last call, or the one that is being prepared */
extern struct cim_bag calls_bag; /* what was read last */

/* Set-up and teardown of tests. Unprovisioned: also with trusted certificates. */
int calls_open_unprovisioned(void **state);
int calls_open_provisioned(void **state);
int calls_close(void **state);

void calls_begin(const struct cim_class *class, const char *method);
/* The return value; fails the test on a fault. */
uint32_t calls_invoke(void);
uint32_t calls_run(const struct cim_class *class, const char *method); /* both */
void calls_get(const struct cim_class *class);
/* A property of the only instance; 4242 if it is not there. */
uint64_t calls_number(const struct cim_class *class, const char *property);
/* How many records of this event the audit log has (AUDIT_ of audit_event.h). */
unsigned calls_audited(uint16_t id);

/* HA1 of admin's password, in hexadecimal. */
const char *calls_ha1(const char *password);
/* Prepare Setup or AdminSetup. */
void calls_begin_setup(const char *method, unsigned encryption, const char *ha1);
/* Setup: into client control mode. */
uint32_t calls_set_up(const char *password);

#endif
