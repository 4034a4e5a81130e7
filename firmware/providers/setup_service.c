/* SPDX-License-Identifier: ISC */
/*
 * AMT_SetupAndConfigurationService. The device is always set up, in admin control mode:
 * it is given to its owner by the host shim, so consoles cannot take it out of set-up.
 */
#include "cim/schema.h"
#include "host/host_model.h"
#include "providers/provider.h"

#define SERVICE_NAME "Intel(r) AMT Setup and Configuration Service"

enum { OTP_LEN = 32, UUID_LEN = 16 };
enum { MODE_ADMIN = 1, STATE_POST = 2, PASSWORDS_SEPARATE = 1 };
enum { ENABLED_NOT_APPLICABLE = 5, REQUESTED_NOT_APPLICABLE = 12 };

static int read(size_t index, struct cim_bag *out)
{
    static const uint8_t otp[OTP_LEN]; /* none */
    (void)index;
    provider_set_service(out, PROVIDER_AMT_SYSTEM, SERVICE_NAME);
    cim_set_uint(out, "EnabledState", ENABLED_NOT_APPLICABLE);
    cim_set_uint(out, "PasswordModel", PASSWORDS_SEPARATE);
    cim_set_uint(out, "ProvisioningMode", MODE_ADMIN);
    cim_set_octets(out, "ProvisioningServerOTP", span_of(otp, sizeof(otp)));
    cim_set_uint(out, "ProvisioningState", STATE_POST);
    cim_set_uint(out, "RequestedState", REQUESTED_NOT_APPLICABLE);
    cim_set_boolean(out, "ZeroTouchConfigurationEnabled", true);
    return CIM_OK;
}

/* The host's UUID as it lies in SMBIOS: the first three fields are little-endian. */
static uint32_t get_uuid(struct cim_bag *out)
{
    static const uint8_t order[UUID_LEN] = {3, 2, 1,  0,  5,  4,  7,  6,
                                            8, 9, 10, 11, 12, 13, 14, 15};
    const vamt_HostSnapshot *host = host_model();
    uint8_t uuid[UUID_LEN];
    _Static_assert(sizeof(host->inventory.uuid) == UUID_LEN, "size of a UUID");
    if (!host->has_inventory) {
        return PT_STATUS_NOT_READY;
    }
    for (size_t i = 0; i < UUID_LEN; i++) {
        uuid[i] = host->inventory.uuid[order[i]];
    }
    cim_set_octets(out, "UUID", span_of(uuid, sizeof(uuid)));
    return PT_STATUS_SUCCESS;
}

struct reply {
    const char *method;
    uint32_t status;
};

static const struct reply replies[] = {
    {"CommitChanges", PT_STATUS_SUCCESS}, /* changes take effect when they are made */
    {"GetUnprovisionBlockingComponents", PT_STATUS_SUCCESS}, /* none */
    {"ExtendProvisioningPeriod", PT_STATUS_INVALID_PROVISIONING_STATE},
    {"PartialUnprovision", PT_STATUS_NOT_PERMITTED},
    {"SetMEBxPassword", PT_STATUS_NOT_PERMITTED},
    {"Unprovision", PT_STATUS_NOT_PERMITTED},
};

static int invoke(size_t index, struct cim_call *call)
{
    (void)index;
    if (provider_is(call, "GetUuid")) {
        call->return_value = get_uuid(call->out);
        return CIM_OK;
    }
    for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
        if (provider_is(call, replies[i].method)) {
            call->return_value = replies[i].status;
            return CIM_OK;
        }
    }
    return provider_return(call, PT_STATUS_UNSUPPORTED); /* methods of CIM_Service */
}

const struct cim_provider setup_service_provider = {
    .class = &AMT_SetupAndConfigurationService_class, .read = read, .invoke = invoke};
