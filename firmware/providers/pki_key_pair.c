/* SPDX-License-Identifier: ISC */
/* AMT_PublicPrivateKeyPair: public parts only. The private part has no way out. */
#include "base/err.h"
#include "cim/schema.h"
#include "crypto/keypair.h"
#include "pki/pki.h"
#include "providers/pki_name.h"
#include "providers/provider.h"

static size_t count(void)
{
    size_t n = pki_key_count();
    while (n > 0 && pki_key_at(n - 1)->is_own) {
        n--;
    }
    return n;
}

static int read(size_t index, struct cim_bag *out)
{
    const struct pki_key *key = pki_key_at(index);
    char name[PKI_NAME_CAP];
    if (key == NULL || key->is_own) {
        return CIM_ERR_NOT_FOUND;
    }
    pki_name_of_key(key->handle, name);
    cim_set_octets(out, "DERKey", keypair_bare_public(key->public));
    cim_set_text(out, "ElementName", "Intel(r) AMT Key");
    cim_set_text(out, "InstanceID", name);
    return CIM_OK;
}

static int remove_it(size_t index)
{
    return pki_remove_key(pki_key_at(index)->handle) < 0 ? CIM_ERR_INTERNAL : CIM_OK;
}

const struct cim_provider pki_key_pair_provider = {
    .class = &AMT_PublicPrivateKeyPair_class,
    .count = count,
    .read = read,
    .remove = remove_it};
