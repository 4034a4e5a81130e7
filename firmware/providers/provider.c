/* SPDX-License-Identifier: ISC */
/* What several providers do alike. */
#include "providers/provider.h"

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

void provider_take_boolean(const struct cim_bag *in, const char *name, bool *setting)
{
    *setting = cim_get_boolean(in, name, *setting);
}

uint64_t provider_take_uint(const struct cim_bag *in, const char *name, uint64_t setting)
{
    return cim_get_uint(in, name, setting);
}
