/* SPDX-License-Identifier: ISC */
/*
 * The state × action table and the libvirt calls behind each action. A start from another
 * device runs a modified copy of the stored XML; the stored one is never written.
 */
#include "power.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/util.h"
#include "bootxml.h"
#include "inventory.h"
#include "xmlutil.h"

#define BIT(action) (1u << vamt_PowerAction_POWER_ACTION_##action)

/* A paused or sleeping guest cannot follow a graceful request. */
static const unsigned legal[] = {
    [VIRT_STATE_OFF] = BIT(ON),
    [VIRT_STATE_RUNNING] = BIT(OFF) | BIT(OFF_GRACEFUL) | BIT(RESET) |
                           BIT(RESET_GRACEFUL) | BIT(CYCLE) | BIT(NMI),
    [VIRT_STATE_PAUSED] = BIT(ON) | BIT(OFF) | BIT(RESET) | BIT(CYCLE),
    [VIRT_STATE_SUSPENDED] = BIT(ON) | BIT(OFF) | BIT(CYCLE),
    [VIRT_STATE_CRASHED] = BIT(OFF) | BIT(CYCLE),
};

unsigned power_actions(const struct virt_domain *domain)
{
    unsigned mask = legal[domain->state];

    /* A transient domain ceases to exist when it stops: there is no "off" to come back
     * from. A cycle works, because it is started again from its own XML. */
    if (!domain->is_persistent) {
        mask &= ~(BIT(OFF) | BIT(OFF_GRACEFUL));
    }
    return mask;
}

vamt_PowerState power_state(const struct virt_domain *domain)
{
    switch (domain->state) {
    case VIRT_STATE_OFF:
        return domain->has_saved ? vamt_PowerState_POWER_STATE_HIBERNATE
                                 : vamt_PowerState_POWER_STATE_OFF;
    case VIRT_STATE_RUNNING:
    case VIRT_STATE_PAUSED:
        return vamt_PowerState_POWER_STATE_ON;
    case VIRT_STATE_SUSPENDED:
        return vamt_PowerState_POWER_STATE_SLEEP;
    case VIRT_STATE_CRASHED:
        return vamt_PowerState_POWER_STATE_CRASHED;
    }
    return vamt_PowerState_POWER_STATE_UNKNOWN;
}

const char *power_state_name(vamt_PowerState state)
{
    static const char *const names[] = {"unknown",    "on",  "sleeping",
                                        "hibernated", "off", "crashed"};

    return (unsigned)state < UTIL_COUNT(names) ? names[state] : "unknown";
}

const char *power_action_name(vamt_PowerAction action)
{
    static const char *const names[] = {
        "none", "on", "off", "graceful off", "reset", "graceful reset", "cycle", "NMI"};

    return (unsigned)action < UTIL_COUNT(names) ? names[action] : "unknown action";
}

static void fill_snapshot(struct power_facts *out, const struct inventory *inv)
{
    unsigned actions = power_actions(&out->domain);
    vamt_HostSnapshot *s = &out->snapshot;

    s->hypervisor_available = true;
    s->power = power_state(&out->domain);
    s->has_inventory = true;
    s->inventory = inv->facts;
    for (unsigned a = 0; a < 32 && s->actions_count < UTIL_COUNT(s->actions); a++) {
        if (actions & 1u << a) {
            s->actions[s->actions_count++] = (vamt_PowerAction)a;
        }
    }
    /* A start from saved memory boots nothing. */
    for (unsigned d = 1; d < 32 && !out->domain.has_saved &&
                         s->boot_devices_count < UTIL_COUNT(s->boot_devices);
         d++) {
        if (inv->boot_mask & 1u << d) {
            s->boot_devices[s->boot_devices_count++] = (vamt_BootDevice)d;
        }
    }
}

int power_read(struct virt *v, const char *uuid, struct power_facts *out,
               struct virt_error *error)
{
    struct inventory *inv = calloc(1, sizeof *inv);
    struct virt_host host;
    char *xml = NULL;
    struct timespec now;
    int result;

