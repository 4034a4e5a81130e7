/* SPDX-License-Identifier: ISC */
/* Get and put: one instance by its path. */
#include "cim/cim.h"

#include "base/log.h"
#include "cim/cim_source.h"

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
    int result = cim_source_find(caller, path, in, out, &class, &index);
    if (result < 0) {
        return result;
    }
    const struct cim_provider *provider = cim_source_provider(class);
    if (provider == NULL || provider->write == NULL) {
        return CIM_ERR_UNSUPPORTED;
    }
    result = provider->write(index, in);
    if (result < 0) {
        return result;
    }
    log_info("cim", "%s changed %s", caller->user, class->name);
    return cim_source_read(class, index, out);
}
