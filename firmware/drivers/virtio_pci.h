/* SPDX-License-Identifier: ISC */
/* virtio over PCI (virtio 1.2, clause 4.1), the modern interface only. */
#ifndef VAMT_DRIVERS_VIRTIO_PCI_H
#define VAMT_DRIVERS_VIRTIO_PCI_H

#include <stdbool.h>
#include <stdint.h>

#include "drivers/pci.h"
#include "drivers/virtio.h"

struct virtio_pci {
    struct virtio device;
    struct pci_function function;
    const struct pci_message *message;
    uintptr_t common;
    uintptr_t notify;
    uint32_t notify_len;
    uint32_t notify_step;
    uintptr_t config;
    uint32_t config_len;
};

/* Is this PCI identity a virtio device? For pci_bus_scan. */
bool virtio_pci_is_wanted(uint16_t vendor, uint16_t device);
/* What it is (clause 4.1.2.1), one of enum virtio_kind or any other number. */
unsigned virtio_pci_kind(const struct pci_function *function);

/* Find the device's registers and switch its messages on. `message` stays in use.
 * ERR_UNSUPPORTED if the device is not modern, or its capabilities point nowhere. */
int virtio_pci_open(struct virtio_pci *pci, const struct pci_function *function,
                    const struct pci_message *message) UTIL_MUST_CHECK;

#endif
