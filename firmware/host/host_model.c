/* SPDX-License-Identifier: ISC */
/*
 * The last snapshot of the host. Numbers that this firmware does not know (a newer shim)
 * are replaced or left out here, so nobody else has to expect them.
 */
#include "host/host_model.h"

#include <string.h>

#include "base/err.h"
#include "config.h"
#include "host/host_model_priv.h"

static vamt_HostSnapshot model;
static bool is_linked;
static bool is_current; /* the snapshot is of this session */
static uint64_t away_until_us; /* the shim may be restarting until then; 0: it is not */
static void (*listeners[CONFIG_HOST_LISTENERS])(const vamt_HostSnapshot *now);
static unsigned listener_count;

void host_model_init(void)
{
    memset(&model, 0, sizeof(model));
    is_linked = false;
    is_current = false;
    away_until_us = 0;
    listener_count = 0;
}

const vamt_HostSnapshot *host_model(void)
{
    return &model;
}

bool host_model_is_live(void)
{
    return (is_linked && is_current) || away_until_us != 0;
}

bool host_model_can(vamt_PowerAction action)
{
    for (pb_size_t i = 0; host_model_is_live() && i < model.actions_count; i++) {
        if (model.actions[i] == action) {
            return true;
        }
    }
    return false;
}

bool host_model_can_boot(vamt_BootDevice device)
{
    for (pb_size_t i = 0; host_model_is_live() && i < model.boot_devices_count; i++) {
        if (model.boot_devices[i] == device) {
            return true;
        }
    }
    return host_model_is_live() && device == vamt_BootDevice_BOOT_DEVICE_DEFAULT;
}

int host_model_listen(void (*changed)(const vamt_HostSnapshot *now))
{
    if (listener_count == UTIL_COUNT(listeners)) {
        return ERR_FULL;
    }
    listeners[listener_count++] = changed;
    return 0;
}

static void keep_known_actions(void)
{
    pb_size_t kept = 0;

    for (pb_size_t i = 0; i < model.actions_count; i++) {
        if (model.actions[i] > vamt_PowerAction_POWER_ACTION_NONE &&
            model.actions[i] <= _vamt_PowerAction_MAX) {
            model.actions[kept++] = model.actions[i];
        }
    }
    model.actions_count = kept;
}

static void keep_known_boot_devices(void)
{
    pb_size_t kept = 0;

    for (pb_size_t i = 0; i < model.boot_devices_count; i++) {
        if (model.boot_devices[i] >= _vamt_BootDevice_MIN &&
            model.boot_devices[i] <= _vamt_BootDevice_MAX) {
            model.boot_devices[kept++] = model.boot_devices[i];
        }
    }
    model.boot_devices_count = kept;
}

static void keep_known_disks(void)
{
    vamt_Inventory *inventory = &model.inventory;

    for (pb_size_t i = 0; i < inventory->disks_count; i++) {
        vamt_Disk *disk = &inventory->disks[i];

        if (disk->kind < _vamt_Disk_Kind_MIN || disk->kind > _vamt_Disk_Kind_MAX) {
            disk->kind = vamt_Disk_Kind_DISK;
        }
    }
}

void host_model_set(const vamt_HostSnapshot *snapshot)
{
    model = *snapshot;
    if (model.power < _vamt_PowerState_MIN || model.power > _vamt_PowerState_MAX) {
        model.power = vamt_PowerState_POWER_STATE_UNKNOWN;
    }
    keep_known_actions();
    keep_known_boot_devices();
    keep_known_disks();
    is_current = true;
    for (unsigned i = 0; i < listener_count; i++) {
        listeners[i](&model);
    }
}

static void start_absence(uint64_t now_us)
{
    if (is_linked && is_current) {
        away_until_us = now_us + (uint64_t)CONFIG_HOST_AWAY_MS * 1000;
    }
}

void host_model_set_link(bool ready, uint64_t now_us)
{
    if (!ready) {
        start_absence(now_us);
    }
    is_linked = ready;
    if ((is_linked && is_current) || now_us >= away_until_us) {
        away_until_us = 0;
    }
}

void host_model_set_old(uint64_t now_us)
{
    start_absence(now_us);
    is_current = false;
}

uint64_t host_model_deadline(void)
{
    return away_until_us != 0 ? away_until_us : UINT64_MAX;
}
