/* SPDX-License-Identifier: ISC */
/*
 * CIM_PowerManagementService.RequestPowerStateChange. A request goes to the host and is
 * answered when the host has answered. It uses up the boot options of the next start if
 * it starts or restarts the host, also when the console that asked has gone meanwhile.
 */
#include "audit/audit_event.h"
#include "base/err.h"
#include "base/log.h"
#include "base/util.h"
#include "cim/cim_path.h"
#include "cim/schema.h"
#include "providers/power_state.h"
#include "providers/provider.h"
#include "settings/boot_options.h"

struct pending {
    bool is_used;
    bool is_start;         /* uses the boot options */
    struct cim_call *call; /* NULL: nobody waits any more */
};

static struct pending pendings[CONFIG_HOST_REQUESTS];

static bool is_start(vamt_PowerAction action)
{
    return action == vamt_PowerAction_POWER_ACTION_ON ||
           action == vamt_PowerAction_POWER_ACTION_CYCLE ||
           action == vamt_PowerAction_POWER_ACTION_RESET ||
           action == vamt_PowerAction_POWER_ACTION_RESET_GRACEFUL;
}

static uint32_t pt_status(vamt_Status status, bool is_start_request)
{
    switch (status) {
    case vamt_Status_STATUS_OK:
        return PT_STATUS_SUCCESS;
    case vamt_Status_STATUS_UNAVAILABLE:
        return PT_STATUS_NOT_READY;
    case vamt_Status_STATUS_NOT_POSSIBLE:
        return PT_STATUS_NOT_PERMITTED;
    case vamt_Status_STATUS_UNSUPPORTED:
        return is_start_request ? PT_STATUS_UNSUPPORTED_BOOT_OPTION
                                : PT_STATUS_UNSUPPORTED;
    default:
        return PT_STATUS_INTERNAL_ERROR;
    }
}

static void answered(void *context, vamt_Status status)
{
    struct pending *pending = context;
    struct cim_call *call = pending->call;
    if (pending->is_start && status == vamt_Status_STATUS_OK) {
        boot_options_consume();
    }
    pending->is_used = false;
    pending->call = NULL;
    if (call != NULL) {
        provider_return(call, pt_status(status, pending->is_start));
        call->done(call);
    }
}

static struct pending *find_free(void)
{
    for (size_t i = 0; i < UTIL_COUNT(pendings); i++) {
        if (!pendings[i].is_used) {
            return &pendings[i];
        }
    }
    return NULL;
}

/* Does the call name the host? */
static bool is_for_host(const struct cim_bag *in)
{
    const struct cim_path host = {
        .class = &CIM_ComputerSystem_class,
        .selectors = {{.name = span_str("CreationClassName"),
                       .text = span_str("CIM_ComputerSystem")},
                      {.name = span_str("Name"), .text = span_str(PROVIDER_HOST_SYSTEM)}},
        .selector_count = 2};
    const struct cim_value *element = cim_bag_get(in, "ManagedElement", 0);
    return element != NULL && cim_path_refers(element->path, &host) &&
           span_equal_str(cim_path_key(element->path, "Name"), PROVIDER_HOST_SYSTEM);
}

/* Why a request cannot be made now; PT_STATUS_SUCCESS if it can. */
static uint32_t check(const struct cim_bag *in, vamt_PowerAction action,
                      vamt_BootDevice boot)
{
    if (!is_for_host(in)) {
        return PT_STATUS_INVALID_PARAMETER;
    }
    /* Later or with a time limit: not offered. A limit of 0 means none. */
    const struct cim_value *limit = cim_bag_get(in, "TimeoutPeriod", 0);
    bool is_limited = limit != NULL &&
                      (limit->kind != CIM_KIND_INTERVAL || limit->uint != 0);
    if (cim_bag_get(in, "Time", 0) != NULL || is_limited) {
        return PT_STATUS_UNSUPPORTED;
    }
    uint64_t request = cim_get_uint(in, "PowerState", 0);
    if (request < POWER_ON || request > POWER_LAST) {
        return PT_STATUS_INVALID_PARAMETER;
    }
    if (action == vamt_PowerAction_POWER_ACTION_NONE) {
        return PT_STATUS_UNSUPPORTED;
    }
    if (!host_model_is_live() || !host_model()->hypervisor_available) {
        return PT_STATUS_NOT_READY;
    }
    if (!host_model_can(action)) {
        return PT_STATUS_NOT_PERMITTED;
    }
    return host_model_can_boot(boot) ? PT_STATUS_SUCCESS
                                     : PT_STATUS_UNSUPPORTED_BOOT_OPTION;
}

/* What the audit log calls it; 0: it has no name there. */
static uint16_t audit_id(vamt_PowerAction action)
{
    switch (action) {
    case vamt_PowerAction_POWER_ACTION_ON:
        return AUDIT_RCO_POWER_UP;
    case vamt_PowerAction_POWER_ACTION_OFF:
        return AUDIT_RCO_POWER_DOWN;
    case vamt_PowerAction_POWER_ACTION_CYCLE:
        return AUDIT_RCO_POWER_CYCLE;
    case vamt_PowerAction_POWER_ACTION_RESET:
        return AUDIT_RCO_RESET;
    case vamt_PowerAction_POWER_ACTION_OFF_GRACEFUL:
        return AUDIT_RCO_GRACEFUL_DOWN;
    case vamt_PowerAction_POWER_ACTION_RESET_GRACEFUL:
        return AUDIT_RCO_GRACEFUL_RESET;
    case vamt_PowerAction_POWER_ACTION_NMI:
        return AUDIT_RCO_NMI;
    default:
        return 0;
    }
}

static int request_power(struct cim_call *call)
{
    vamt_PowerAction action = power_state_action(cim_get_uint(call->in, "PowerState", 0));
    vamt_BootDevice boot = is_start(action) ? boot_options_next_device()
                                            : vamt_BootDevice_BOOT_DEVICE_DEFAULT;
    uint32_t refused = check(call->in, action, boot);
    if (refused != PT_STATUS_SUCCESS) {
        return provider_return(call, refused);
    }
    struct pending *pending = find_free();
    if (pending == NULL) {
        return provider_return(call, PT_STATUS_OPERATION_IN_PROGRESS);
    }
    if (provider_audit(call->caller, audit_id(action), span_of(NULL, 0)) !=
        PT_STATUS_SUCCESS) {
        return provider_return(call, PT_STATUS_AUDIT_FAIL);
    }
    *pending = (struct pending){
        .is_used = true, .is_start = is_start(action), .call = call};
    int result = host_request_power(action, boot, answered, pending);
    if (result < 0) {
        pending->is_used = false;
        return provider_return(call, result == ERR_FULL ? PT_STATUS_OPERATION_IN_PROGRESS
                                                        : PT_STATUS_NOT_READY);
    }
    log_info("power", "%s asks for state %u, boot device %u", call->caller->user,
             (unsigned)cim_get_uint(call->in, "PowerState", 0), (unsigned)boot);
    return CIM_PENDING;
}

static int invoke(size_t index, struct cim_call *call)
{
    (void)index;
    if (provider_is(call, "RequestPowerStateChange")) {
        return request_power(call);
    }
    return provider_return(call, PT_STATUS_UNSUPPORTED);
}

static void cancel(struct cim_call *call)
{
    for (size_t i = 0; i < UTIL_COUNT(pendings); i++) {
        if (pendings[i].is_used && pendings[i].call == call) {
            pendings[i].call = NULL;
        }
    }
}

const struct cim_provider power_service_provider = {
    .class = &CIM_PowerManagementService_class, .invoke = invoke, .cancel = cancel};
