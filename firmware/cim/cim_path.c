/* SPDX-License-Identifier: ISC */
/*
 * Matching of paths. A reference that is a key holds a path of its own, which in turn may
 * (not in our schema, but in what a peer sends) hold another: comparison stops at DEPTH.
 */
#include "cim/cim_path.h"

#include "base/err.h"
#include "cim/cim.h"
#include "cim/cim_text.h"

#define DEPTH 3
/* The longest text of a key that is no string: a number or a date. */
#define KEY_TEXT_CAP       40
#define NAMESPACE_SELECTOR "__cimnamespace"

static bool is_namespace(const struct cim_selector *selector)
{
    return span_equal_str(selector->name, NAMESPACE_SELECTOR);
}

int cim_path_check(const struct cim_path *path, const struct cim_class *class)
{
    for (size_t i = 0; i < path->selector_count; i++) {
        const struct cim_selector *selector = &path->selectors[i];
        if (is_namespace(selector)) {
            continue;
        }
        const struct cim_field *field = cim_schema_property(class, selector->name);
        if (field == NULL || (field->flags & CIM_FLAG_KEY) == 0) {
            return CIM_ERR_SELECTORS;
        }
        if ((field->type == CIM_TYPE_REFERENCE) != (selector->path != NULL)) {
            return CIM_ERR_SELECTORS;
        }
        for (size_t j = 0; j < i; j++) {
            if (span_equal(path->selectors[j].name, selector->name)) {
                return CIM_ERR_SELECTORS;
            }
        }
    }
    return CIM_OK;
}

static const struct cim_selector *find_selector(const struct cim_path *path,
                                                struct span name)
{
    for (size_t i = 0; i < path->selector_count; i++) {
        if (span_equal(path->selectors[i].name, name)) {
            return &path->selectors[i];
        }
    }
    return NULL;
}

struct span cim_path_key(const struct cim_path *path, const char *name)
{
    const struct cim_selector *selector = find_selector(path, span_str(name));
    return selector != NULL ? selector->text : span_of(NULL, 0);
}

/* Recursion is bounded by `depth`. */
static bool refers(const struct cim_path *reference, const struct cim_path *object,
                   unsigned depth)
{
    if (depth == 0 || reference->class == NULL || object->class == NULL ||
        !cim_schema_is_a(object->class, reference->class)) {
        return false;
    }
    for (size_t i = 0; i < reference->selector_count; i++) {
        const struct cim_selector *asked = &reference->selectors[i];
        if (is_namespace(asked)) {
            continue;
        }
        const struct cim_selector *held = find_selector(object, asked->name);
        if (held == NULL || (held->path == NULL) != (asked->path == NULL)) {
            return false;
        }
        if (held->path != NULL ? !refers(asked->path, held->path, depth - 1)
                               : !span_equal(asked->text, held->text)) {
            return false;
        }
    }
    return true;
}

bool cim_path_refers(const struct cim_path *reference, const struct cim_path *object)
{
    return refers(reference, object, DEPTH);
}

static bool value_is(const struct cim_value *value, const struct cim_selector *selector)
{
    if (value->kind == CIM_KIND_PATH) {
        return selector->path != NULL && refers(selector->path, value->path, DEPTH);
    }
    if (value->kind == CIM_KIND_TEXT) {
        return span_equal(value->bytes, selector->text);
    }
    uint8_t buffer[KEY_TEXT_CAP];
    struct sbuf text;
    sbuf_init(&text, buffer, sizeof(buffer));
    cim_text_put(&text, value);
    return !text.overflow && span_equal(sbuf_span(&text), selector->text);
}

static const struct cim_value *find_value(const struct cim_bag *bag, struct span name)
{
    for (size_t i = 0; i < bag->count; i++) {
        if (span_equal_str(name, bag->entries[i].field->name)) {
            return &bag->entries[i].value;
        }
    }
    return NULL;
}

bool cim_path_matches(const struct cim_path *path, const struct cim_bag *instance)
{
    for (size_t i = 0; i < path->selector_count; i++) {
        const struct cim_selector *selector = &path->selectors[i];
        if (is_namespace(selector)) {
            continue;
        }
        const struct cim_value *value = find_value(instance, selector->name);
        if (value == NULL || !value_is(value, selector)) {
            return false;
        }
    }
    return true;
}

static bool values_equal(const struct cim_value *a, const struct cim_value *b)
{
    if (a->kind != b->kind) {
        return false;
    }
    switch (a->kind) {
    case CIM_KIND_BOOLEAN:
        return a->boolean == b->boolean;
    case CIM_KIND_TEXT:
    case CIM_KIND_OCTETS:
        return span_equal(a->bytes, b->bytes);
    case CIM_KIND_PATH:
        return refers(a->path, b->path, DEPTH);
    default:
        return a->uint == b->uint;
    }
}

bool cim_path_same_keys(const struct cim_bag *keys, const struct cim_bag *instance)
{
    for (size_t i = 0; i < keys->count; i++) {
        const struct cim_entry *entry = &keys->entries[i];
        if ((entry->field->flags & CIM_FLAG_KEY) == 0) {
            continue;
        }
        const struct cim_value *value = find_value(instance,
                                                   span_str(entry->field->name));
        if (value == NULL || !values_equal(&entry->value, value)) {
            return false;
        }
    }
    return true;
}

int cim_bag_path(const struct cim_bag *instance, struct cim_path *path,
                 struct cim_bag *scratch)
{
    cim_bag_init_instance(scratch, instance->class);
    path->class = instance->class;
    path->uri = span_of(NULL, 0);
    path->selector_count = 0;
    for (size_t i = 0; i < instance->class->property_count; i++) {
        const struct cim_field *field = instance->class->properties[i];
        const struct cim_value *value = find_value(instance, span_str(field->name));
        if ((field->flags & CIM_FLAG_KEY) == 0 || value == NULL) {
            continue;
        }
        if (path->selector_count == CONFIG_CIM_SELECTORS) {
            return ERR_FULL;
        }
        struct cim_selector *selector = &path->selectors[path->selector_count];
        selector->name = span_str(field->name);
        selector->text = span_of(NULL, 0);
        selector->path = NULL;
        if (value->kind == CIM_KIND_PATH || value->kind == CIM_KIND_TEXT) {
            int result = cim_bag_add(scratch, field, value);
            if (result < 0) {
                return result;
            }
            const struct cim_value *copy = &scratch->entries[scratch->count - 1].value;
            selector->path = value->kind == CIM_KIND_PATH ? copy->path : NULL;
            selector->text = value->kind == CIM_KIND_TEXT ? copy->bytes : selector->text;
        } else {
            struct sbuf text;
            sbuf_init(&text, scratch->text + scratch->text_len,
                      sizeof(scratch->text) - scratch->text_len);
            cim_text_put(&text, value);
            if (text.overflow) {
                return ERR_FULL;
            }
            selector->text = sbuf_span(&text);
            scratch->text_len += text.len;
        }
        path->selector_count++;
    }
    return 0;
}
