/* SPDX-License-Identifier: ISC */
/*
 * CIM_BootConfigSetting.ChangeBootOrder: forces one boot source for the next start, or
 * none. Whether the host has such a device is known only when it starts. A forced source may
 * need the user's consent; none is always allowed, so power control alone never asks.
 */
#include "audit/audit_event.h"
#include "base/util.h"
#include "cim/cim_path.h"
#include "cim/schema.h"
#include "providers/provider.h"
#include "settings/boot_options.h"
#include "setup/consent.h"

struct source {
    const char *id; /* CIM_BootSourceSetting.InstanceID, declared in schema/boot.mof */
    vamt_BootDevice device;
};

static const struct source sources[] = {
    {"Intel(r) AMT: Force Hard-drive Boot", vamt_BootDevice_BOOT_DEVICE_DISK},
    {"Intel(r) AMT: Force PXE Boot", vamt_BootDevice_BOOT_DEVICE_NETWORK},
    {"Intel(r) AMT: Force CD/DVD Boot", vamt_BootDevice_BOOT_DEVICE_CD},
};

static uint32_t set_source(const struct cim_path *path)
{
    if (consent_is_missing(CONSENT_FOR_BOOT)) {
        return PT_STATUS_USER_CONSENT_REQUIRED;
    }
    for (size_t i = 0; i < UTIL_COUNT(sources); i++) {
        if (path->class == &CIM_BootSourceSetting_class &&
            span_equal_str(cim_path_key(path, "InstanceID"), sources[i].id)) {
            return provider_kept(boot_options_set_device(sources[i].device));
        }
    }
    return PT_STATUS_INVALID_PARAMETER;
}

static int invoke(size_t index, struct cim_call *call)
{
    (void)index;
    if (!provider_is(call, "ChangeBootOrder")) {
        return provider_return(call, PT_STATUS_UNSUPPORTED);
    }
    size_t count = cim_bag_count(call->in, "Source");
    if (count == 0) {
        return provider_return(call, provider_kept(boot_options_set_device(
                                         vamt_BootDevice_BOOT_DEVICE_DEFAULT)));
    }
    if (count > 1) {
        return provider_return(call, PT_STATUS_INVALID_PARAMETER);
    }
    if (provider_audit(call->caller, AUDIT_RCO_BOOT_OPTIONS, span_of(NULL, 0)) !=
        PT_STATUS_SUCCESS) {
        return provider_return(call, PT_STATUS_AUDIT_FAIL);
    }
    return provider_return(call, set_source(cim_bag_get(call->in, "Source", 0)->path));
}

const struct cim_provider boot_config_provider = {.class = &CIM_BootConfigSetting_class,
                                                  .invoke = invoke};
