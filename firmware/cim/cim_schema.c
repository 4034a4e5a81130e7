/* SPDX-License-Identifier: ISC */
/*
 * Looking up names in the schema tables. The tables are small and lookups few per
 * request, so a walk is enough; properties are sorted and could be bisected.
 */
#include "cim/cim_schema.h"

#include "base/util.h"

struct family {
    const char *name_prefix;
    const char *uri_prefix;
};

static const struct family families[] = {
    {"CIM_", "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/"},
    {"AMT_", "http://intel.com/wbem/wscim/1/amt-schema/1/"},
    {"IPS_", "http://intel.com/wbem/wscim/1/ips-schema/1/"},
};

const struct cim_class *cim_schema_find(struct span name)
{
    for (size_t i = 0; i < cim_schema_class_count; i++) {
        if (span_equal_str(name, cim_schema_classes[i]->name)) {
            return cim_schema_classes[i];
        }
    }
    return NULL;
}

const struct cim_field *cim_schema_property(const struct cim_class *class,
                                            struct span name)
{
    for (size_t i = 0; i < class->property_count; i++) {
        if (span_equal_str(name, class->properties[i]->name)) {
            return class->properties[i];
        }
    }
    return NULL;
}

const struct cim_method *cim_schema_method(const struct cim_class *class,
                                           struct span name)
{
    for (size_t i = 0; i < class->method_count; i++) {
        if (span_equal_str(name, class->methods[i]->name)) {
            return class->methods[i];
        }
    }
    return NULL;
}

const struct cim_field *cim_schema_parameter(const struct cim_method *method,
                                             struct span name)
{
    for (size_t i = 0; i < method->parameter_count; i++) {
        if (span_equal_str(name, method->parameters[i].name)) {
            return &method->parameters[i];
        }
    }
    return NULL;
}

bool cim_schema_is_a(const struct cim_class *class, const struct cim_class *base)
{
    while (class != NULL && class != base) {
        class = class->super;
    }
    return class != NULL;
}

static const struct family *family_of(struct span name)
{
    for (size_t i = 0; i < UTIL_COUNT(families); i++) {
        if (span_starts_with(name, families[i].name_prefix)) {
            return &families[i];
        }
    }
    return NULL;
}

const struct cim_class *cim_schema_from_uri(struct span uri)
{
    for (size_t i = 0; i < UTIL_COUNT(families); i++) {
        const char *prefix = families[i].uri_prefix;
        if (!span_starts_with(uri, prefix)) {
            continue;
        }
        struct span name = span_slice(uri, span_str(prefix).len, uri.len);
        return family_of(name) == &families[i] ? cim_schema_find(name) : NULL;
    }
    return NULL;
}

const char *cim_schema_uri_prefix(const struct cim_class *class)
{
    const struct family *family = family_of(span_str(class->name));
    return family != NULL ? family->uri_prefix : "";
}
