/* SPDX-License-Identifier: ISC */
/*
 * CIM_ComputerSystem: the management firmware and the host. Their names are keys of
 * nearly everything else.
 */
#include "cim/schema.h"
#include "host/host_model.h"
#include "providers/provider.h"

enum { SYSTEM_AMT, SYSTEM_HOST, SYSTEM_COUNT };

/* DMTF value maps of EnabledState and Dedicated. */
enum { STATE_UNKNOWN = 0, STATE_ENABLED = 2, STATE_DISABLED = 3 };
enum { REQUESTED_NOT_APPLICABLE = 12 };
enum { NOT_DEDICATED = 0, DEDICATED_MANAGEMENT = 14 };

static unsigned host_state(void)
{
    switch (host_model()->power) {
    case vamt_PowerState_POWER_STATE_UNKNOWN:
        return STATE_UNKNOWN;
    case vamt_PowerState_POWER_STATE_HIBERNATE:
    case vamt_PowerState_POWER_STATE_OFF:
        return STATE_DISABLED;
    default:
        return STATE_ENABLED;
    }
}

static size_t count(void)
{
    return SYSTEM_COUNT;
}

static int read(size_t index, struct cim_bag *out)
{
    bool is_host = index == SYSTEM_HOST;
    cim_set_text(out, "CreationClassName", out->class->name);
    cim_set_uint(out, "Dedicated", is_host ? NOT_DEDICATED : DEDICATED_MANAGEMENT);
    cim_set_text(out, "ElementName", is_host ? "Managed System" : PROVIDER_AMT_SYSTEM);
    cim_set_uint(out, "EnabledState", is_host ? host_state() : STATE_ENABLED);
    cim_set_text(out, "Name", is_host ? PROVIDER_HOST_SYSTEM : PROVIDER_AMT_SYSTEM);
    cim_set_text(out, "NameFormat", "Other");
    cim_set_uint(out, "RequestedState", REQUESTED_NOT_APPLICABLE);
    return CIM_OK;
}

const struct cim_provider computer_system_provider = {
    .class = &CIM_ComputerSystem_class, .count = count, .read = read};
