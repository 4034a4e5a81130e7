/* SPDX-License-Identifier: ISC */
/*
 * AMT_SetupAndConfigurationService: the state of set-up, and the way out of it. The way in is
 * host_based_setup.c.
 */
#include "audit/audit_event.h"
#include "audit/audit_lock.h"
#include "base/err.h"
#include "base/util.h"
#include "cim/schema.h"
#include "host/host_model.h"
#include "providers/provider.h"
#include "settings/tls_settings.h"
#include "setup/setup.h"
#include "setup/setup_chain.h"
#include "setup/setup_mebx.h"

#define SERVICE_NAME "Intel(r) AMT Setup and Configuration Service"

enum { OTP_LEN = 32, UUID_LEN = 16 };
enum { MODE_ADMIN = 1, MODE_CLIENT = 4, PASSWORDS_SEPARATE = 1 };
enum { ENABLED_NOT_APPLICABLE = 5, REQUESTED_NOT_APPLICABLE = 12 };
enum { MODE_ENTERPRISE = 1, MODE_SMALL_BUSINESS = 2 }; /* of Unprovision; 0: as it is */
enum { FROM_LOCAL_WSMAN = 3, FROM_REMOTE_WSMAN = 4 };  /* data of the audit event */
enum { COMPONENT_AUDIT_LOG = 1 };

static int read(size_t index, struct cim_bag *out)
{
    static const uint8_t otp[OTP_LEN]; /* none */
    (void)index;
    provider_set_service(out, PROVIDER_AMT_SYSTEM, SERVICE_NAME);
    cim_set_uint(out, "EnabledState", ENABLED_NOT_APPLICABLE);
    cim_set_uint(out, "PasswordModel", PASSWORDS_SEPARATE);
    cim_set_uint(out, "ProvisioningMode",
                 setup_mode() == SETUP_MODE_CLIENT ? MODE_CLIENT : MODE_ADMIN);
    cim_set_octets(out, "ProvisioningServerOTP", span_of(otp, sizeof(otp)));
    cim_set_uint(out, "ProvisioningState", setup_state());
    cim_set_uint(out, "RequestedState", REQUESTED_NOT_APPLICABLE);
    if (setup_chain_suffix()[0] != '\0') {
        cim_set_text(out, "TrustedDNSSuffix", setup_chain_suffix());
    }
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

static uint32_t uuid(struct cim_call *call)
{
    return get_uuid(call->out);
}

/* AMT_TLSSettingData is staged until now; all else took effect when it was written. */
static uint32_t commit(struct cim_call *call)
{
    (void)call;
    switch (tls_settings_commit()) {
    case 0:
        return PT_STATUS_SUCCESS;
    case ERR_INVALID:
        return PT_STATUS_DATA_MISSING;
    default:
        return PT_STATUS_INTERNAL_ERROR;
    }
}

static bool is_blocked(void)
{
    return audit_lock_is_held(AUDIT_LOCK_UNPROVISIONING);
}

static uint32_t blocking_components(struct cim_call *call)
{
    if (is_blocked()) {
        cim_set_uint(call->out, "Component", COMPONENT_AUDIT_LOG);
    }
    return PT_STATUS_SUCCESS;
}

static uint32_t leave(struct cim_call *call, bool is_full)
{
    const uint8_t from = call->caller->is_local ? FROM_LOCAL_WSMAN : FROM_REMOTE_WSMAN;
    uint32_t status;

    if (setup_state() != SETUP_POST) {
        return PT_STATUS_INVALID_PROVISIONING_STATE;
    }
    if (is_blocked()) {
        return PT_STATUS_BLOCKING_COMPONENT;
    }
    status = provider_audit(call->caller, AUDIT_UNPROVISIONING_STARTED,
                            span_of(&from, sizeof(from)));
    if (status != PT_STATUS_SUCCESS) {
        return status;
    }
    return setup_unprovision(is_full) < 0 ? PT_STATUS_INTERNAL_ERROR : PT_STATUS_SUCCESS;
}

/* To which mode it goes back does not matter: there is one for all. */
static uint32_t unprovision(struct cim_call *call)
{
    if (cim_get_uint(call->in, "ProvisioningMode", MODE_ENTERPRISE) >
        MODE_SMALL_BUSINESS) {
        return PT_STATUS_INVALID_PARAMETER;
    }
    return leave(call, true);
}

/* What stays would be of no use to client control mode. */
static uint32_t unprovision_partly(struct cim_call *call)
{
    if (setup_mode() == SETUP_MODE_CLIENT) {
        return PT_STATUS_NOT_PERMITTED;
    }
    return leave(call, false);
}

static uint32_t set_mebx_password(struct cim_call *call)
{
    if (setup_mode() != SETUP_MODE_ADMIN) {
        return PT_STATUS_NOT_PERMITTED;
    }
    switch (setup_mebx_set(cim_get_text(call->in, "Password"))) {
    case 0:
        return PT_STATUS_SUCCESS;
    case ERR_INVALID:
        return PT_STATUS_INVALID_PASSWORD;
    default:
        return PT_STATUS_INTERNAL_ERROR;
    }
}

/* Of remote configuration, which does not happen here. */
static uint32_t extend(struct cim_call *call)
{
    (void)call;
    return PT_STATUS_INVALID_PROVISIONING_STATE;
}

static const struct provider_method methods[] = {
    {"CommitChanges", commit},
    {"ExtendProvisioningPeriod", extend},
    {"GetUnprovisionBlockingComponents", blocking_components},
    {"GetUuid", uuid},
    {"PartialUnprovision", unprovision_partly},
    {"SetMEBxPassword", set_mebx_password},
    {"Unprovision", unprovision},
};

static int invoke(size_t index, struct cim_call *call)
{
    (void)index;
    return provider_run(call, methods, UTIL_COUNT(methods));
}

const struct cim_provider setup_service_provider = {
    .class = &AMT_SetupAndConfigurationService_class, .read = read, .invoke = invoke};
