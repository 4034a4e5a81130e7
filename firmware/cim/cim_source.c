/* SPDX-License-Identifier: ISC */
/*
 * Instances, wherever they come from. A provider without `read` serves the declared ones
 * and adds methods or writing to them.
 */
#include "cim/cim_source.h"

#include "base/log.h"
#include "base/panic.h"
#include "cim/cim_path.h"
#include "cim/cim_text.h"

const struct cim_provider *cim_source_provider(const struct cim_class *class)
{
    for (size_t i = 0; i < registry_count; i++) {
        if (registry_providers[i]->class == class) {
            return registry_providers[i];
        }
    }
    return NULL;
}

static const struct cim_declared *find_declared(const struct cim_class *class,
                                                size_t index)
{
    for (size_t i = 0; i < cim_schema_declared_count; i++) {
        const struct cim_declared *declared = &cim_schema_declared[i];
        if (declared->class != class) {
            continue;
        }
        if (index == 0) {
            return declared;
        }
        index--;
    }
    return NULL;
}

bool cim_source_exists(const struct cim_class *class)
{
    return cim_source_provider(class) != NULL || find_declared(class, 0) != NULL;
}

size_t cim_source_count(const struct cim_class *class)
{
    const struct cim_provider *provider = cim_source_provider(class);
    if (provider != NULL && provider->read != NULL) {
        return provider->count != NULL ? provider->count() : 1;
    }
    size_t count = 0;
    while (find_declared(class, count) != NULL) {
        count++;
    }
    return count;
}

static void read_path(struct cim_bag *out, const struct cim_declared_value *value)
{
    struct cim_path path = {.class = value->path->class};
    panic_unless(value->path->key_count <= CONFIG_CIM_SELECTORS);
    for (size_t i = 0; i < value->path->key_count; i++) {
        path.selectors[i].name = span_str(value->path->keys[i].name);
        path.selectors[i].text = span_str(value->path->keys[i].text);
    }
    path.selector_count = value->path->key_count;
    cim_set_path_copy(out, value->field->name, &path);
}

/* mofc has checked every text, so only room can lack. */
static void read_declared(const struct cim_declared *declared, struct cim_bag *out)
{
    for (size_t i = 0; i < declared->value_count; i++) {
        const struct cim_declared_value *value = &declared->values[i];
        if (value->path != NULL) {
            read_path(out, value);
            continue;
        }
        struct span text = span_str(value->text);
        bool is_interval = value->field->type == CIM_TYPE_DATETIME &&
                           span_starts_with(text, "P");
        if (cim_text_parse(out, value->field, text, is_interval) < 0) {
            out->overflow = true;
        }
    }
}

int cim_source_read(const struct cim_class *class, size_t index, struct cim_bag *out)
{
    const struct cim_provider *provider = cim_source_provider(class);
    cim_bag_init_instance(out, class);
    if (provider != NULL && provider->read != NULL) {
        int result = provider->read(index, out);
        if (result < 0) {
            return result;
        }
    } else {
        const struct cim_declared *declared = find_declared(class, index);
        if (declared == NULL) {
            return CIM_ERR_NOT_FOUND;
        }
        read_declared(declared, out);
    }
    if (out->overflow) {
        log_error("cim", "instance %u of %s is too big", (unsigned)index, class->name);
        return CIM_ERR_INTERNAL;
    }
    return CIM_OK;
}

bool cim_source_is_open(const struct cim_class *class, uint64_t realms)
{
    return class->realms == 0 || (class->realms & realms) != 0;
}

bool cim_source_may_write(const struct cim_class *class, uint64_t realms)
{
    return cim_source_is_open(class, realms) &&
           (class->write_realms == 0 || (class->write_realms & realms) != 0);
}

bool cim_source_may_call(const struct cim_class *class, const struct cim_method *method,
                         uint64_t realms)
{
    /* The class of the instance may have made it narrower than the one that was asked. */
    const struct cim_method *own = cim_schema_method(class, span_str(method->name));
    uint32_t needed = own != NULL ? own->realms : method->realms;
    return cim_source_is_open(class, realms) && (needed == 0 || (needed & realms) != 0);
}

/* State of a search over the classes. */
struct search {
    const struct cim_path *path;
    const struct cim_bag *keys;
    struct cim_bag *scratch;
    const struct cim_class *class; /* of the last match */
    size_t index;
    size_t match_count;
    int failure; /* a provider's error */
};

static void search_class(struct search *search, const struct cim_class *class)
{
    size_t count = cim_source_count(class);
    for (size_t i = 0; i < count; i++) {
        int result = cim_source_read(class, i, search->scratch);
        if (result < 0) {
            search->failure = result;
            continue;
        }
        if (cim_path_matches(search->path, search->scratch) &&
            (search->keys == NULL || cim_path_same_keys(search->keys, search->scratch))) {
            search->class = class;
            search->index = i;
            search->match_count++;
        }
    }
}

int cim_source_find(const struct cim_caller *caller, const struct cim_path *path,
                    const struct cim_bag *keys, struct cim_bag *scratch,
                    const struct cim_class **class, size_t *index)
{
    struct search search = {.path = path, .keys = keys, .scratch = scratch};
    bool has_denied = false;
    bool has_misfit = false;
    for (size_t i = 0; path->class != NULL && i < cim_schema_class_count; i++) {
        const struct cim_class *candidate = cim_schema_classes[i];
        if (!cim_schema_is_a(candidate, path->class) || !cim_source_exists(candidate)) {
            continue;
        }
        if (!cim_source_is_open(candidate, caller->realms)) {
            has_denied = true;
        } else if (cim_path_check(path, candidate) != CIM_OK) {
            has_misfit = true;
        } else {
            search_class(&search, candidate);
        }
    }
    if (search.match_count == 1) {
        *class = search.class;
        *index = search.index;
        return CIM_OK;
    }
    if (search.match_count > 1) {
        return CIM_ERR_SELECTORS;
    }
    if (search.failure != CIM_OK) {
        return search.failure;
    }
    return has_denied   ? CIM_ERR_DENIED
           : has_misfit ? CIM_ERR_SELECTORS
                        : CIM_ERR_NOT_FOUND;
}
