/* SPDX-License-Identifier: ISC */
/*
 * The bag: entries in the order in which they were added, and an arena for their text.
 * Entries of one array stay in order; nothing is ever taken out.
 */
#include "cim/cim_bag.h"

#include <stdarg.h>
#include <string.h>

#include "base/err.h"
#include "base/panic.h"

/* A reference whose key is a reference, whose key is plain: associations of associations
 * do not occur in the schema, so deeper nesting is refused. */
#define PATH_DEPTH 3
#define PATH_ALIGN 16u

void cim_bag_init_instance(struct cim_bag *bag, const struct cim_class *class)
{
    bag->class = class;
    bag->method = NULL;
    bag->count = 0;
    bag->text_len = 0;
    bag->overflow = false;
}

void cim_bag_init_call(struct cim_bag *bag, const struct cim_class *class,
                       const struct cim_method *method)
{
    cim_bag_init_instance(bag, class);
    bag->method = method;
}

static const struct cim_field *find_field(const struct cim_bag *bag, const char *name)
{
    const struct cim_field *field = bag->method != NULL
                                        ? cim_schema_parameter(bag->method,
                                                               span_str(name))
                                        : cim_schema_property(bag->class, span_str(name));
    if (field == NULL) {
        panic("%s has no field %s", bag->class->name, name);
    }
    return field;
}

/* Room of `len` bytes in the arena, or NULL. */
static uint8_t *take(struct cim_bag *bag, size_t len, size_t align)
{
    size_t at = (bag->text_len + align - 1) / align * align;
    if (at > sizeof(bag->text) || len > sizeof(bag->text) - at) {
        return NULL;
    }
    bag->text_len = at + len;
    return bag->text + at;
}

static bool copy_span(struct cim_bag *bag, struct span from, struct span *to)
{
    uint8_t *bytes = take(bag, from.len, 1);
    if (bytes == NULL) {
        return false;
    }
    if (from.len > 0) {
        memcpy(bytes, from.ptr, from.len);
    }
    *to = span_of(bytes, from.len);
    return true;
}

/* Recursion is bounded by `depth`. */
static const struct cim_path *copy_path(struct cim_bag *bag, const struct cim_path *from,
                                        unsigned depth)
{
    struct cim_path *to =
        depth > 0 ? (struct cim_path *)(void *)take(bag, sizeof(*to), PATH_ALIGN) : NULL;
    if (to == NULL) {
        return NULL;
    }
    memset(to, 0, sizeof(*to));
    to->class = from->class;
    if (!copy_span(bag, from->uri, &to->uri)) {
        return NULL;
    }
    for (size_t i = 0; i < from->selector_count; i++) {
        const struct cim_selector *old = &from->selectors[i];
        struct cim_selector *selector = &to->selectors[i];
        if (!copy_span(bag, old->name, &selector->name) ||
            !copy_span(bag, old->text, &selector->text)) {
            return NULL;
        }
        if (old->path != NULL) {
            selector->path = copy_path(bag, old->path, depth - 1);
            if (selector->path == NULL) {
                return NULL;
            }
        }
    }
    to->selector_count = from->selector_count;
    return to;
}

static bool kind_fits(const struct cim_field *field, uint8_t kind)
{
    switch (field->type) {
    case CIM_TYPE_BOOLEAN:
        return kind == CIM_KIND_BOOLEAN;
    case CIM_TYPE_UINT8:
    case CIM_TYPE_UINT16:
    case CIM_TYPE_UINT32:
    case CIM_TYPE_UINT64:
        return kind == CIM_KIND_UINT;
    case CIM_TYPE_SINT8:
    case CIM_TYPE_SINT16:
    case CIM_TYPE_SINT32:
    case CIM_TYPE_SINT64:
        return kind == CIM_KIND_SINT;
    case CIM_TYPE_STRING:
        return kind == CIM_KIND_TEXT;
    case CIM_TYPE_DATETIME:
        return kind == CIM_KIND_DATETIME || kind == CIM_KIND_INTERVAL;
    case CIM_TYPE_OCTETS:
        return kind == CIM_KIND_OCTETS;
    case CIM_TYPE_REFERENCE:
        return kind == CIM_KIND_PATH;
    default:
        return false;
    }
}

int cim_bag_add(struct cim_bag *bag, const struct cim_field *field,
                const struct cim_value *value)
{
    if (!kind_fits(field, value->kind)) {
        panic("%s.%s: value of kind %u", bag->class->name, field->name, value->kind);
    }
    bool is_repeated = false;
    for (size_t i = 0; i < bag->count; i++) {
        is_repeated = is_repeated || bag->entries[i].field == field;
    }
    if (is_repeated && (field->flags & CIM_FLAG_ARRAY) == 0) {
        return ERR_EXISTS;
    }
    struct cim_value copy = *value;
    bool is_copied = bag->count < CONFIG_CIM_VALUES;
    if (value->kind == CIM_KIND_TEXT || value->kind == CIM_KIND_OCTETS) {
        is_copied = is_copied && copy_span(bag, value->bytes, &copy.bytes);
    } else if (value->kind == CIM_KIND_PATH && is_copied) {
        copy.path = copy_path(bag, value->path, PATH_DEPTH);
        is_copied = copy.path != NULL;
    }
    if (!is_copied) {
        bag->overflow = true;
        return ERR_FULL;
    }
    bag->entries[bag->count].field = field;
    bag->entries[bag->count].value = copy;
    bag->count++;
    return 0;
}

