/* SPDX-License-Identifier: ISC */
/* Method calls: the input is checked against the schema before a provider sees it. */
#include "base/panic.h"
#include "cim/cim.h"
#include "cim/cim_source.h"

/* Every value given once, for an input parameter of this method; every required one
 * there. */
static int check_input(const struct cim_method *method, const struct cim_bag *in)
{
    for (size_t i = 0; i < in->count; i++) {
        const struct cim_field *field = in->entries[i].field;
        if ((field->flags & CIM_FLAG_IN) == 0) {
            return CIM_ERR_SCHEMA;
        }
    }
    for (size_t i = 0; i < method->parameter_count; i++) {
        const struct cim_field *field = &method->parameters[i];
        bool is_needed = (field->flags & CIM_FLAG_REQUIRED) != 0 &&
                         (field->flags & CIM_FLAG_IN) != 0;
        if (is_needed && cim_bag_get(in, field->name, 0) == NULL) {
            return CIM_ERR_SCHEMA;
        }
    }
    return CIM_OK;
}

int cim_invoke(struct cim_call *call)
{
    const struct cim_class *class = NULL;
    size_t index = 0;
    call->provider = NULL;
    int result = cim_source_find(call->caller, call->path, NULL, call->out, &class,
                                 &index);
    if (result < 0) {
        return result;
    }
    if (call->method == NULL) {
        return CIM_ERR_NO_METHOD;
    }
    if (!cim_source_may_call(class, call->method, call->caller->realms)) {
        return CIM_ERR_DENIED;
    }
    panic_unless(call->in->method == call->method);
    if (call->in->overflow) {
        return CIM_ERR_QUOTA;
    }
    result = check_input(call->method, call->in);
    if (result < 0) {
        return result;
    }
    call->provider = cim_source_provider(class);
    if (call->provider == NULL || call->provider->invoke == NULL) {
        return CIM_ERR_UNSUPPORTED;
    }
    cim_bag_init_call(call->out, class, call->method);
    call->return_value = 0;
    result = call->provider->invoke(index, call);
    if (result == CIM_OK && call->out->overflow) {
        return CIM_ERR_INTERNAL;
    }
    return result;
}

void cim_cancel(struct cim_call *call)
{
    if (call->provider != NULL && call->provider->cancel != NULL) {
        call->provider->cancel(call);
    }
}
