/* SPDX-License-Identifier: ISC */
/* PCI Local Bus 3.0: clause 3.2.2.3.2 (mechanism 1), 6.2.5 (BARs), 6.7 (capabilities), 6.8.2
 * (MSI-X). */
#include "drivers/pci.h"

#include "base/err.h"
#include "hal/cpu.h"

enum {
    PORT_ADDRESS = 0xCF8,
    PORT_DATA = 0xCFC,

    STATUS = 0x06,
    STATUS_CAPABILITIES = 0x0010,
    CAPABILITIES = 0x34,
    CAPABILITIES_FIRST = 0x40, /* lowest offset that a capability can have */
    CAPABILITIES_MAX = 48,     /* as many as fit: bounds a looping list */

    BAR_IO = 0x1,
    BAR_TYPE_MASK = 0x6,
    BAR_TYPE_64 = 0x4,

    MSIX_CONTROL = 2,
    MSIX_TABLE = 4,
    MSIX_SIZE_MASK = 0x07FF,
    MSIX_ENABLE = 0x8000,
    MSIX_ENTRY_SIZE = 16,
    MSIX_ENTRIES = 2
};
static const uint32_t ADDRESS_ENABLE = 0x80000000;
static const uint32_t BAR_FLAGS = 0xF;

static void select(uint16_t where, unsigned offset)
{
    cpu_port_write32(PORT_ADDRESS,
                     ADDRESS_ENABLE | (uint32_t)where << 8 | (offset & 0xFC));
}

uint8_t pci_read8(uint16_t where, unsigned offset)
{
    select(where, offset);
    return cpu_port_read8((uint16_t)(PORT_DATA + (offset & 3)));
}

uint16_t pci_read16(uint16_t where, unsigned offset)
{
    select(where, offset);
    return cpu_port_read16((uint16_t)(PORT_DATA + (offset & 2)));
}

uint32_t pci_read32(uint16_t where, unsigned offset)
{
    select(where, offset);
    return cpu_port_read32(PORT_DATA);
}

void pci_write8(uint16_t where, unsigned offset, uint8_t value)
{
    select(where, offset);
    cpu_port_write8((uint16_t)(PORT_DATA + (offset & 3)), value);
}

void pci_write16(uint16_t where, unsigned offset, uint16_t value)
{
    select(where, offset);
    cpu_port_write16((uint16_t)(PORT_DATA + (offset & 2)), value);
}

void pci_write32(uint16_t where, unsigned offset, uint32_t value)
{
    select(where, offset);
    cpu_port_write32(PORT_DATA, value);
}

unsigned pci_find_capability(uint16_t where, uint8_t id, unsigned after)
{
    unsigned offset;

    if ((pci_read16(where, STATUS) & STATUS_CAPABILITIES) == 0) {
        return 0;
    }
    offset = pci_read8(where, after == 0 ? CAPABILITIES : after + 1) & 0xFCu;
    for (int i = 0; i < CAPABILITIES_MAX && offset >= CAPABILITIES_FIRST; i++) {
        uint16_t header = pci_read16(where, offset);

        if ((uint8_t)header == id) {
            return offset;
        }
        offset = (header >> 8) & 0xFCu;
    }
    return 0;
}

/* Size of a memory BAR: the address bits that cannot be set are the size. */
static uint64_t measure_bar(uint16_t where, unsigned offset, bool wide)
{
    uint64_t mask;

    pci_write32(where, offset, UINT32_MAX);
    mask = pci_read32(where, offset) & ~BAR_FLAGS;
    if (wide) {
        pci_write32(where, offset + 4, UINT32_MAX);
        mask |= (uint64_t)pci_read32(where, offset + 4) << 32;
    } else if (mask != 0) {
        mask |= (uint64_t)UINT32_MAX << 32;
    }
    return ~mask + 1; /* 0 stays 0 */
}

static int assign_bar(struct pci_function *function, unsigned index, bool wide,
                      struct pci_window *window)
{
    unsigned offset = PCI_BAR0 + 4 * index;
    uint64_t size = measure_bar(function->where, offset, wide);
    uint64_t address;

    if (size == 0) {
        return 0;
    }
    address = (window->next + size - 1) & ~(size - 1);
    if ((size & (size - 1)) != 0 || address < window->next || address > window->end ||
        size > window->end - address) {
        return ERR_FULL;
    }
    window->next = address + size;
    pci_write32(function->where, offset, (uint32_t)address);
    if (wide) {
        pci_write32(function->where, offset + 4, (uint32_t)(address >> 32));
    }
    function->bars[index] = (struct pci_bar){.address = address, .size = size};
    return 0;
}

int pci_assign(struct pci_function *function, struct pci_window *window)
{
    uint16_t where = function->where;

    pci_write16(where, PCI_COMMAND, PCI_COMMAND_INTX_OFF);
    for (unsigned i = 0; i < PCI_BAR_COUNT; i++) {
        uint32_t bar = pci_read32(where, PCI_BAR0 + 4 * i);
        bool wide = (bar & BAR_TYPE_MASK) == BAR_TYPE_64 && i + 1 < PCI_BAR_COUNT;
        int result;

        if ((bar & BAR_IO) != 0) {
            continue;
        }
        result = assign_bar(function, i, wide, window);
        if (result < 0) {
            return result;
        }
        i += wide ? 1 : 0;
    }
    pci_write16(where, PCI_COMMAND,
                PCI_COMMAND_INTX_OFF | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    return 0;
}

uintptr_t pci_bar_range(const struct pci_function *function, unsigned bar,
                        uint64_t offset, uint64_t len)
{
    const struct pci_bar *b;

    if (bar >= PCI_BAR_COUNT) {
        return 0;
    }
    b = &function->bars[bar];
    if (b->address == 0 || offset > b->size || len > b->size - offset) {
        return 0;
    }
    return (uintptr_t)(b->address + offset);
}

static void set_entry(uintptr_t entry, uint32_t address, uint32_t data)
{
    cpu_mmio_write32(entry, address);
    cpu_mmio_write32(entry + 4, 0);
    cpu_mmio_write32(entry + 8, data);
    cpu_mmio_write32(entry + 12, 0); /* not masked */
}

int pci_enable_messages(const struct pci_function *function,
                        const struct pci_message *message)
{
    uint16_t where = function->where;
    unsigned capability = pci_find_capability(where, PCI_CAP_MSIX, 0);
    uint16_t control;
    uint32_t table;
    uintptr_t entries;

    if (capability == 0) {
        return ERR_UNSUPPORTED;
    }
    control = pci_read16(where, capability + MSIX_CONTROL);
    table = pci_read32(where, capability + MSIX_TABLE);
    entries = pci_bar_range(function, table & 7, table & ~7u,
                            MSIX_ENTRIES * MSIX_ENTRY_SIZE);
    if ((control & MSIX_SIZE_MASK) + 1 < MSIX_ENTRIES || entries == 0) {
        return ERR_UNSUPPORTED;
    }
    pci_write16(where, capability + MSIX_CONTROL, control | MSIX_ENABLE);
    set_entry(entries + PCI_MESSAGE_WORK * MSIX_ENTRY_SIZE, message->address,
              message->work);
    set_entry(entries + PCI_MESSAGE_CONFIG * MSIX_ENTRY_SIZE, message->address,
              message->config);
    return 0;
}
