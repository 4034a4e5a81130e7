/* SPDX-License-Identifier: ISC */
#include "providers/pki_name.h"

#include "base/panic.h"
#include "base/sbuf.h"
#include "cim/cim_path.h"
#include "cim/schema.h"

#define KEY         "Intel(r) AMT Key: Handle: "
#define CERTIFICATE "Intel(r) AMT Certificate: Handle: "

static void put(char text[PKI_NAME_CAP], const char *prefix, uint32_t handle)
{
    struct sbuf out;
    sbuf_init(&out, text, PKI_NAME_CAP);
    sbuf_printf(&out, "%s%u", prefix, (unsigned)(handle - 1));
    panic_unless(sbuf_terminate(&out) == 0);
}

void pki_name_of_key(uint32_t handle, char text[PKI_NAME_CAP])
{
    put(text, KEY, handle);
}

void pki_name_of_certificate(uint32_t handle, char text[PKI_NAME_CAP])
{
    put(text, CERTIFICATE, handle);
}

static uint32_t handle_in(const struct cim_path *path, const struct cim_class *class,
                          const char *prefix)
{
    if (path == NULL || path->class == NULL || !cim_schema_is_a(class, path->class)) {
        return 0;
    }
    struct span name = span_trim(cim_path_key(path, "InstanceID"));
    uint64_t number;
    if (!span_starts_with(name, prefix) ||
        !span_to_uint(span_slice(name, span_str(prefix).len, name.len), INT32_MAX,
                      &number)) {
        return 0;
    }
    return (uint32_t)number + 1;
}

uint32_t pki_name_key(const struct cim_path *path)
{
    return handle_in(path, &AMT_PublicPrivateKeyPair_class, KEY);
}

uint32_t pki_name_certificate(const struct cim_path *path)
{
    return handle_in(path, &AMT_PublicKeyCertificate_class, CERTIFICATE);
}

void pki_name_set_key(struct cim_bag *bag, const char *field, uint32_t handle)
{
    char name[PKI_NAME_CAP];
    pki_name_of_key(handle, name);
    cim_set_path(bag, field, &AMT_PublicPrivateKeyPair_class, "InstanceID", name, NULL);
}

void pki_name_set_certificate(struct cim_bag *bag, const char *field, uint32_t handle)
{
    char name[PKI_NAME_CAP];
    pki_name_of_certificate(handle, name);
    cim_set_path(bag, field, &AMT_PublicKeyCertificate_class, "InstanceID", name, NULL);
}
