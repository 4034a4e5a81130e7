/* SPDX-License-Identifier: ISC */
/*
 * IPS_HostBasedSetupService: takes the device from unprovisioned into client or admin control
 * mode, and from client to admin. What counts as proof is in setup/setup_chain.h.
 */
#include "audit/audit.h"
#include "audit/audit_event.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/log.h"
#include "base/util.h"
#include "cim/schema.h"
#include "providers/provider.h"
#include "setup/setup.h"
#include "setup/setup_chain.h"

#define SERVICE_NAME "Intel(r) AMT Host Based Setup Service"

enum { ENCRYPTION_HA1 = 2, ALGORITHM_RSA_SHA256 = 2 };

static int read(size_t index, struct cim_bag *out)
{
    (void)index;
    provider_set_service(out, PROVIDER_AMT_SYSTEM, SERVICE_NAME);
    cim_set_uint(out, "AllowedControlModes", SETUP_MODE_ADMIN);
    if (setup_allows_client()) {
        cim_set_uint(out, "AllowedControlModes", SETUP_MODE_CLIENT);
    }
    cim_set_uint(out, "CertChainStatus", setup_chain_state());
    cim_set_octets(out, "ConfigurationNonce", setup_chain_nonce());
    cim_set_uint(out, "CurrentControlMode", setup_mode());
    return CIM_OK;
}

static struct span octets(const struct cim_bag *in, const char *name)
{
    const struct cim_value *value = cim_bag_get(in, name, 0);

    return value != NULL ? value->bytes : span_of(NULL, 0);
}

static void tell(const struct cim_call *call, uint16_t id)
{
    const struct audit_who who = {.user = call->caller->user, .peer = call->caller->peer};

    audit_tell(AUDIT_EVENT(id), &who, span_of(NULL, 0));
}

/* Of HA1 nothing can be told but that it is not the one of AMT's old default password. */
static bool is_default(const uint8_t ha1[ACCOUNT_HA1_LEN])
{
    uint8_t known[ACCOUNT_HA1_LEN];

    account_make_ha1(span_str("admin"), span_str("admin"), known);
    return bytes_equal_secret(ha1, known, sizeof(known));
}

static uint32_t take_ha1(const struct cim_bag *in, uint8_t ha1[ACCOUNT_HA1_LEN])
{
    struct span text = cim_get_text(in, "NetworkAdminPassword");
    uint64_t byte;

    if (cim_get_uint(in, "NetAdminPassEncryptionType", 0) != ENCRYPTION_HA1 ||
        text.len != 2 * ACCOUNT_HA1_LEN) {
        return PT_STATUS_INVALID_PARAMETER;
    }
    for (size_t i = 0; i < ACCOUNT_HA1_LEN; i++) {
        if (!span_hex_to_uint(span_slice(text, 2 * i, 2), UINT8_MAX, &byte)) {
            return PT_STATUS_INVALID_PARAMETER;
        }
        ha1[i] = (uint8_t)byte;
    }
    return is_default(ha1) ? PT_STATUS_INVALID_PASSWORD : PT_STATUS_SUCCESS;
}

static uint32_t status_of(int result)
{
    switch (result) {
    case 0:
        return PT_STATUS_SUCCESS;
    case ERR_INVALID:
        return PT_STATUS_INVALID_PARAMETER;
    case ERR_DENIED:
        return PT_STATUS_AUTHENTICATION_FAILED;
    case ERR_BUSY:
        return PT_STATUS_NOT_READY;
    default:
        return PT_STATUS_INTERNAL_ERROR;
    }
}

/* The chain must be there already, and the signature be the leaf's. */
static uint32_t prove(const struct cim_bag *in, struct setup_record *record)
{
    if (cim_get_uint(in, "SigningAlgorithm", 0) != ALGORITHM_RSA_SHA256) {
        return PT_STATUS_INVALID_PARAMETER;
    }
    return status_of(
        setup_chain_prove(octets(in, "McNonce"), octets(in, "DigitalSignature"), record));
}

/* A certificate is optional here. */
static uint32_t prove_client(const struct cim_bag *in, struct setup_record *record)
{
    struct span certificate = octets(in, "Certificate");

    *record = (struct setup_record){.kind = SETUP_RECORD_CLIENT};
    if (certificate.len == 0) {
        return PT_STATUS_SUCCESS;
    }
    if (cim_get_uint(in, "SigningAlgorithm", 0) != ALGORITHM_RSA_SHA256) {
        return PT_STATUS_INVALID_PARAMETER;
    }
    return status_of(setup_chain_prove_client(certificate, octets(in, "McNonce"),
                                              octets(in, "DigitalSignature"), record));
}

