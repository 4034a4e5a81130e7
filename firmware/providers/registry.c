/* SPDX-License-Identifier: ISC */
/* Every provider. Classes with declared instances only (schema/ *.mof) need none. */
#include "base/util.h"
#include "providers/provider.h"

const struct cim_provider *const registry_providers[] = {
    &boot_config_provider,
    &boot_service_provider,
    &boot_setting_data_provider,
    &computer_system_provider,
    &element_setting_provider,
    &general_provider,
    &kvm_sap_provider,
    &kvm_setting_data_provider,
    &power_package_provider,
    &power_service_provider,
    &power_state_provider,
    &processor_provider,
    &processor_chip_provider,
    &processor_realizes_provider,
    &redirection_service_provider,
    &setup_service_provider,
    &software_identity_provider,
};
const size_t registry_count = UTIL_COUNT(registry_providers);
