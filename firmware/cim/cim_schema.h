/* SPDX-License-Identifier: ISC */
/*
 * The shape of the schema tables that tools/mofc compiles from schema/<area>.mof (MOF,
 * DMTF DSP0004). Everything is const and lives in flash. Terms are DMTF's.
 */
#ifndef VAMT_CIM_CIM_SCHEMA_H
#define VAMT_CIM_CIM_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

enum cim_type {
    CIM_TYPE_BOOLEAN,
    CIM_TYPE_UINT8,
    CIM_TYPE_UINT16,
    CIM_TYPE_UINT32,
    CIM_TYPE_UINT64,
    CIM_TYPE_SINT8,
    CIM_TYPE_SINT16,
    CIM_TYPE_SINT32,
    CIM_TYPE_SINT64,
    CIM_TYPE_STRING,
    CIM_TYPE_DATETIME, /* on the wire a child common:Datetime or common:Interval */
    CIM_TYPE_OCTETS,   /* uint8[] with OctetString: one base64 element */
    CIM_TYPE_REFERENCE,
    CIM_TYPE_EMBEDDED /* instance of `target` inside the element */
};

enum {
    CIM_FLAG_KEY = 1 << 0,
    CIM_FLAG_ARRAY = 1 << 1,
    CIM_FLAG_REQUIRED = 1 << 2,
    CIM_FLAG_WRITABLE = 1 << 3,
    CIM_FLAG_IN = 1 << 4, /* parameters only */
    CIM_FLAG_OUT = 1 << 5
};

enum {
    CIM_CLASS_ABSTRACT = 1 << 0,
    CIM_CLASS_ASSOCIATION = 1 << 1,
    /* has a datetime property, own or inherited: declares the `common` prefix */
    CIM_CLASS_HAS_DATETIME = 1 << 2
};

/* A property of a class or a parameter of a method. */
struct cim_field {
    const char *name;
    const struct cim_class *target; /* REFERENCE, EMBEDDED: the class; else NULL */
    uint8_t type;                   /* enum cim_type */
    uint8_t flags;                  /* CIM_FLAG_ */
};

struct cim_method {
    const char *name;
    const struct cim_field *parameters; /* in MOF order; ReturnValue is not listed */
    uint8_t parameter_count;
    uint32_t realms; /* as those of a class; 0: as the class */
};

struct cim_class {
    const char *name;              /* "CIM_SoftwareIdentity" */
    const struct cim_class *super; /* NULL at the top */
    /* All properties, inherited ones too, in ASCII order: the order on the wire. */
    const struct cim_field *const *properties;
    const struct cim_method *const *methods; /* inherited ones too */
    uint16_t property_count;
    uint8_t method_count;
    uint8_t flags;   /* CIM_CLASS_ */
    uint32_t realms; /* bit per AMT realm; a caller needs one of them. 0: any caller */
    uint32_t write_realms; /* the same to put, create and delete. 0: as `realms` */
};

/* An instance declared in MOF. Text is as on the wire; a reference has `path` instead. */
struct cim_declared_key {
    const char *name;
    const char *text;
};
struct cim_declared_path {
    const struct cim_class *class;
    const struct cim_declared_key *keys;
    size_t key_count;
};
struct cim_declared_value {
    const struct cim_field *field;
    const char *text;
    const struct cim_declared_path *path;
};
struct cim_declared {
    const struct cim_class *class;
    const struct cim_declared_value *values; /* elements of an array: one each */
    size_t value_count;
};
/* In MOF order; ends with an empty one that is not counted. */
extern const struct cim_declared cim_schema_declared[];
extern const size_t cim_schema_declared_count;

/* All classes, superclasses before their subclasses, otherwise in MOF order (this is the
 * order of pages when a superclass is enumerated). Defined in the generated cim/schema.c;
 * cim/schema.h also declares each as `extern const struct cim_class
 * CIM_SoftwareIdentity_class` and so on. */
extern const struct cim_class *const cim_schema_classes[];
extern const size_t cim_schema_class_count;

/* NULL if the schema has no such class / property / method. Names match case. */
const struct cim_class *cim_schema_find(struct span name);
const struct cim_field *cim_schema_property(const struct cim_class *class,
                                            struct span name);
const struct cim_method *cim_schema_method(const struct cim_class *class,
                                           struct span name);
const struct cim_field *cim_schema_parameter(const struct cim_method *method,
                                             struct span name);
/* Is `class` the same as `base` or derived from it? */
bool cim_schema_is_a(const struct cim_class *class, const struct cim_class *base);

/* Class part of a resource URI (wire-facts.md, section 8): the prefix for AMT_, IPS_ or
 * CIM_ classes followed by the name. NULL if the schema lacks it or the prefix does not
 * fit the name. */
const struct cim_class *cim_schema_from_uri(struct span uri);
/* The URI prefix of a class, to be followed by class->name. */
const char *cim_schema_uri_prefix(const struct cim_class *class);

#endif