    memset(out, 0, sizeof *out);
    clock_gettime(CLOCK_MONOTONIC, &now);
    out->began_ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
    if (inv == NULL) {
        return virt_fail(error, ERR_FULL, "out of memory");
    }
    result = v->ops->find(v, uuid, &out->domain, error);
    if (result == 0) {
        result = v->ops->host(v, &host, error);
    }
    if (result == 0) {
        result = v->ops->xml(v, uuid, VIRT_XML_LIVE, &xml, error);
    }
    if (result == 0 && inventory_read(xml, &host, inv) != 0) {
        result = virt_fail(error, ERR_INVALID, "cannot read the domain's XML");
    }
    for (size_t i = 0; result == 0 && i < inv->facts.disks_count; i++) {
        vamt_Disk *disk = &inv->facts.disks[i];

        if (disk->has_medium) {
            result = v->ops->disk_size(v, uuid, disk->target, inv->sources[i],
                                       &disk->bytes, error);
        }
    }
    if (result == 0) {
        fill_snapshot(out, inv);
    }
    free(xml);
    free(inv);
    return result;
}

/* One transition in progress. */
struct transition {
    struct virt *v;
    const char *uuid;
    const struct virt_domain *domain;
    vamt_BootDevice boot;
    struct virt_error *error;
};

static int act(const struct transition *t, enum virt_act act)
{
    return t->v->ops->act(t->v, t->uuid, act, t->error);
}

/* The XML that a start is to use, or *xml NULL: simply start what is stored. */
static int start_text(const struct transition *t, char **xml)
{
    char *stored = NULL;
    int result;

    *xml = NULL;
    if (t->boot == vamt_BootDevice_BOOT_DEVICE_DEFAULT && t->domain->is_persistent) {
        return 0;
    }
    result = t->v->ops->xml(t->v, t->uuid, VIRT_XML_STORED, &stored, t->error);
    if (result != 0) {
        return result;
    }
    if (t->boot == vamt_BootDevice_BOOT_DEVICE_DEFAULT) {
        *xml = stored;
        return 0;
    }
    result = bootxml_override(stored, t->boot, xml);
    free(stored);
    return result == 0 ? 0
                       : virt_fail(t->error, result, "this host has no such boot device");
}

static int start(const struct transition *t, const char *xml)
{
    return xml == NULL ? act(t, VIRT_ACT_START)
                       : t->v->ops->start_xml(t->v, xml, t->error);
}

static int do_on(const struct transition *t)
{
    char *xml;
    int result;

    if (t->domain->state == VIRT_STATE_OFF) {
        if (t->domain->has_saved && t->boot != vamt_BootDevice_BOOT_DEVICE_DEFAULT) {
            return virt_fail(t->error, ERR_BUSY, "the host has saved memory to resume");
        }
        result = start_text(t, &xml);
        if (result == 0) {
            result = start(t, xml);
            free(xml);
        }
        return result;
    }
    if (t->boot != vamt_BootDevice_BOOT_DEVICE_DEFAULT) {
        return virt_fail(t->error, ERR_BUSY, "the host is on: nothing boots now");
    }
    return act(t,
               t->domain->state == VIRT_STATE_PAUSED ? VIRT_ACT_RESUME : VIRT_ACT_WAKEUP);
}

static int do_cycle(const struct transition *t)
{
    char *xml;
    int result = start_text(t, &xml); /* first: after the stop it may be gone */

    if (result != 0) {
        return result;
    }
    result = act(t, VIRT_ACT_DESTROY);
    if (result == 0) {
        result = start(t, xml);
    }
    free(xml);
    return result;
}

static int do_reset(const struct transition *t)
{
    int result;

    if (t->boot != vamt_BootDevice_BOOT_DEVICE_DEFAULT) {
        return do_cycle(t);
    }
    result = act(t, VIRT_ACT_RESET);
    if (result == 0 && t->domain->state == VIRT_STATE_PAUSED) {
        result = act(t, VIRT_ACT_RESUME);
    }
    return result;
}

