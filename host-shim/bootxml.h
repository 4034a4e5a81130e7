/* SPDX-License-Identifier: ISC */
/* A modified copy of a domain's XML for one start from another device. */
#ifndef VAMT_SHIM_BOOTXML_H
#define VAMT_SHIM_BOOTXML_H

#include "host/hostlink.pb.h"

/* *out (free() it) boots from `device` first; what was configured follows as fall-back. A
 * kernel given in the XML (direct boot) is left out, because it would win. 0;
 * ERR_UNSUPPORTED: no such device, or device is none of NETWORK, DISK, CD; ERR_INVALID. */
int bootxml_override(const char *xml, vamt_BootDevice device, char **out);

#endif
