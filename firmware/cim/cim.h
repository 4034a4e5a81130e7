/* SPDX-License-Identifier: ISC */
/*
 * The CIM object manager: operations on instances, independent of the protocol that
 * asks. It does what is common to all classes (path matching, paging, checking input and
 * realms) and calls the provider of the class for the rest.
 */
#ifndef VAMT_CIM_CIM_H
#define VAMT_CIM_CIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cim/cim_bag.h"
#include "cim/cim_schema.h"

/* Results of operations; each has its fault in wsman/wsman_fault.c. */
enum {
    CIM_OK = 0,
    CIM_PENDING = 1,               /* invoke only: cim_call.done follows */
    CIM_ERR_NOT_FOUND = -101,      /* class not implemented, no instance, bad key */
    CIM_ERR_SELECTORS = -102,      /* no key of the class, twice the same, or too few */
    CIM_ERR_NO_METHOD = -103,      /* no such method */
    CIM_ERR_UNSUPPORTED = -104,    /* the class does not offer this operation */
    CIM_ERR_SCHEMA = -105,         /* input violates the schema */
    CIM_ERR_REPRESENTATION = -106, /* input lacks values */
    CIM_ERR_DENIED = -107,         /* the caller lacks the realm */
    CIM_ERR_QUOTA = -108,          /* too many objects, or all busy */
    CIM_ERR_EXISTS = -109,
    CIM_ERR_INTERNAL = -110, /* the provider failed, or an instance is too big */
    CIM_ERR_AUDIT = -111     /* must be recorded in the audit log and cannot be */
};

/* Who asks. */
struct cim_caller {
    const char *user;
    uint64_t realms; /* bit per AMT realm number */
    bool is_local;   /* through the host, not the network */
    const uint8_t
        *peer; /* 16 bytes, address of who asks; NULL: none. For the audit log */
};

/* One instance selected by class and any subset of its keys (also none, if exactly one
 * instance exists in the class and its subclasses). `__cimnamespace` is ignored. */
int cim_get(const struct cim_caller *caller, const struct cim_path *path,
            struct cim_bag *out);

/* Write an instance: `in` holds the given properties; keys among them select as those in
 * `path` do. On success `out` is as cim_get. Only concrete classes can be written. */
int cim_put(const struct cim_caller *caller, const struct cim_path *path,
            const struct cim_bag *in, struct cim_bag *out);

/* Make an instance: `in` holds its properties; selectors of `path` are not looked at. On success
 * `out` is the new instance. CIM_ERR_EXISTS. */
int cim_create(const struct cim_caller *caller, const struct cim_path *path,
               const struct cim_bag *in, struct cim_bag *out);
/* Take away the one instance that `path` names. `scratch` is overwritten. */
int cim_delete(const struct cim_caller *caller, const struct cim_path *path,
               struct cim_bag *scratch);

/* Who asks for what a provider's `write`, `create` or `remove` is carrying out; only there. */
const struct cim_caller *cim_writer(void);

/* Enumeration: a page is all instances of one concrete class (wire-facts.md, 5). */
struct cim_cursor {
    const struct cim_class *base; /* what is enumerated */
    const struct cim_class *page; /* class of the current page; NULL: empty set */
    size_t index;                 /* next instance in the page */
    uint64_t realms;              /* of the caller: pages closed to it are passed over */
};
/* Start at the first page with an instance. CIM_ERR_NOT_FOUND if neither the class nor a
 * subclass has a provider or declared instances; CIM_ERR_DENIED if all of them are closed
 * to the caller. */
int cim_enumerate(const struct cim_caller *caller, const struct cim_class *base,
                  struct cim_cursor *cursor);
/* Next instance of the current page into `out`: 1, 0 at the page's end, or an error. */
int cim_page_next(const struct cim_caller *caller, struct cim_cursor *cursor,
                  struct cim_bag *out);
/* Go to the next page with an instance: true, or false when this was the last. With
 * `peek` only tell. */
bool cim_cursor_advance(struct cim_cursor *cursor, bool peek);

/* A method call. The caller owns it and keeps it until it is done or cancelled. */
struct cim_call {
    const struct cim_caller *caller;
    /* Which instance; keys may be partial or absent. Valid until cim_invoke returns. */
    const struct cim_path *path;
    const struct cim_method *method;
    const struct cim_bag *in;
    struct cim_bag *out; /* output parameters, without ReturnValue */
    uint32_t return_value;
    void (*done)(struct cim_call *call); /* only after CIM_PENDING; from the event loop */
    void *context;                       /* of whoever made the call */
    const struct cim_provider *provider; /* set by cim_invoke */
};
/* CIM_OK (return_value and out are set), CIM_PENDING, or an error. Required parameters
 * that are absent, and unknown or repeated ones, give CIM_ERR_SCHEMA before a provider
 * sees the call. */
int cim_invoke(struct cim_call *call);
/* The asker has gone: the provider forgets the call; `done` will not be called. */
void cim_cancel(struct cim_call *call);

#endif