static void set(struct cim_bag *bag, const char *name, struct cim_value value)
{
    if (cim_bag_add(bag, find_field(bag, name), &value) == ERR_EXISTS) {
        panic("%s.%s set twice", bag->class->name, name);
    }
}

void cim_set_boolean(struct cim_bag *bag, const char *name, bool value)
{
    set(bag, name, (struct cim_value){.kind = CIM_KIND_BOOLEAN, .boolean = value});
}

void cim_set_uint(struct cim_bag *bag, const char *name, uint64_t value)
{
    set(bag, name, (struct cim_value){.kind = CIM_KIND_UINT, .uint = value});
}

void cim_set_sint(struct cim_bag *bag, const char *name, int64_t value)
{
    set(bag, name, (struct cim_value){.kind = CIM_KIND_SINT, .sint = value});
}

void cim_set_text(struct cim_bag *bag, const char *name, const char *text)
{
    if (text != NULL) {
        cim_set_span(bag, name, span_str(text));
    }
}

void cim_set_span(struct cim_bag *bag, const char *name, struct span text)
{
    set(bag, name, (struct cim_value){.kind = CIM_KIND_TEXT, .bytes = text});
}

void cim_set_octets(struct cim_bag *bag, const char *name, struct span octets)
{
    set(bag, name, (struct cim_value){.kind = CIM_KIND_OCTETS, .bytes = octets});
}

void cim_set_datetime(struct cim_bag *bag, const char *name, int64_t unix_s)
{
    set(bag, name, (struct cim_value){.kind = CIM_KIND_DATETIME, .sint = unix_s});
}

void cim_set_interval(struct cim_bag *bag, const char *name, uint64_t seconds)
{
    set(bag, name, (struct cim_value){.kind = CIM_KIND_INTERVAL, .uint = seconds});
}

void cim_set_path_copy(struct cim_bag *bag, const char *name, const struct cim_path *path)
{
    set(bag, name, (struct cim_value){.kind = CIM_KIND_PATH, .path = path});
}

void cim_set_path(struct cim_bag *bag, const char *name, const struct cim_class *class,
                  ...)
{
    struct cim_path path = {.class = class};
    va_list args;
    va_start(args, class);
    const char *key = va_arg(args, const char *);
    while (key != NULL) {
        panic_unless(path.selector_count < CONFIG_CIM_SELECTORS);
        struct cim_selector *selector = &path.selectors[path.selector_count];
        selector->name = span_str(key);
        selector->text = span_str(va_arg(args, const char *));
        path.selector_count++;
        key = va_arg(args, const char *);
    }
    va_end(args);
    cim_set_path_copy(bag, name, &path);
}

const struct cim_value *cim_bag_get(const struct cim_bag *bag, const char *name,
                                    size_t index)
{
    const struct cim_field *field = find_field(bag, name);
    for (size_t i = 0; i < bag->count; i++) {
        if (bag->entries[i].field != field) {
            continue;
        }
        if (index == 0) {
            return &bag->entries[i].value;
        }
        index--;
    }
    return NULL;
}

size_t cim_bag_count(const struct cim_bag *bag, const char *name)
{
    const struct cim_field *field = find_field(bag, name);
    size_t count = 0;
    for (size_t i = 0; i < bag->count; i++) {
        count += bag->entries[i].field == field ? 1 : 0;
    }
    return count;
}

uint64_t cim_get_uint(const struct cim_bag *bag, const char *name, uint64_t otherwise)
{
    const struct cim_value *value = cim_bag_get(bag, name, 0);
    panic_unless(value == NULL || value->kind == CIM_KIND_UINT);
    return value != NULL ? value->uint : otherwise;
}

bool cim_get_boolean(const struct cim_bag *bag, const char *name, bool otherwise)
{
    const struct cim_value *value = cim_bag_get(bag, name, 0);
    panic_unless(value == NULL || value->kind == CIM_KIND_BOOLEAN);
    return value != NULL ? value->boolean : otherwise;
}

struct span cim_get_text(const struct cim_bag *bag, const char *name)
{
    const struct cim_value *value = cim_bag_get(bag, name, 0);
    panic_unless(value == NULL || value->kind == CIM_KIND_TEXT);
    return value != NULL ? value->bytes : span_of(NULL, 0);
}
