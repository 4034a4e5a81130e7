/* SPDX-License-Identifier: ISC */
/*
 * The heap that expat works in: one block of static memory, emptied after each document.
 * Blocks are carved off the front; only the last one can grow in place or be given back
 * early. An exhausted heap returns NULL, which expat reports as an ordinary error.
 */
#ifndef VAMT_XML_XML_HEAP_H
#define VAMT_XML_XML_HEAP_H

#include <stdbool.h>
#include <stddef.h>

void xml_heap_reset(void);
void *xml_heap_alloc(size_t len);
void *xml_heap_resize(void *block, size_t len);
void xml_heap_free(void *block);
/* The most that was ever in use at once, in bytes. */
size_t xml_heap_high_water(void);
/* Has an allocation failed since the last reset? */
bool xml_heap_has_failed(void);
/* For tests: let the n-th allocation from now fail (0: none). */
void xml_heap_fail_at(size_t n);

#endif
