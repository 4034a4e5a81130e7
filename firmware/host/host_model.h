/* SPDX-License-Identifier: ISC */
/*
 * The firmware's copy of what the shim told about the host. Providers read facts from
 * here without waiting; requests (host_request.h) are answered later by their callback.
 */
#ifndef VAMT_HOST_HOST_MODEL_H
#define VAMT_HOST_HOST_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/util.h"
#include "host/host_request.h"
#include "host/hostlink.pb.h"

/* The last snapshot. Before the first one: POWER_STATE_UNKNOWN, empty inventory,
 * hypervisor_available false. Enum fields hold known values only. Valid until the next
 * host_client_poll. It stays while the shim is away. */
const vamt_HostSnapshot *host_model(void);
/* Is the shim connected and has it sent a snapshot, or was that so until CONFIG_HOST_AWAY_MS
 * ago? A restart of the shim goes unnoticed: requests wait for it. */
bool host_model_is_live(void);
/* Is it live and the action legal, the device usable for a one-shot start? The default
 * boot device always is. */
bool host_model_can(vamt_PowerAction action);
bool host_model_can_boot(vamt_BootDevice device);

/* Who wants to know of a new snapshot: called from host_client_poll, for good. 0, or
 * ERR_FULL beyond CONFIG_HOST_LISTENERS. */
int host_model_listen(void (*changed)(const vamt_HostSnapshot *now)) UTIL_MUST_CHECK;

#endif
