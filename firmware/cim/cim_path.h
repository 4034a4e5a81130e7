/* SPDX-License-Identifier: ISC */
/* Does an instance match a path? Keys are compared as text, references by their keys. */
#ifndef VAMT_CIM_CIM_PATH_H
#define VAMT_CIM_CIM_PATH_H

#include "cim/cim_bag.h"

/* Are the selectors of `path` keys of `class`, each at most once? `__cimnamespace` is not
 * looked at. CIM_OK or CIM_ERR_SELECTORS. */
int cim_path_check(const struct cim_path *path, const struct cim_class *class);
/* Do the keys that `path` gives have these values in `instance`? It may give none. */
bool cim_path_matches(const struct cim_path *path, const struct cim_bag *instance);
/* The same for keys among the properties of `keys`; it is of the class of `instance`. */
bool cim_path_same_keys(const struct cim_bag *keys, const struct cim_bag *instance);
/* Does a reference from a peer name the object that `object` names? The peer may give
 * fewer keys and a superclass. */
bool cim_path_refers(const struct cim_path *reference, const struct cim_path *object);
/* Value of a plain key in a path; empty if it is not there. */
struct span cim_path_key(const struct cim_path *path, const char *name);

#endif
