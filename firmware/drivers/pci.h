/* SPDX-License-Identifier: ISC */
/*
 * PCI functions: configuration space (mechanism 1, ports CF8/CFC), capabilities, base address
 * registers, MSI-X. Finding the functions is pci_bus.h.
 */
#ifndef VAMT_DRIVERS_PCI_H
#define VAMT_DRIVERS_PCI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"

enum {
    PCI_BAR_COUNT = 6,
    PCI_VENDOR = 0x00,
    PCI_DEVICE = 0x02,
    PCI_COMMAND = 0x04,
    PCI_CLASS = 0x0A, /* subclass, then class */
    PCI_HEADER_TYPE = 0x0E,
    PCI_BAR0 = 0x10,
    PCI_PRIMARY_BUS = 0x18,
    PCI_SECONDARY_BUS = 0x19,
    PCI_SUBORDINATE_BUS = 0x1A,
    PCI_MEMORY_BASE = 0x20,
    PCI_MEMORY_LIMIT = 0x22,
    PCI_PREFETCH_BASE = 0x24,
    PCI_PREFETCH_LIMIT = 0x26,

    PCI_COMMAND_MEMORY = 0x0002,
    PCI_COMMAND_MASTER = 0x0004,
    PCI_COMMAND_INTX_OFF = 0x0400,

    PCI_CAP_EXPRESS = 0x10,
    PCI_CAP_MSIX = 0x11,
    PCI_CAP_VENDOR = 0x09
};

/* A range of physical addresses that is handed out from below. */
struct pci_window {
    uint64_t next;
    uint64_t end;
};

struct pci_bar {
    uint64_t address; /* 0: none, an I/O register, or no room */
    uint64_t size;
};

struct pci_function {
    uint16_t where; /* bus << 8 | device << 3 | function */
    uint16_t vendor;
    uint16_t device;
    struct pci_bar bars[PCI_BAR_COUNT];
};

/* Interrupts by message: where the CPU takes them, and what to write for each kind. */
struct pci_message {
    uint32_t address;
    uint32_t work;                         /* data: a queue has used buffers */
    uint32_t config;                       /* data: the configuration changed */
    const volatile uint32_t *config_count; /* how many of those arrived */
};
enum { PCI_MESSAGE_WORK = 0, PCI_MESSAGE_CONFIG = 1 }; /* entries of the MSI-X table */

uint8_t pci_read8(uint16_t where, unsigned offset);
uint16_t pci_read16(uint16_t where, unsigned offset);
uint32_t pci_read32(uint16_t where, unsigned offset);
void pci_write8(uint16_t where, unsigned offset, uint8_t value);
void pci_write16(uint16_t where, unsigned offset, uint16_t value);
void pci_write32(uint16_t where, unsigned offset, uint32_t value);

/* Offset of the next capability with this id after the one at `after` (0: from the start).
 * 0 if there is none, also when the list is damaged or endless. */
unsigned pci_find_capability(uint16_t where, uint8_t id, unsigned after);

/* Give each memory BAR an address out of the window and switch the function on (memory, bus
 * master). I/O BARs stay off. ERR_FULL if the window is too small for one. */
int pci_assign(struct pci_function *function, struct pci_window *window) UTIL_MUST_CHECK;

/* Address of `len` bytes at `offset` of a BAR, or 0 if they do not lie inside it. */
uintptr_t pci_bar_range(const struct pci_function *function, unsigned bar,
                        uint64_t offset, uint64_t len);

/* Fill the first two entries of the MSI-X table (PCI_MESSAGE_…) and enable it.
 * ERR_UNSUPPORTED if the function has no table of at least two entries. */
int pci_enable_messages(const struct pci_function *function,
                        const struct pci_message *message) UTIL_MUST_CHECK;

#endif
