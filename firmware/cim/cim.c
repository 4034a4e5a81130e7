/* SPDX-License-Identifier: ISC */
/* Get, put, create and delete: one instance by its path. */
#include "cim/cim.h"

#include "base/log.h"
#include "base/panic.h"
#include "cim/cim_source.h"

static const struct cim_caller *writer;

const struct cim_caller *cim_writer(void)
{
    panic_unless(writer != NULL);
    return writer;
}

int cim_get(const struct cim_caller *caller, const struct cim_path *path,
            struct cim_bag *out)
{
    const struct cim_class *class = NULL;
    size_t index = 0;
    int result = cim_source_find(caller, path, NULL, out, &class, &index);
    return result < 0 ? result : cim_source_read(class, index, out);
}

int cim_put(const struct cim_caller *caller, const struct cim_path *path,
            const struct cim_bag *in, struct cim_bag *out)
{
    const struct cim_class *class = NULL;
    size_t index = 0;
    if (path->class == NULL || !cim_source_exists(path->class)) {
        return CIM_ERR_NOT_FOUND;
    }
    if (in->class != path->class) {
        return CIM_ERR_SCHEMA;
    }
    if (in->overflow) {
        return CIM_ERR_QUOTA;
    }
    const struct cim_provider *provider = cim_source_provider(path->class);
    bool can_move = provider != NULL && provider->can_move;
    int result = cim_source_find(caller, path, can_move ? NULL : in, out, &class, &index);
    if (result < 0) {
        return result;
    }
    if (!cim_source_may_write(class, caller->realms)) {
        return CIM_ERR_DENIED;
    }
    provider = cim_source_provider(class);
    if (provider == NULL || provider->write == NULL) {
        return CIM_ERR_UNSUPPORTED;
    }
    writer = caller;
    result = provider->write(index, in);
    writer = NULL;
    if (result < 0) {
        return result;
    }
    log_info("cim", "%s changed %s", caller->user, class->name);
    return cim_source_read(class, index, out);
}

int cim_create(const struct cim_caller *caller, const struct cim_path *path,
               const struct cim_bag *in, struct cim_bag *out)
{
    const struct cim_class *class = path->class;
    if (class == NULL || !cim_source_exists(class)) {
        return CIM_ERR_NOT_FOUND;
    }
    if (!cim_source_may_write(class, caller->realms)) {
        return CIM_ERR_DENIED;
    }
    if (in->class != class) {
        return CIM_ERR_SCHEMA;
    }
    if (in->overflow) {
        return CIM_ERR_QUOTA;
    }
    const struct cim_provider *provider = cim_source_provider(class);
    if (provider == NULL || provider->create == NULL) {
        return CIM_ERR_UNSUPPORTED;
    }
    size_t index = 0;
    writer = caller;
    int result = provider->create(in, &index);
    writer = NULL;
    if (result < 0) {
        return result;
    }
    log_info("cim", "%s created an %s", caller->user, class->name);
    return cim_source_read(class, index, out);
}

int cim_delete(const struct cim_caller *caller, const struct cim_path *path,
               struct cim_bag *scratch)
{
    const struct cim_class *class = NULL;
    size_t index = 0;
    if (path->class != NULL && cim_source_exists(path->class)) {
        const struct cim_provider *own = cim_source_provider(path->class);
        if (own == NULL || own->remove == NULL) { /* whichever instance is meant */
            return CIM_ERR_UNSUPPORTED;
        }
    }
    int result = cim_source_find(caller, path, NULL, scratch, &class, &index);
    if (result < 0) {
        return result;
    }
    if (!cim_source_may_write(class, caller->realms)) {
        return CIM_ERR_DENIED;
    }
    const struct cim_provider *provider = cim_source_provider(class);
    if (provider == NULL || provider->remove == NULL) {
        return CIM_ERR_UNSUPPORTED;
    }
    writer = caller;
    result = provider->remove(index);
    writer = NULL;
    if (result < 0) {
        return result;
    }
    log_info("cim", "%s deleted an %s", caller->user, class->name);
    return CIM_OK;
}
