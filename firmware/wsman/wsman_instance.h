/* SPDX-License-Identifier: ISC */
/* Instances, parameters and references between XML and typed values. */
#ifndef VAMT_WSMAN_WSMAN_INSTANCE_H
#define VAMT_WSMAN_WSMAN_INSTANCE_H

#include "base/sbuf.h"
#include "cim/cim_bag.h"
#include "wsman/wsman_fault.h"
#include "wsman/wsman_request.h"

/* Read the children of `node` as fields of the bag's class or method. SCHEMA fault for an
 * unknown field or a value that is not of its type. */
enum wsman_fault wsman_instance_read(struct wsman_request *request,
                                     const struct xml_node *node, struct cim_bag *bag);

/* Write the fields of a bag, properties in ASCII order and parameters in MOF order.
 * `prefix` is the class's, `common` that of the datetime namespace. */
void wsman_instance_write_fields(struct sbuf *out, const struct cim_bag *bag, char prefix,
                                 char common);
/* The same inside an element named after the class. */
void wsman_instance_write(struct sbuf *out, const struct cim_bag *bag, char prefix,
                          char common);
/* Address and ReferenceParameters of a path. */
void wsman_instance_write_reference(struct sbuf *out, const struct cim_path *path);

#endif
