/* SPDX-License-Identifier: ISC */
/* wsmid:Identify (DSP0226, clause 11). */
#ifndef VAMT_WSMAN_WSMAN_IDENTIFY_H
#define VAMT_WSMAN_WSMAN_IDENTIFY_H

#include "base/sbuf.h"

/* Write the whole reply. */
void wsman_identify_write(struct sbuf *out);

#endif
