/* SPDX-License-Identifier: ISC */
/* AMT_PublicKeyManagementCapabilities: how much of all that there is room for. */
#include "cim/schema.h"
#include "config.h"
#include "crypto/x509.h"
#include "providers/provider.h"
#include "settings/tls_settings.h"

static int read(size_t index, struct cim_bag *out)
{
    (void)index;
    cim_set_text(out, "InstanceID", "Intel(r) AMT: Public Key Management Capabilities 0");
    cim_set_text(out, "ElementName", "Intel(r) AMT: Public Key Management Capabilities");
    cim_set_uint(out, "MaximumCRLSize", CONFIG_PKI_REVOKED);
    cim_set_uint(out, "RootCertMaxSize", CONFIG_PKI_CERTIFICATE_CAP);
    cim_set_uint(out, "RootCertMaxCount", CONFIG_PKI_CERTIFICATES);
    cim_set_uint(out, "CommonNameMaxSize", TLS_SETTINGS_NAME_CAP - 1);
    cim_set_uint(out, "CommonNameMaxCount", TLS_SETTINGS_NAMES);
    cim_set_uint(out, "CertChainMaxSize", CONFIG_PKI_CERTIFICATE_CAP);
    cim_set_uint(out, "SupportedKeyLengths", 2048);
    cim_set_uint(out, "SupportedKeyLengths", 3072);
    cim_set_uint(out, "SupportedKeyLengths", 4096);
    return CIM_OK;
}

const struct cim_provider pki_capabilities_provider = {
    .class = &AMT_PublicKeyManagementCapabilities_class, .read = read};
