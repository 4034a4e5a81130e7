/* SPDX-License-Identifier: ISC */
/*
 * Finds the PCI functions that a driver wants, on bus 0 and behind bridges (PCI Express root
 * ports, PCI bridges). The firmware is the first software to run: bus numbers and addresses
 * are given out here, bridges get a memory window around what lies behind them.
 */
#ifndef VAMT_DRIVERS_PCI_BUS_H
#define VAMT_DRIVERS_PCI_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "drivers/pci.h"

enum { PCI_BUS_FOUND_MAX = 8, PCI_BUS_DEPTH_MAX = 4, PCI_BUS_NUMBER_MAX = 63 };

struct pci_bus_scan {
    /* In: */
    struct pci_window window;
    bool (*is_wanted)(uint16_t vendor, uint16_t device);
    /* Out: the wanted functions, switched on. */
    struct pci_function found[PCI_BUS_FOUND_MAX];
    size_t found_count;
    size_t skipped; /* wanted, but no room in `found` or in the window */
};

void pci_bus_scan(struct pci_bus_scan *scan);

#endif
