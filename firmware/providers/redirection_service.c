/* SPDX-License-Identifier: ISC */
/* AMT_RedirectionService: switches for SOL, IDE-R and their listener. */
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

static bool set_state(uint64_t state)
{
    struct redir_settings *settings = redir_settings_get();
    if (state < STATE_BASE || state > STATE_LAST) {
        return false;
    }
    settings->ider_enabled = ((state - STATE_BASE) & STATE_IDER) != 0;
    settings->sol_enabled = ((state - STATE_BASE) & STATE_SOL) != 0;
    return true;
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
    struct redir_settings *settings = redir_settings_get();
    if (!set_state(cim_get_uint(in, "EnabledState", state_of(settings)))) {
        return CIM_ERR_REPRESENTATION;
    }
    provider_take_boolean(in, "ListenerEnabled", &settings->listener_enabled);
    return CIM_OK;
}

static int invoke(size_t index, struct cim_call *call)
{
    (void)index;
    if (provider_is(call, "RequestStateChange")) {
        bool is_set = set_state(cim_get_uint(call->in, "RequestedState", 0));
        return provider_return(call,
                               is_set ? PT_STATUS_SUCCESS : PT_STATUS_INVALID_PARAMETER);
    }
    return provider_return(call, PT_STATUS_UNSUPPORTED);
}

const struct cim_provider redirection_service_provider = {
    .class = &AMT_RedirectionService_class,
    .read = read,
    .write = write,
    .invoke = invoke};
