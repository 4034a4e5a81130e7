/* SPDX-License-Identifier: ISC */
/*
 * Parsing of one XML document into a small tree, over expat with limits: bytes, depth,
 * elements, attributes and expat's heap are all bounded by config.h, and documents with a
 * DOCTYPE are refused, so there are no entities to expand.
 */
#ifndef VAMT_XML_XML_DOC_H
#define VAMT_XML_XML_DOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/util.h"

struct xml_attribute {
    struct span ns; /* empty: no namespace */
    struct span name;
    struct span value;
};

struct xml_node {
    struct span ns; /* namespace name; empty: none */
    struct span name;
    struct span text; /* character data of an element without child elements */
    const struct xml_attribute *attributes;
    size_t attribute_count;
    struct xml_node *parent;
    struct xml_node *child; /* first */
    struct xml_node *last_child;
    struct xml_node *next; /* sibling */
};

/* Once at boot. `salt`: random, against crafted hash collisions. */
void xml_doc_init(uint64_t salt);

/* Parse a whole document. There is one tree at a time: it is valid until the next call.
 * 0 and *root, ERR_INVALID (not well-formed, DOCTYPE), ERR_TOO_BIG (beyond a limit). */
int xml_doc_parse(struct span document, const struct xml_node **root) UTIL_MUST_CHECK;

bool xml_is(const struct xml_node *node, const char *ns, const char *name);
/* First child element of that name; NULL if there is none or `node` is NULL. */
const struct xml_node *xml_child(const struct xml_node *node, const char *ns,
                                 const char *name);
/* Next sibling of the same name, or NULL. */
const struct xml_node *xml_same_next(const struct xml_node *node);
/* Text of a child element without surrounding blanks; empty if it is absent. */
struct span xml_child_text(const struct xml_node *node, const char *ns, const char *name);
/* Attribute by local name in any namespace; NULL if absent. */
const struct xml_attribute *xml_attribute(const struct xml_node *node, const char *name);

#endif
