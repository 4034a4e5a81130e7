/* SPDX-License-Identifier: ISC */
/*
 * A bag of typed values: the properties of one instance or the parameters of one call. It
 * holds its own copies of text, so it can outlive what it was filled from. Filling never
 * fails at once: a value too many sets `overflow`, which the core checks at the end.
 * Naming a field that the owner lacks, or giving it another type, is our own bug (panic):
 * input from a peer goes through cim_text.h, which checks.
 */
#ifndef VAMT_CIM_CIM_BAG_H
#define VAMT_CIM_CIM_BAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "cim/cim_schema.h"
#include "config.h"

struct cim_path;

enum cim_kind {
    CIM_KIND_BOOLEAN,
    CIM_KIND_UINT,
    CIM_KIND_SINT,
    CIM_KIND_TEXT,     /* UTF-8 */
    CIM_KIND_OCTETS,   /* raw bytes */
    CIM_KIND_DATETIME, /* sint: seconds since 1970 UTC */
    CIM_KIND_INTERVAL, /* uint: seconds */
    CIM_KIND_PATH      /* reference */
};

struct cim_value {
    uint8_t kind; /* enum cim_kind */
    union {
        bool boolean;
        uint64_t uint;
        int64_t sint;
        struct span bytes;           /* TEXT, OCTETS: points into the bag's text */
        const struct cim_path *path; /* points into the bag's text */
    };
};

struct cim_entry {
    const struct cim_field *field;
    struct cim_value value;
};

/* A key of an instance path. Text form as on the wire; a key that is itself a reference
 * has `path` instead. */
struct cim_selector {
    struct span name;
    struct span text;
    const struct cim_path *path; /* NULL unless the key is a reference */
};

/* Which instance: the class and some or all of its keys. */
struct cim_path {
    const struct cim_class *class; /* NULL: a reference to nothing we know */
    struct span uri;               /* as the peer wrote it; empty in paths of our own */
    struct cim_selector selectors[CONFIG_CIM_SELECTORS];
    size_t selector_count;
};

struct cim_bag {
    const struct cim_class *class;   /* instance; or */
    const struct cim_method *method; /* parameters */
    size_t count;
    size_t text_len;
    bool overflow;
    struct cim_entry entries[CONFIG_CIM_VALUES]; /* array elements: one entry each */
    /* Aligned for struct cim_path. */
    _Alignas(16) uint8_t text[CONFIG_CIM_TEXT_CAP];
};

void cim_bag_init_instance(struct cim_bag *bag, const struct cim_class *class);
/* For parameters; both directions use the method's parameter list. */
void cim_bag_init_call(struct cim_bag *bag, const struct cim_class *class,
                       const struct cim_method *method);

/* Set a field, or append to it if it is an array. NULL text sets nothing (a NULL property
 * is omitted on the wire); "" sets the empty string. */
void cim_set_boolean(struct cim_bag *bag, const char *name, bool value);
void cim_set_uint(struct cim_bag *bag, const char *name, uint64_t value);
void cim_set_sint(struct cim_bag *bag, const char *name, int64_t value);
void cim_set_text(struct cim_bag *bag, const char *name, const char *text);
void cim_set_span(struct cim_bag *bag, const char *name, struct span text);
void cim_set_octets(struct cim_bag *bag, const char *name, struct span octets);
void cim_set_datetime(struct cim_bag *bag, const char *name, int64_t unix_s);
void cim_set_interval(struct cim_bag *bag, const char *name, uint64_t seconds);
/* A reference: `class` and then pairs of key name and text, ended by NULL. */
void cim_set_path(struct cim_bag *bag, const char *name, const struct cim_class *class,
                  ...) __attribute__((sentinel));
/* A deep copy of a path. */
void cim_set_path_copy(struct cim_bag *bag, const char *name,
                       const struct cim_path *path);

/* Append a value to a field of the bag's owner; used by cim_text.c. Copies text. 0,
 * ERR_FULL, ERR_EXISTS (second value for a field that is no array). */
int cim_bag_add(struct cim_bag *bag, const struct cim_field *field,
                const struct cim_value *value);

/* The value of a field, or its `index`th element; NULL if it is not there. */
const struct cim_value *cim_bag_get(const struct cim_bag *bag, const char *name,
                                    size_t index);
size_t cim_bag_count(const struct cim_bag *bag, const char *name);
/* Conveniences with a default for an absent field. */
uint64_t cim_get_uint(const struct cim_bag *bag, const char *name, uint64_t otherwise);
bool cim_get_boolean(const struct cim_bag *bag, const char *name, bool otherwise);
struct span cim_get_text(const struct cim_bag *bag, const char *name);

/* The path of an instance: its class and all its keys. Text points into `scratch`, which
 * must outlive the path. ERR_FULL if scratch is too small. */
int cim_bag_path(const struct cim_bag *instance, struct cim_path *path,
                 struct cim_bag *scratch);

#endif
