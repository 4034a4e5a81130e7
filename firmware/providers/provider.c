/* SPDX-License-Identifier: ISC */
/* What several providers do alike. */
#include "providers/provider.h"

#include "audit/audit.h"
#include "audit/audit_event.h"
#include "base/err.h"
#include "base/span.h"

int provider_return(struct cim_call *call, uint32_t pt_status)
{
    call->return_value = pt_status == PT_STATUS_SUCCESS ? 0
                                                        : PROVIDER_STANDARD + pt_status;
    return CIM_OK;
}

void provider_set_service(struct cim_bag *out, const char *system, const char *name)
{
    cim_set_text(out, "CreationClassName", out->class->name);
    cim_set_text(out, "ElementName", name);
    cim_set_text(out, "Name", name);
    cim_set_text(out, "SystemCreationClassName", "CIM_ComputerSystem");
    cim_set_text(out, "SystemName", system);
}

bool provider_is(const struct cim_call *call, const char *method)
{
    return span_equal_str(span_str(call->method->name), method);
}

int provider_run(struct cim_call *call, const struct provider_method *methods,
                 size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (provider_is(call, methods[i].name)) {
            call->return_value = methods[i].run(call);
            return CIM_OK;
        }
    }
    return provider_return(call, PT_STATUS_UNSUPPORTED);
}

uint32_t provider_kept(int result)
{
    if (result >= 0) {
        return PT_STATUS_SUCCESS;
    }
    return result == ERR_FULL ? PT_STATUS_FLASH_WRITE_LIMIT : PT_STATUS_INTERNAL_ERROR;
}

uint32_t provider_audit(const struct cim_caller *caller, uint16_t id, struct span data)
{
    const struct audit_who who = {.user = caller->user, .peer = caller->peer};

    return audit_note(AUDIT_EVENT(id), &who, data) < 0 ? PT_STATUS_AUDIT_FAIL
                                                       : PT_STATUS_SUCCESS;
}

void provider_take_boolean(const struct cim_bag *in, const char *name, bool *setting)
{
    *setting = cim_get_boolean(in, name, *setting);
}

uint64_t provider_take_uint(const struct cim_bag *in, const char *name, uint64_t setting)
{
    return cim_get_uint(in, name, setting);
}
