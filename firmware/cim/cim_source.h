/* SPDX-License-Identifier: ISC */
/* Where the instances of a concrete class come from: a provider, or MOF declarations. */
#ifndef VAMT_CIM_CIM_SOURCE_H
#define VAMT_CIM_CIM_SOURCE_H

#include "cim/cim_provider.h"

/* NULL if the class has none (it may have declared instances). */
const struct cim_provider *cim_source_provider(const struct cim_class *class);
/* Does somebody answer for this very class (not its subclasses)? */
bool cim_source_exists(const struct cim_class *class);
/* How many instances of this very class there are now. */
size_t cim_source_count(const struct cim_class *class);
/* Instance `index` into `out`. CIM_OK; CIM_ERR_NOT_FOUND when it has gone;
 * CIM_ERR_INTERNAL when it does not fit in a bag. */
int cim_source_read(const struct cim_class *class, size_t index, struct cim_bag *out);
/* May the caller see the class? */
bool cim_source_is_open(const struct cim_class *class, uint64_t realms);
/* May the caller put, create and delete its instances? */
bool cim_source_may_write(const struct cim_class *class, uint64_t realms);
/* May the caller call this method of an instance of the class? */
bool cim_source_may_call(const struct cim_class *class, const struct cim_method *method,
                         uint64_t realms);

/* The one instance that `path` names, among all classes derived from path->class that are
 * open to the caller; properties of `keys` that are keys must match too (NULL: none). Its
 * class and index. CIM_ERR_NOT_FOUND, CIM_ERR_SELECTORS, CIM_ERR_DENIED,
 * CIM_ERR_INTERNAL. `scratch` is overwritten. */
int cim_source_find(const struct cim_caller *caller, const struct cim_path *path,
                    const struct cim_bag *keys, struct cim_bag *scratch,
                    const struct cim_class **class, size_t *index);

#endif
