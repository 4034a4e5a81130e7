/* SPDX-License-Identifier: ISC */
/*
 * What a provider offers for one concrete class. It holds facts, not XML. NULL operations
 * are refused by the core. `instance of` declarations in MOF need no provider at all.
 */
#ifndef VAMT_CIM_CIM_PROVIDER_H
#define VAMT_CIM_CIM_PROVIDER_H

#include "cim/cim.h"

struct cim_provider {
    const struct cim_class *class;
    /* How many instances there are now; NULL: one. */
    size_t (*count)(void);
    /* Fill instance `index` (0 .. count-1). Returns 0 or a CIM_ERR_. NULL: the instances
     * are those declared in MOF, in that order (count is NULL too). */
    int (*read)(size_t index, struct cim_bag *out);
    /* Take the given properties (keys match already). Read-only ones are refused or
     * ignored as AMT does. */
    int (*write)(size_t index, const struct cim_bag *in);
    /* A Put may give other keys than the instance has: they do not help to select it. */
    bool can_move;
    /* Make an instance of what is given; its index. Returns 0 or a CIM_ERR_. */
    int (*create)(const struct cim_bag *in, size_t *index);
    int (*remove)(size_t index);
    /* Run call->method on instance `index`. Sets call->return_value and call->out and
     * returns CIM_OK, or returns CIM_PENDING and later calls call->done once. */
    int (*invoke)(size_t index, struct cim_call *call);
    /* Forget a pending call. */
    void (*cancel)(struct cim_call *call);
};

/* Every provider, in providers/registry.c: "who is registered" is answered there. */
extern const struct cim_provider *const registry_providers[];
extern const size_t registry_count;

#endif
