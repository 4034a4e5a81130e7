/* SPDX-License-Identifier: ISC */
/*
 * Writing XML into an sbuf. Prefixes are single letters, as AMT uses them; there is no
 * white space between elements and an empty element is an open and a close tag
 * (wire-facts.md, section 3).
 */
#ifndef VAMT_XML_XML_WRITER_H
#define VAMT_XML_XML_WRITER_H

#include "base/sbuf.h"
#include "base/span.h"

/* <p:name> and </p:name>. */
void xml_write_start(struct sbuf *out, char prefix, const char *name);
void xml_write_end(struct sbuf *out, char prefix, const char *name);
/* Start with one attribute, its value escaped. */
void xml_write_start_with(struct sbuf *out, char prefix, const char *name,
                          const char *attribute, struct span value);
/* Character data: & < > and " escaped; control characters and what is no UTF-8
 * become '?'. */
void xml_write_text(struct sbuf *out, struct span text);
/* A whole element with text. */
void xml_write_element(struct sbuf *out, char prefix, const char *name, struct span text);

#endif
