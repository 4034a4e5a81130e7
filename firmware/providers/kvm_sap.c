/* SPDX-License-Identifier: ISC */
/* CIM_KVMRedirectionSAP: KVM on or off. */
#include "audit/audit_event.h"
#include "cim/schema.h"
#include "providers/provider.h"
#include "settings/redir_settings.h"

enum { STATE_ENABLED = 2, STATE_DISABLED = 3, STATE_ENABLED_IDLE = 6 };
enum { PROTOCOL_RFB = 4 };

static int read(size_t index, struct cim_bag *out)
{
    (void)index;
    bool is_enabled = redir_settings_get()->kvm_enabled;
    provider_set_service(out, PROVIDER_HOST_SYSTEM,
                         "KVM Redirection Service Access Point");
    cim_set_uint(out, "EnabledState", is_enabled ? STATE_ENABLED_IDLE : STATE_DISABLED);
    cim_set_uint(out, "KVMProtocol", PROTOCOL_RFB);
    cim_set_uint(out, "RequestedState", is_enabled ? STATE_ENABLED : STATE_DISABLED);
    return CIM_OK;
}

static int invoke(size_t index, struct cim_call *call)
{
    (void)index;
    uint64_t state = cim_get_uint(call->in, "RequestedState", 0);
    if (state != STATE_ENABLED && state != STATE_DISABLED) {
        return provider_return(call, PT_STATUS_INVALID_PARAMETER);
    }
    struct redir_settings next = *redir_settings_get();
    next.kvm_enabled = state == STATE_ENABLED;
    if (next.kvm_enabled != redir_settings_get()->kvm_enabled &&
        provider_audit(call->caller,
                       next.kvm_enabled ? AUDIT_KVM_ENABLED : AUDIT_KVM_DISABLED,
                       span_of(NULL, 0)) != PT_STATUS_SUCCESS) {
        return provider_return(call, PT_STATUS_AUDIT_FAIL);
    }
    return provider_return(call, provider_kept(redir_settings_set(&next)));
}

const struct cim_provider kvm_sap_provider = {
    .class = &CIM_KVMRedirectionSAP_class, .read = read, .invoke = invoke};