static int dispatch(const struct transition *t, vamt_PowerAction action)
{
    switch (action) {
    case vamt_PowerAction_POWER_ACTION_ON:
        return do_on(t);
    case vamt_PowerAction_POWER_ACTION_OFF:
        return act(t, VIRT_ACT_DESTROY);
    case vamt_PowerAction_POWER_ACTION_OFF_GRACEFUL:
        return act(t, VIRT_ACT_SHUTDOWN);
    case vamt_PowerAction_POWER_ACTION_RESET:
        return do_reset(t);
    case vamt_PowerAction_POWER_ACTION_RESET_GRACEFUL:
        return act(t, VIRT_ACT_REBOOT);
    case vamt_PowerAction_POWER_ACTION_CYCLE:
        return do_cycle(t);
    case vamt_PowerAction_POWER_ACTION_NMI:
        return act(t, VIRT_ACT_NMI);
    default:
        return virt_fail(t->error, ERR_INVALID, "unknown action");
    }
}

/* Has the action's end been reached, so that a repetition has nothing to do? */
static bool is_reached(const struct virt_domain *domain, vamt_PowerAction action)
{
    switch (action) {
    case vamt_PowerAction_POWER_ACTION_ON:
        return domain->state == VIRT_STATE_RUNNING;
    case vamt_PowerAction_POWER_ACTION_OFF:
    case vamt_PowerAction_POWER_ACTION_OFF_GRACEFUL:
        return domain->state == VIRT_STATE_OFF;
    default:
        return false;
    }
}

static bool takes_boot(vamt_PowerAction action)
{
    return action == vamt_PowerAction_POWER_ACTION_ON ||
           action == vamt_PowerAction_POWER_ACTION_RESET ||
           action == vamt_PowerAction_POWER_ACTION_CYCLE;
}

static void finish(struct power_result *result, vamt_Status status, const char *detail)
{
    result->status = status;
    xmlutil_copy(result->detail, sizeof result->detail, detail);
}

static vamt_Status status_of(int code)
{
    switch (code) {
    case 0:
        return vamt_Status_STATUS_OK;
    case ERR_CLOSED:
        return vamt_Status_STATUS_UNAVAILABLE;
    case ERR_UNSUPPORTED:
        return vamt_Status_STATUS_UNSUPPORTED;
    case ERR_BUSY:
        return vamt_Status_STATUS_NOT_POSSIBLE;
    default:
        return vamt_Status_STATUS_FAILED;
    }
}

void power_do(struct virt *v, const char *uuid, vamt_PowerAction action,
              vamt_BootDevice boot, bool is_again, struct power_result *result)
{
    struct virt_domain domain;
    struct virt_error error = {0};
    const struct transition t = {v, uuid, &domain, boot, &error};
    int code;

    if ((unsigned)action > vamt_PowerAction_POWER_ACTION_NMI ||
        action == vamt_PowerAction_POWER_ACTION_NONE ||
        (unsigned)boot > vamt_BootDevice_BOOT_DEVICE_CD) {
        finish(result, vamt_Status_STATUS_BAD_REQUEST, "unknown action or boot device");
        return;
    }
    if (boot != vamt_BootDevice_BOOT_DEVICE_DEFAULT && !takes_boot(action)) {
        finish(result, vamt_Status_STATUS_BAD_REQUEST,
               "this action takes no boot device");
        return;
    }
    code = v->ops->find(v, uuid, &domain, &error);
    if (code != 0) {
        finish(result, status_of(code), error.text);
        return;
    }
    if (is_again && is_reached(&domain, action)) {
        finish(result, vamt_Status_STATUS_OK, "done before");
        return;
    }
    if ((power_actions(&domain) & 1u << action) == 0) {
        finish(result, vamt_Status_STATUS_NOT_POSSIBLE, "not in this power state");
        return;
    }
    code = dispatch(&t, action);
    finish(result, status_of(code), code == 0 ? "" : error.text);
}
