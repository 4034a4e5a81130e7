/* SPDX-License-Identifier: ISC */
/* IPS_OptInService: asks the machine's user for consent, and says when it is needed. */
#include "audit/audit.h"
#include "audit/audit_event.h"
#include "base/err.h"
#include "cim/schema.h"
#include "providers/provider.h"
#include "setup/consent.h"
#include "setup/setup.h"

#define SERVICE_NAME "Intel(r) AMT OptIn Service"

enum { CODE_MAX = 999999 };

/* Data of the events. */
enum { CODE_RIGHT = 0, CODE_WRONG = 1 };
enum { POLICY_NONE = 0, POLICY_KVM = 1, POLICY_ALL = 2 };

static int read(size_t index, struct cim_bag *out)
{
    struct consent_settings settings = consent_settings();

    (void)index;
    provider_set_service(out, PROVIDER_AMT_SYSTEM, SERVICE_NAME);
    cim_set_uint(out, "CanModifyOptInPolicy", setup_mode() == SETUP_MODE_ADMIN);
    cim_set_uint(out, "OptInCodeTimeout", settings.code_s);
    cim_set_uint(out, "OptInDisplayTimeout", settings.display_s);
    cim_set_uint(out, "OptInRequired", (uint32_t)settings.policy);
    cim_set_uint(out, "OptInState", consent_state());
    return CIM_OK;
}

static uint8_t policy_data(enum consent_policy policy)
{
    return policy == CONSENT_ALL   ? POLICY_ALL
           : policy == CONSENT_KVM ? POLICY_KVM
                                   : POLICY_NONE;
}

static int fault_of(int result)
{
    switch (result) {
    case 0:
        return CIM_OK;
    case ERR_DENIED:
        return CIM_ERR_DENIED;
    case ERR_INVALID:
        return CIM_ERR_REPRESENTATION;
    default:
        return CIM_ERR_INTERNAL;
    }
}

static int write(size_t index, const struct cim_bag *in)
{
    struct consent_settings old = consent_settings();
    struct consent_settings next;
    uint8_t data[2];
    int result;

    (void)index;
    next.policy = (enum consent_policy)provider_take_uint(in, "OptInRequired",
                                                          (uint32_t)old.policy);
    next.code_s = (uint32_t)provider_take_uint(in, "OptInCodeTimeout", old.code_s);
    next.display_s = (uint16_t)provider_take_uint(in, "OptInDisplayTimeout",
                                                  old.display_s);
    result = consent_check_settings(&next);
    if (result == 0 && next.policy != old.policy) {
        data[0] = policy_data(old.policy);
        data[1] = policy_data(next.policy);
        if (provider_audit(cim_writer(), AUDIT_OPT_IN_POLICY,
                           span_of(data, sizeof(data))) != PT_STATUS_SUCCESS) {
            return CIM_ERR_AUDIT;
        }
    }
    return fault_of(result == 0 ? consent_set_settings(&next) : result);
}

static void tell(const struct cim_call *call, uint16_t id, struct span data)
{
    const struct audit_who who = {.user = call->caller->user, .peer = call->caller->peer};

    audit_tell(AUDIT_EVENT(id), &who, data);
}

static uint32_t start(struct cim_call *call)
{
    switch (consent_request()) {
    case 0:
        return PT_STATUS_SUCCESS;
    case ERR_BUSY:
        return PT_STATUS_NOT_READY;
    case ERR_DENIED:
        tell(call, AUDIT_OPT_IN_BLOCKED, span_of(NULL, 0));
        return PT_STATUS_NOT_PERMITTED;
    case ERR_INVALID:
        return PT_STATUS_NOT_PERMITTED;
    default:
        return PT_STATUS_INTERNAL_ERROR;
    }
}

/* Consoles take 2066 for "that was not the code". */
static uint32_t send(struct cim_call *call)
{
    uint64_t code = cim_get_uint(call->in, "OptInCode", CODE_MAX + 1);
    uint8_t data = CODE_RIGHT;

    if (code > CODE_MAX) {
        return PT_STATUS_INVALID_PARAMETER;
    }
    switch (consent_answer((uint32_t)code)) {
    case 0:
        tell(call, AUDIT_OPT_IN_CODE, span_of(&data, 1));
        return PT_STATUS_SUCCESS;
    case ERR_INVALID:
        return PT_STATUS_NOT_READY;
    case ERR_CLOSED:
        data = CODE_WRONG;
        tell(call, AUDIT_OPT_IN_CODE, span_of(&data, 1));
        return PT_STATUS_UNSUPPORTED;
    default:
        return PT_STATUS_UNSUPPORTED;
    }
}

static int invoke(size_t index, struct cim_call *call)
{
    (void)index;
    if (provider_is(call, "StartOptIn")) {
        call->return_value = start(call);
    } else if (provider_is(call, "SendOptInCode")) {
        call->return_value = send(call);
    } else if (provider_is(call, "CancelOptIn")) {
        call->return_value = consent_cancel() < 0 ? PT_STATUS_NOT_READY
                                                  : PT_STATUS_SUCCESS;
    } else {
        return provider_return(call, PT_STATUS_UNSUPPORTED); /* of CIM_Service */
    }
    return CIM_OK;
}

const struct cim_provider opt_in_service_provider = {
    .class = &IPS_OptInService_class, .read = read, .write = write, .invoke = invoke};
