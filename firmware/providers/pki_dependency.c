/* SPDX-License-Identifier: ISC */
/* CIM_ConcreteDependency: which pair a certificate belongs to. */
#include "cim/schema.h"
#include "pki/pki.h"
#include "providers/pki_name.h"
#include "providers/provider.h"

/* The index-th certificate with a pair, or NULL; the number of them to *n. */
static const struct pki_certificate *find(size_t index, size_t *n)
{
    const struct pki_certificate *found = NULL;
    *n = 0;
    for (size_t i = 0; i < pki_certificate_count(); i++) {
        const struct pki_certificate *it = pki_certificate_at(i);
        if (it->is_own || it->key == 0) {
            continue;
        }
        if (*n == index) {
            found = it;
        }
        (*n)++;
    }
    return found;
}

static size_t count(void)
{
    size_t n;
    (void)find(0, &n);
    return n;
}

static int read(size_t index, struct cim_bag *out)
{
    size_t n;
    const struct pki_certificate *it = find(index, &n);
    if (it == NULL) {
        return CIM_ERR_NOT_FOUND;
    }
    pki_name_set_certificate(out, "Antecedent", it->handle);
    pki_name_set_key(out, "Dependent", it->key);
    return CIM_OK;
}

const struct cim_provider pki_dependency_provider = {
    .class = &CIM_ConcreteDependency_class, .count = count, .read = read};
