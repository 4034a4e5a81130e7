/* SPDX-License-Identifier: ISC */
/*
 * AMT_PublicKeyCertificate. A Put that changes nothing is accepted, as consoles write back what
 * they read; another certificate is added, not written over an old one.
 */
#include "audit/audit_event.h"
#include "base/err.h"
#include "cim/schema.h"
#include "crypto/x509.h"
#include "pki/pki.h"
#include "providers/pki_name.h"
#include "providers/provider.h"
#include "settings/tls_settings.h"

/* Own ones have the highest handles, so the others come first. */
static size_t count(void)
{
    size_t n = pki_certificate_count();
    while (n > 0 && pki_certificate_at(n - 1)->is_own) {
        n--;
    }
    return n;
}

static int read(size_t index, struct cim_bag *out)
{
    const struct pki_certificate *it = pki_certificate_at(index);
    static struct x509_info info;
    char name[PKI_NAME_CAP];
    if (it == NULL || it->is_own) {
        return CIM_ERR_NOT_FOUND;
    }
    if (x509_parse(it->der, &info) < 0) { /* it could be when it was added */
        return CIM_ERR_INTERNAL;
    }
    pki_name_of_certificate(it->handle, name);
    cim_set_text(out, "ElementName", "Intel(r) AMT Certificate");
    cim_set_text(out, "InstanceID", name);
    cim_set_text(out, "Issuer", info.issuer);
    cim_set_text(out, "Subject", info.subject);
    cim_set_boolean(out, "TrustedRootCertficate", it->is_trusted_root);
    cim_set_octets(out, "X509Certificate", it->der);
    return CIM_OK;
}

static int write(size_t index, const struct cim_bag *in)
{
    const struct pki_certificate *it = pki_certificate_at(index);
    const struct cim_value *der = cim_bag_get(in, "X509Certificate", 0);
    if (der != NULL && !span_equal(der->bytes, it->der)) {
        return CIM_ERR_UNSUPPORTED;
    }
    if (cim_get_boolean(in, "TrustedRootCertficate", it->is_trusted_root) !=
        it->is_trusted_root) {
        return CIM_ERR_UNSUPPORTED;
    }
    return CIM_OK;
}

/* Without any root nobody could log in where clients must show a certificate. */
static bool is_last_needed_root(const struct pki_certificate *it)
{
    size_t roots = 0;
    for (size_t i = 0; i < count(); i++) {
        roots += pki_certificate_at(i)->is_trusted_root ? 1 : 0;
    }
    return it->is_trusted_root && roots == 1 && tls_settings_get()->is_mutual;
}

static int remove_it(size_t index)
{
    const struct pki_certificate *it = pki_certificate_at(index);
    static struct x509_info info;
    struct span serial = span_of(NULL, 0);
    if (is_last_needed_root(it) || it->handle == pki_used_certificate()) {
        return CIM_ERR_INTERNAL;
    }
    if (x509_parse(it->der, &info) == 0) {
        serial = info.serial;
    }
    if (it->is_trusted_root && provider_audit(cim_writer(), AUDIT_TLS_ROOT_REMOVED,
                                              serial) != PT_STATUS_SUCCESS) {
        return CIM_ERR_AUDIT;
    }
    return pki_remove_certificate(it->handle) < 0 ? CIM_ERR_INTERNAL : CIM_OK;
}

const struct cim_provider pki_certificate_provider = {
    .class = &AMT_PublicKeyCertificate_class,
    .count = count,
    .read = read,
    .write = write,
    .remove = remove_it};
