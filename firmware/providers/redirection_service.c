/* SPDX-License-Identifier: ISC */
/* AMT_RedirectionService: switches for SOL, IDE-R and their listener. */
#include "audit/audit_event.h"
#include "cim/schema.h"
#include "providers/provider.h"
#include "settings/redir_settings.h"

/* EnabledState and RequestedState: STATE_BASE plus one bit each. */
enum { STATE_BASE = 32768, STATE_IDER = 1, STATE_SOL = 2, STATE_LAST = 32771 };

static uint64_t state_of(const struct redir_settings *settings)
{
    return (uint64_t)STATE_BASE + (settings->ider_enabled ? STATE_IDER : 0) +
           (settings->sol_enabled ? STATE_SOL : 0);
}

static bool take_state(uint64_t state, struct redir_settings *settings)
{
    if (state < STATE_BASE || state > STATE_LAST) {
        return false;
    }
    settings->ider_enabled = ((state - STATE_BASE) & STATE_IDER) != 0;
    settings->sol_enabled = ((state - STATE_BASE) & STATE_SOL) != 0;
    return true;
}

/* Note what will be switched. False: one of it must not be done. */
static bool note(const struct cim_caller *caller, const struct redir_settings *next)
{
    const struct redir_settings *now = redir_settings_get();
    const struct span none = span_of(NULL, 0);
    uint32_t status = PT_STATUS_SUCCESS;
    if (next->ider_enabled != now->ider_enabled) {
        status = provider_audit(
            caller, next->ider_enabled ? AUDIT_IDER_ENABLED : AUDIT_IDER_DISABLED, none);
    }
    if (status == PT_STATUS_SUCCESS && next->sol_enabled != now->sol_enabled) {
        status = provider_audit(
            caller, next->sol_enabled ? AUDIT_SOL_ENABLED : AUDIT_SOL_DISABLED, none);
    }
    return status == PT_STATUS_SUCCESS;
}

static int read(size_t index, struct cim_bag *out)
{
    (void)index;
    provider_set_service(out, PROVIDER_AMT_SYSTEM, "Intel(r) AMT Redirection Service");
    cim_set_uint(out, "EnabledState", state_of(redir_settings_get()));
    cim_set_boolean(out, "ListenerEnabled", redir_settings_get()->listener_enabled);
    return CIM_OK;
}

static int write(size_t index, const struct cim_bag *in)
{
    (void)index;
    struct redir_settings next = *redir_settings_get();
    if (!take_state(cim_get_uint(in, "EnabledState", state_of(&next)), &next)) {
        return CIM_ERR_REPRESENTATION;
    }
    provider_take_boolean(in, "ListenerEnabled", &next.listener_enabled);
    if (!note(cim_writer(), &next)) {
        return CIM_ERR_AUDIT;
    }
    return redir_settings_set(&next) < 0 ? CIM_ERR_INTERNAL : CIM_OK;
}

static int invoke(size_t index, struct cim_call *call)
{
    (void)index;
    if (provider_is(call, "RequestStateChange")) {
        struct redir_settings next = *redir_settings_get();
        if (!take_state(cim_get_uint(call->in, "RequestedState", 0), &next)) {
            return provider_return(call, PT_STATUS_INVALID_PARAMETER);
        }
        if (!note(call->caller, &next)) {
            return provider_return(call, PT_STATUS_AUDIT_FAIL);
        }
        return provider_return(call, provider_kept(redir_settings_set(&next)));
    }
    return provider_return(call, PT_STATUS_UNSUPPORTED);
}

const struct cim_provider redirection_service_provider = {
    .class = &AMT_RedirectionService_class,
    .read = read,
    .write = write,
    .invoke = invoke};
