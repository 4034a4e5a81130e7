/* SPDX-License-Identifier: ISC */
/* AMT_ProvisioningCertificateHash: roots that may set this device up; the operator's list. */
#include "base/sbuf.h"
#include "cim/schema.h"
#include "providers/provider.h"
#include "setup/setup_hash.h"

enum { HASH_SHA256 = 2, ID_CAP = 48 };

static size_t count(void)
{
    return setup_hash_count();
}

static int read(size_t index, struct cim_bag *out)
{
    const struct setup_hash *hash = setup_hash_at(index);
    char text[ID_CAP];
    struct sbuf id;

    if (hash == NULL) {
        return CIM_ERR_NOT_FOUND;
    }
    sbuf_init(&id, text, sizeof(text));
    sbuf_printf(&id, "Intel(r) AMT Certificate Hash %u", (unsigned)index);
    cim_set_text(out, "Description", hash->name);
    cim_set_boolean(out, "Enabled", true);
    cim_set_octets(out, "HashData", span_of(hash->sha256, sizeof(hash->sha256)));
    cim_set_uint(out, "HashType", HASH_SHA256);
    cim_set_span(out, "InstanceID", sbuf_span(&id));
    cim_set_boolean(out, "IsDefault", true);
    return CIM_OK;
}

const struct cim_provider provisioning_hash_provider = {
    .class = &AMT_ProvisioningCertificateHash_class, .count = count, .read = read};
