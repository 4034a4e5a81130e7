/* SPDX-License-Identifier: ISC */
/*
 * All companions of this hypervisor: found by the metadata of the domains, kept in step by
 * libvirt's events. Also keeps the connection to libvirt open. Event loop only.
 */
#ifndef VAMT_SHIM_FLEET_H
#define VAMT_SHIM_FLEET_H

#include <stdbool.h>
#include <stdint.h>

#include "companion.h"
#include "virt.h"

/* `state`: folder of the companions' files. Both stay in use. */
void fleet_start(struct virt *virt, const char *state,
                 void (*logged)(struct companion *c));
void fleet_stop(void);
bool fleet_is_open(void);           /* is libvirt there? */
const char *fleet_open_error(void); /* why not, "" if it is */
struct virt *fleet_virt(void);
const char *fleet_state(void);
/* Look at all domains again, soon. */
void fleet_scan(void);
/* How many scans are complete; a scan asked for now ends with a number above this one,
 * plus one if a scan is running already. */
uint64_t fleet_scans(void);
struct companion *fleet_first(void);
struct companion *fleet_find(const char *companion_uuid);
/* By name or UUID of the host (or of the companion). */
struct companion *fleet_find_host(const char *name_or_uuid);

#endif
