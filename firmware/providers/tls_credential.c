/* SPDX-License-Identifier: ISC */
/*
 * AMT_TLSCredentialContext: the certificate that TLS shows. There is an instance while a console
 * has chosen one; else the device shows its own. A Put changes the reference that is a key.
 */
#include "audit/audit_event.h"
#include "base/err.h"
#include "cim/schema.h"
#include "crypto/x509.h"
#include "pki/pki.h"
#include "providers/pki_name.h"
#include "providers/provider.h"

/* Consoles also write it without the first space. It is looked at by nobody. */
#define COLLECTION "TLSProtocolEndpoint Instances Collection"

static size_t count(void)
{
    return pki_used_certificate() != 0 ? 1 : 0;
}

static int read(size_t index, struct cim_bag *out)
{
    (void)index;
    if (pki_used_certificate() == 0) {
        return CIM_ERR_NOT_FOUND;
    }
    pki_name_set_certificate(out, "ElementInContext", pki_used_certificate());
    cim_set_path(out, "ElementProvidingContext", &AMT_TLSProtocolEndpointCollection_class,
                 "ElementName", COLLECTION, NULL);
    return CIM_OK;
}

static struct span serial_of(uint32_t handle)
{
    static struct x509_info info;
    const struct pki_certificate *it = pki_certificate_find(handle);
    return it != NULL && x509_parse(it->der, &info) == 0 ? info.serial : span_of(NULL, 0);
}

static int write(size_t index, const struct cim_bag *in)
{
    (void)index;
    const struct cim_value *value = cim_bag_get(in, "ElementInContext", 0);
    uint32_t handle = value != NULL ? pki_name_certificate(value->path) : 0;
    const struct pki_certificate *it = pki_certificate_find(handle);
    if (it == NULL || it->key == 0) {
        return CIM_ERR_REPRESENTATION;
    }
    if (provider_audit(cim_writer(), AUDIT_TLS_CERTIFICATE_SET, serial_of(handle)) !=
        PT_STATUS_SUCCESS) {
        return CIM_ERR_AUDIT;
    }
    return pki_use_certificate(handle) < 0 ? CIM_ERR_INTERNAL : CIM_OK;
}

static int create(const struct cim_bag *in, size_t *index)
{
    if (pki_used_certificate() != 0) {
        return CIM_ERR_EXISTS;
    }
    *index = 0;
    return write(0, in);
}

static int remove_it(size_t index)
{
    (void)index;
    if (provider_audit(cim_writer(), AUDIT_TLS_CERTIFICATE_REMOVED,
                       serial_of(pki_used_certificate())) != PT_STATUS_SUCCESS) {
        return CIM_ERR_AUDIT;
    }
    return pki_use_certificate(0) < 0 ? CIM_ERR_INTERNAL : CIM_OK;
}

const struct cim_provider tls_credential_provider = {
    .class = &AMT_TLSCredentialContext_class,
    .count = count,
    .read = read,
    .write = write,
    .can_move = true,
    .create = create,
    .remove = remove_it};
