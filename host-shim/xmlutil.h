/* SPDX-License-Identifier: ISC */
/* Reading domain XML with libxml2: children, paths, bounded copies. NULL nodes are fine
 * everywhere: they have no children, attributes or text. */
#ifndef VAMT_SHIM_XMLUTIL_H
#define VAMT_SHIM_XMLUTIL_H

#include <libxml/tree.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* NULL if it is not well-formed. No network, no external entities. xmlFreeDoc it. */
xmlDocPtr xmlutil_parse(const char *text, size_t len);
xmlNodePtr xmlutil_child(xmlNodePtr node, const char *name);
/* The next sibling of the same name. */
xmlNodePtr xmlutil_next(xmlNodePtr node);
/* "os/bios": the first child of each name. */
xmlNodePtr xmlutil_path(xmlNodePtr node, const char *path);
/* Copy, cut at a character boundary if too long. False (dst "") if absent. */
bool xmlutil_attr(xmlNodePtr node, const char *name, char *dst, size_t cap);
bool xmlutil_text(xmlNodePtr node, char *dst, size_t cap);
bool xmlutil_attr_is(xmlNodePtr node, const char *name, const char *value);
uint64_t xmlutil_attr_uint(xmlNodePtr node, const char *name, uint64_t otherwise);
/* Bounded copy of any UTF-8 text, cut at a character boundary. */
void xmlutil_copy(char *dst, size_t cap, const char *src);

#endif
