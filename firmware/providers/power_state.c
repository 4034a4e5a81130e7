/* SPDX-License-Identifier: ISC */
/*
 * CIM_AssociatedPowerManagementService: the power state of the host, and which requests
 * are legal now. Without a live snapshot the last known state stays and nothing is
 * offered.
 */
#include "providers/power_state.h"

#include "base/util.h"
#include "cim/schema.h"
#include "providers/provider.h"

struct offer {
    uint8_t request;
    vamt_PowerAction action;
};

/* In the order in which AMT lists them. */
static const struct offer offers[] = {
    {POWER_RESET, vamt_PowerAction_POWER_ACTION_RESET},
    {POWER_OFF, vamt_PowerAction_POWER_ACTION_OFF},
    {POWER_ON, vamt_PowerAction_POWER_ACTION_ON},
    {POWER_CYCLE, vamt_PowerAction_POWER_ACTION_CYCLE},
    {POWER_NMI, vamt_PowerAction_POWER_ACTION_NMI},
    {POWER_RESET_GRACEFUL, vamt_PowerAction_POWER_ACTION_RESET_GRACEFUL},
    {POWER_OFF_GRACEFUL, vamt_PowerAction_POWER_ACTION_OFF_GRACEFUL},
};

uint16_t power_state_now(void)
{
    switch (host_model()->power) {
    case vamt_PowerState_POWER_STATE_ON:
    case vamt_PowerState_POWER_STATE_CRASHED: /* still powered: S0 */
        return POWER_ON;
    case vamt_PowerState_POWER_STATE_SLEEP:
        return POWER_SLEEP_DEEP;
    case vamt_PowerState_POWER_STATE_HIBERNATE:
        return POWER_HIBERNATE;
    case vamt_PowerState_POWER_STATE_OFF:
        return POWER_OFF;
    default:
        return 0;
    }
}

vamt_PowerAction power_state_action(uint64_t request)
{
    for (size_t i = 0; i < UTIL_COUNT(offers); i++) {
        if (offers[i].request == request) {
            return offers[i].action;
        }
    }
    return vamt_PowerAction_POWER_ACTION_NONE;
}

static int read(size_t index, struct cim_bag *out)
{
    (void)index;
    for (size_t i = 0; i < UTIL_COUNT(offers); i++) {
        if (host_model()->hypervisor_available && host_model_can(offers[i].action)) {
            cim_set_uint(out, "AvailableRequestedPowerStates", offers[i].request);
        }
    }
    uint16_t state = power_state_now();
    if (state != 0) {
        cim_set_uint(out, "PowerState", state);
    }
    cim_set_path(out, "ServiceProvided", &CIM_PowerManagementService_class,
                 "CreationClassName", "CIM_PowerManagementService", "Name",
                 "Intel(r) AMT Power Management Service", "SystemCreationClassName",
                 "CIM_ComputerSystem", "SystemName", PROVIDER_AMT_SYSTEM, (char *)NULL);
    cim_set_path(out, "UserOfService", &CIM_ComputerSystem_class, "CreationClassName",
                 "CIM_ComputerSystem", "Name", PROVIDER_HOST_SYSTEM, (char *)NULL);
    return CIM_OK;
}

const struct cim_provider power_state_provider = {
    .class = &CIM_AssociatedPowerManagementService_class, .read = read};
