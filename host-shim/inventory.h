/* SPDX-License-Identifier: ISC */
/* Domain XML → the typed inventory of hostlink. Pure: no hypervisor is asked. */
#ifndef VAMT_SHIM_INVENTORY_H
#define VAMT_SHIM_INVENTORY_H

#include <stdint.h>

#include "host/hostlink.pb.h"
#include "virt.h"

enum { INVENTORY_SOURCE_CAP = 1024 };

struct inventory {
    vamt_Inventory facts; /* disk sizes are 0: the caller asks for them */
    /* Where each of facts.disks is stored: a path, or "pool/volume", or "". */
    char sources[16][INVENTORY_SOURCE_CAP];
    unsigned boot_mask; /* bit n: a device for vamt_BootDevice n exists */
};

/* The same shape for the XML of a running and of a shut off domain: what the XML leaves
 * open gets the default that QEMU and its SMBIOS would show. 0 or ERR_INVALID. */
int inventory_read(const char *xml, const struct virt_host *host, struct inventory *out);

#endif
