/* SPDX-License-Identifier: ISC */
/* Every provider. Classes with declared instances only (schema/ *.mof) need none. */
#include "base/util.h"
#include "providers/provider.h"

const struct cim_provider *const registry_providers[] = {
    /* clang-format off */
    &audit_log_service_provider,
    &audit_policy_rule_provider,
    &authorization_service_provider,
    &boot_config_provider,
    &boot_service_provider,
    &boot_setting_data_provider,
    &computer_system_provider,
    &element_setting_provider,
    &general_provider,
    &host_based_setup_provider,
    &kvm_sap_provider,
    &kvm_setting_data_provider,
    &opt_in_service_provider,
    &pki_capabilities_provider,
    &pki_certificate_provider,
    &pki_dependency_provider,
    &pki_key_pair_provider,
    &pki_service_provider,
    &power_package_provider,
    &power_service_provider,
    &power_state_provider,
    &processor_chip_provider,
    &processor_provider,
    &processor_realizes_provider,
    &provisioning_hash_provider,
    &provisioning_record_admin_provider,
    &provisioning_record_client_provider,
    &provisioning_record_dal_provider,
    &provisioning_record_log_provider,
    &provisioning_record_manual_provider,
    &provisioning_record_tls_provider,
    &redirection_service_provider,
    &setup_service_provider,
    &software_identity_provider,
    &tls_credential_provider,
    &tls_setting_data_provider,
    /* clang-format on */
};
const size_t registry_count = UTIL_COUNT(registry_providers);
