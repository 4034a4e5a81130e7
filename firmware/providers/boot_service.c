/* SPDX-License-Identifier: ISC */
/*
 * CIM_BootService: says whether the boot configuration is used at the next start
 * (SetBootConfigRole), and switches boot options that this device has not
 * (RequestStateChange: One-Click Recovery, Remote Platform Erase).
 */
#include "cim/cim_path.h"
#include "cim/schema.h"
#include "providers/provider.h"
#include "settings/boot_options.h"

#define SERVICE_NAME "Intel(r) AMT Boot Service"
#define CONFIG_ID    "Intel(r) AMT: Boot Configuration 0"

enum { ENABLED = 2, REQUESTED_NOT_APPLICABLE = 12, STATUS_UNKNOWN = 0 };
enum { ROLE_NEXT_SINGLE_USE = 1, ROLE_NONE = 32768 };
/* EnabledState: recovery and erase both off. */
enum { STATE_RECOVERY_OFF = 32768 };

static int read(size_t index, struct cim_bag *out)
{
    (void)index;
    provider_set_service(out, PROVIDER_AMT_SYSTEM, SERVICE_NAME);
    cim_set_uint(out, "EnabledState", ENABLED);
    cim_set_uint(out, "OperationalStatus", STATUS_UNKNOWN);
    cim_set_uint(out, "RequestedState", REQUESTED_NOT_APPLICABLE);
    return CIM_OK;
}

static uint32_t set_role(const struct cim_bag *in)
{
    const struct cim_path *config = cim_bag_get(in, "BootConfigSetting", 0)->path;
    uint64_t role = cim_get_uint(in, "Role", 0);
    if (config->class != &CIM_BootConfigSetting_class ||
        !span_equal_str(cim_path_key(config, "InstanceID"), CONFIG_ID)) {
        return PT_STATUS_INVALID_PARAMETER;
    }
    if (role != ROLE_NEXT_SINGLE_USE && role != ROLE_NONE) {
        return PT_STATUS_INVALID_PARAMETER;
    }
    return provider_kept(boot_options_set_enabled(role == ROLE_NEXT_SINGLE_USE));
}

static uint32_t set_state(const struct cim_bag *in)
{
    uint64_t state = cim_get_uint(in, "RequestedState", 0);
    bool is_same = state == ENABLED || state == STATE_RECOVERY_OFF;
    return is_same ? PT_STATUS_SUCCESS : PT_STATUS_UNSUPPORTED;
}

static int invoke(size_t index, struct cim_call *call)
{
    (void)index;
    if (provider_is(call, "SetBootConfigRole")) {
        return provider_return(call, set_role(call->in));
    }
    if (provider_is(call, "RequestStateChange")) {
        return provider_return(call, set_state(call->in));
    }
    return provider_return(call, PT_STATUS_UNSUPPORTED);
}

const struct cim_provider boot_service_provider = {
    .class = &CIM_BootService_class, .read = read, .invoke = invoke};
