/* SPDX-License-Identifier: ISC */
/* PCI functions in memory, behind the ports CF8/CFC: for tests of drivers/pci*.c. */
#ifndef VAMT_FAKE_PCI_H
#define VAMT_FAKE_PCI_H

#include <stdint.h>

#define FAKE_PCI_MAX 8

struct fake_pci {
    uint16_t where; /* for a function behind a bridge: its bus is the bridge's */
    int parent;     /* index of the bridge it is behind, or -1 for bus 0 */
    uint8_t config[256];
    uint32_t
        bar_mask[6]; /* address bits that can be set; 0: no BAR, config says the type */
};

extern struct fake_pci fake_pci[FAKE_PCI_MAX];
extern unsigned fake_pci_count;

void fake_pci_clear(void);
/* A new function; a bridge if header_type says so. */
struct fake_pci *fake_pci_add(int parent, uint16_t device_function, uint16_t vendor,
                              uint16_t device, uint8_t header_type);
void fake_pci_put16(struct fake_pci *f, unsigned offset, uint16_t value);
void fake_pci_put32(struct fake_pci *f, unsigned offset, uint32_t value);
uint16_t fake_pci_get16(const struct fake_pci *f, unsigned offset);
uint32_t fake_pci_get32(const struct fake_pci *f, unsigned offset);
/* A memory BAR of `size` bytes, 64 bits wide if `wide`. */
void fake_pci_bar(struct fake_pci *f, unsigned index, uint64_t size, int wide);
/* A capability at `offset`; `next` is the offset of the one after it. */
void fake_pci_capability(struct fake_pci *f, unsigned offset, uint8_t id, uint8_t next);

#endif
