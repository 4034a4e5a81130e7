/* SPDX-License-Identifier: ISC */
/* The providers, one per file, and what they share. */
#ifndef VAMT_PROVIDERS_PROVIDER_H
#define VAMT_PROVIDERS_PROVIDER_H

#include "cim/cim_provider.h"

extern const struct cim_provider audit_log_service_provider;
extern const struct cim_provider audit_policy_rule_provider;
extern const struct cim_provider authorization_service_provider;
extern const struct cim_provider boot_config_provider;
extern const struct cim_provider boot_service_provider;
extern const struct cim_provider boot_setting_data_provider;
extern const struct cim_provider computer_system_provider;
extern const struct cim_provider element_setting_provider;
extern const struct cim_provider general_provider;
extern const struct cim_provider host_based_setup_provider;
extern const struct cim_provider kvm_sap_provider;
extern const struct cim_provider kvm_setting_data_provider;
extern const struct cim_provider opt_in_service_provider;
extern const struct cim_provider pki_capabilities_provider;
extern const struct cim_provider pki_certificate_provider;
extern const struct cim_provider pki_dependency_provider;
extern const struct cim_provider pki_key_pair_provider;
extern const struct cim_provider pki_service_provider;
extern const struct cim_provider power_package_provider;
extern const struct cim_provider power_service_provider;
extern const struct cim_provider power_state_provider;
extern const struct cim_provider processor_chip_provider;
extern const struct cim_provider processor_provider;
extern const struct cim_provider processor_realizes_provider;
extern const struct cim_provider provisioning_hash_provider;
extern const struct cim_provider provisioning_record_admin_provider;
extern const struct cim_provider provisioning_record_client_provider;
extern const struct cim_provider provisioning_record_dal_provider;
extern const struct cim_provider provisioning_record_log_provider;
extern const struct cim_provider provisioning_record_manual_provider;
extern const struct cim_provider provisioning_record_tls_provider;
extern const struct cim_provider redirection_service_provider;
extern const struct cim_provider setup_service_provider;
extern const struct cim_provider software_identity_provider;
extern const struct cim_provider tls_credential_provider;
extern const struct cim_provider tls_setting_data_provider;

/* Names of the two systems: keys of CIM_ComputerSystem and of what they own. */
#define PROVIDER_AMT_SYSTEM  "Intel(r) AMT"
#define PROVIDER_HOST_SYSTEM "ManagedSystem"

/* Return codes of methods. AMT_ and IPS_ methods return PT_STATUS; standard CIM methods
 * add PROVIDER_STANDARD to it, except for 0. */
enum {
    PT_STATUS_SUCCESS = 0,
    PT_STATUS_INTERNAL_ERROR = 1,
    PT_STATUS_NOT_READY = 2,
    PT_STATUS_INVALID_NAME = 12,
    PT_STATUS_NOT_PERMITTED = 16,
    PT_STATUS_BLOCK_LOCKED_BY_OTHER = 18,
    PT_STATUS_BLOCK_NOT_LOCKED = 19,
    PT_STATUS_MAX_LIMIT_REACHED = 23,
    PT_STATUS_AUTHENTICATION_FAILED = 25,
    PT_STATUS_INVALID_PROVISIONING_STATE = 32,
    PT_STATUS_INVALID_INDEX = 35,
    PT_STATUS_INVALID_PARAMETER = 36,
    PT_STATUS_FLASH_WRITE_LIMIT = 38,
    PT_STATUS_UNSUPPORTED_BOOT_OPTION = 2050,
    PT_STATUS_INVALID_HANDLE = 2053,
    PT_STATUS_INVALID_PASSWORD = 2054,
    PT_STATUS_INVALID_REALM = 2055,
    PT_STATUS_DATA_MISSING = 2057,
    PT_STATUS_DUPLICATE = 2058,
    PT_STATUS_PKI_MISSING_KEYS = 2060,
    PT_STATUS_INVALID_CERT = 2063,
    PT_STATUS_MAX_KERB_DOMAIN_REACHED = 2065,
    PT_STATUS_PKI_GENERATING_KEYS = 2061,
    PT_STATUS_INVALID_KEY = 2062,
    PT_STATUS_CERT_KEY_NOT_MATCH = 2064,
    PT_STATUS_UNSUPPORTED = 2066,
    PT_STATUS_AUDIT_FAIL = 2075,
    PT_STATUS_BLOCKING_COMPONENT = 2076,
    PT_STATUS_USER_CONSENT_REQUIRED = 2081,
    PT_STATUS_OPERATION_IN_PROGRESS = 2082,
    PROVIDER_STANDARD = 32768
};

/* End an invocation at once with a PT_STATUS of a standard CIM method. Returns CIM_OK. */
int provider_return(struct cim_call *call, uint32_t pt_status);
/* Keys and names of a service or access point: CreationClassName from the bag's class,
 * SystemName `system`, Name and ElementName `name`. */
void provider_set_service(struct cim_bag *out, const char *system, const char *name);
/* Is this the method's name? */
bool provider_is(const struct cim_call *call, const char *method);

/* A method that ends at once; it returns its ReturnValue. */
struct provider_method {
    const char *name;
    uint32_t (*run)(struct cim_call *call);
};
/* Run the one of them that is called; PT_STATUS_UNSUPPORTED if it is another, as those of
 * CIM_Service are. Returns CIM_OK. */
int provider_run(struct cim_call *call, const struct provider_method *methods,
                 size_t count);

/* What became of keeping a setting, from the result of store_write. */
uint32_t provider_kept(int result);

/* Before doing what AMT audits: note it (AUDIT_ number of audit_event.h). PT_STATUS_SUCCESS, or
 * PT_STATUS_AUDIT_FAIL: it must be recorded, cannot be, and so must not be done. */
uint32_t provider_audit(const struct cim_caller *caller, uint16_t id, struct span data);

/* Take a property into a setting if it is there. */
void provider_take_boolean(const struct cim_bag *in, const char *name, bool *setting);
uint64_t provider_take_uint(const struct cim_bag *in, const char *name, uint64_t setting);

#endif