/* The device has changed hands already; a lost record does not undo that. */
static void keep(const struct setup_record *record)
{
    if (setup_record_add(record) < 0) {
        log_error("setup", "the provisioning record is lost");
    }
}

static uint32_t activate(struct cim_call *call, enum setup_mode mode,
                         const uint8_t ha1[ACCOUNT_HA1_LEN],
                         const struct setup_record *record)
{
    uint32_t status = provider_audit(call->caller, AUDIT_PROVISIONING_STARTED,
                                     span_of(NULL, 0));

    if (status != PT_STATUS_SUCCESS) {
        return status;
    }
    if (setup_activate(mode, ha1) < 0) {
        return PT_STATUS_INTERNAL_ERROR;
    }
    keep(record);
    tell(call, AUDIT_PROVISIONING_COMPLETED);
    return PT_STATUS_SUCCESS;
}

static uint32_t set_up(struct cim_call *call, enum setup_mode mode)
{
    static struct setup_record record;
    uint8_t ha1[ACCOUNT_HA1_LEN];
    uint32_t status;

    if (setup_state() != SETUP_PRE ||
        (mode == SETUP_MODE_CLIENT && !setup_allows_client())) {
        return PT_STATUS_NOT_PERMITTED;
    }
    status = take_ha1(call->in, ha1);
    if (status == PT_STATUS_SUCCESS) {
        status = mode == SETUP_MODE_CLIENT ? prove_client(call->in, &record)
                                           : prove(call->in, &record);
    }
    if (status == PT_STATUS_SUCCESS) {
        status = activate(call, mode, ha1, &record);
    }
    bytes_wipe(ha1, sizeof(ha1));
    return status;
}

static uint32_t set_up_client(struct cim_call *call)
{
    return set_up(call, SETUP_MODE_CLIENT);
}

static uint32_t set_up_admin(struct cim_call *call)
{
    return set_up(call, SETUP_MODE_ADMIN);
}

static uint32_t upgrade(struct cim_call *call)
{
    static struct setup_record record;
    uint32_t status;

    if (setup_mode() != SETUP_MODE_CLIENT) {
        return PT_STATUS_NOT_PERMITTED;
    }
    status = prove(call->in, &record);
    if (status == PT_STATUS_SUCCESS) {
        status = provider_audit(call->caller, AUDIT_UPGRADED_TO_ADMIN, span_of(NULL, 0));
    }
    if (status != PT_STATUS_SUCCESS) {
        return status;
    }
    if (setup_upgrade() < 0) {
        return PT_STATUS_INTERNAL_ERROR;
    }
    keep(&record);
    return PT_STATUS_SUCCESS;
}

static uint32_t add_certificate(struct cim_call *call)
{
    if (setup_mode() == SETUP_MODE_ADMIN) {
        return PT_STATUS_NOT_PERMITTED;
    }
    switch (setup_chain_add(octets(call->in, "NextCertificate"),
                            cim_get_boolean(call->in, "IsLeafCertificate", false),
                            cim_get_boolean(call->in, "IsRootCertificate", false))) {
    case 0:
        return PT_STATUS_SUCCESS;
    case ERR_INVALID:
        return PT_STATUS_INVALID_PARAMETER;
    case ERR_TOO_BIG:
        return PT_STATUS_MAX_LIMIT_REACHED;
    case ERR_BUSY:
        return PT_STATUS_NOT_READY;
    default:
        return PT_STATUS_INVALID_CERT;
    }
}

static uint32_t disable_client(struct cim_call *call)
{
    (void)call;
    if (setup_mode() != SETUP_MODE_ADMIN) {
        return PT_STATUS_NOT_PERMITTED;
    }
    return provider_kept(setup_disable_client());
}

static const struct provider_method methods[] = {
    {"AddNextCertInChain", add_certificate},
    {"AdminSetup", set_up_admin},
    {"DisableClientControlMode", disable_client},
    {"Setup", set_up_client},
    {"UpgradeClientToAdmin", upgrade},
};

static int invoke(size_t index, struct cim_call *call)
{
    (void)index;
    return provider_run(call, methods, UTIL_COUNT(methods));
}

const struct cim_provider host_based_setup_provider = {
    .class = &IPS_HostBasedSetupService_class, .read = read, .invoke = invoke};
