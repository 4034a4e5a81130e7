/* SPDX-License-Identifier: ISC */
/*
 * What vamtd gives up after its start: its user, capabilities, new privileges, system calls.
 * Before any thread exists; all threads inherit it.
 */
#ifndef VAMT_SHIM_SANDBOX_H
#define VAMT_SHIM_SANDBOX_H

#include <stdbool.h>

/* As root: give `folders` (ended by NULL; and what root owns in them) to `user` and become that
 * user, with its groups. NULL: "vamt" if there is such a user, else stay root. True if that was
 * possible or there was nothing to do; else the reason is logged. */
bool sandbox_become(const char *user, const char *const *folders);
/* Keep CAP_NET_RAW (ARP probes) and, as root, CAP_DAC_OVERRIDE (sockets of QEMU's user), as
 * far as they are there. */
bool sandbox_drop_capabilities(void);
/* No new privileges, and only the system calls that vamtd and libvirt's client use: anything else
 * is EPERM. ERR codes are logged. */
bool sandbox_confine(void);
/* May libvirt's client have to start programs for this URI (NULL: its default)? A session's
 * daemon, ssh: those would be confined as well. */
bool sandbox_uri_forks(const char *uri);

#endif
