/* SPDX-License-Identifier: ISC */
/*
 * AMT_SystemPowerScheme: the power packages of a desktop. Which one is current is told by
 * CIM_ElementSettingData (element_setting.c).
 */
#include "providers/power_package.h"

#include "audit/audit_event.h"
#include "base/log.h"
#include "base/util.h"
#include "cim/schema.h"
#include "settings/power_scheme.h"

enum { REALM_ADMIN = 3 };

struct package {
    const char *id;
    const char *guid; /* the same on all devices; base64 of its bytes as in memory */
    const char *text; /* consoles show what follows ": " */
};

static const struct package packages[] = {
    [POWER_SCHEME_S0] = {"SCHEME 0", "lE+DEvsQT9yWjh4jKwyQZQ==", "Desktop: ON in S0"},
    [POWER_SCHEME_S0_TO_S5] = {"SCHEME 1", "cyJzRiPcQy+pihPTeYLYVQ==",
                               "Desktop: ON in S0, ME Wake in S3, S4-5"},
};
_Static_assert(UTIL_COUNT(packages) == POWER_PACKAGE_COUNT, "a package per scheme");

void power_package_set_path(struct cim_bag *out, const char *name, size_t index)
{
    cim_set_path(out, name, &AMT_SystemPowerScheme_class, "InstanceID",
                 packages[index].id, "SchemeGUID", packages[index].guid, (char *)NULL);
}

static size_t count(void)
{
    return POWER_PACKAGE_COUNT;
}

static int read(size_t index, struct cim_bag *out)
{
    cim_set_text(out, "Description", packages[index].text);
    cim_set_text(out, "ElementName", "Intel(r) AMT Power Scheme");
    cim_set_text(out, "InstanceID", packages[index].id);
    cim_set_text(out, "SchemeGUID", packages[index].guid);
    return CIM_OK;
}

/* SetPowerScheme makes the instance that it is called on the current one. Reading is open to
 * more callers than this. */
static int invoke(size_t index, struct cim_call *call)
{
    if ((call->caller->realms & 1ull << REALM_ADMIN) == 0) {
        return CIM_ERR_DENIED;
    }
    call->return_value = provider_audit(call->caller, AUDIT_POWER_PACKAGE,
                                        span_of(NULL, 0));
    if (call->return_value == PT_STATUS_SUCCESS) {
        call->return_value = provider_kept(power_scheme_set((enum power_scheme)index));
    }
    if (call->return_value == PT_STATUS_SUCCESS) {
        log_info("power", "power package \"%s\"", packages[index].text);
    }
    return CIM_OK;
}

const struct cim_provider power_package_provider = {.class = &AMT_SystemPowerScheme_class,
                                                    .count = count,
                                                    .read = read,
                                                    .invoke = invoke};
