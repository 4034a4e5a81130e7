/* SPDX-License-Identifier: ISC */
/*
 * Values as text: how WS-CIM (DSP0230) writes each CIM type. Input is checked against the
 * field's type and range; this is where bytes from a peer become typed values.
 */
#ifndef VAMT_CIM_CIM_TEXT_H
#define VAMT_CIM_CIM_TEXT_H

#include "base/sbuf.h"
#include "base/span.h"
#include "cim/cim_bag.h"

/* Parse `text` for `field` and append it to `bag`. Not for REFERENCE and EMBEDDED. For
 * DATETIME, text is the content of common:Datetime or common:Interval (`is_interval`), or
 * a bare "0" (an interval of nothing). 0, ERR_INVALID (not of the type, out of range),
 * ERR_EXISTS, ERR_FULL. */
int cim_text_parse(struct cim_bag *bag, const struct cim_field *field, struct span text,
                   bool is_interval);
/* Unescaped text of a value (not PATH): decimal, true/false, base64, xs:dateTime,
 * xs:duration. */
void cim_text_put(struct sbuf *out, const struct cim_value *value);

#endif
