/* SPDX-License-Identifier: ISC */
#include "fake_pci.h"

#include <string.h>

#include "base/bytes.h"
#include "hal/cpu.h"

struct fake_pci fake_pci[FAKE_PCI_MAX];
unsigned fake_pci_count;

static uint32_t selected;

void fake_pci_clear(void)
{
    memset(fake_pci, 0, sizeof(fake_pci));
    fake_pci_count = 0;
}

struct fake_pci *fake_pci_add(int parent, uint16_t device_function, uint16_t vendor,
                              uint16_t device, uint8_t header_type)
{
    struct fake_pci *f = &fake_pci[fake_pci_count++];

    f->where = device_function;
    f->parent = parent;
    fake_pci_put16(f, 0, vendor);
    fake_pci_put16(f, 2, device);
    f->config[0x0E] = header_type;
    return f;
}

void fake_pci_put16(struct fake_pci *f, unsigned offset, uint16_t value)
{
    bytes_put_le16(f->config + offset, value);
}

void fake_pci_put32(struct fake_pci *f, unsigned offset, uint32_t value)
{
    bytes_put_le32(f->config + offset, value);
}

uint16_t fake_pci_get16(const struct fake_pci *f, unsigned offset)
{
    return bytes_get_le16(f->config + offset);
}

uint32_t fake_pci_get32(const struct fake_pci *f, unsigned offset)
{
    return bytes_get_le32(f->config + offset);
}

void fake_pci_bar(struct fake_pci *f, unsigned index, uint64_t size, int wide)
{
    uint64_t mask = ~(size - 1);

    f->bar_mask[index] = (uint32_t)mask;
    if (wide) {
        f->bar_mask[index + 1] = (uint32_t)(mask >> 32);
        fake_pci_put32(f, 0x10 + 4 * index, 0xC);
    }
}

void fake_pci_capability(struct fake_pci *f, unsigned offset, uint8_t id, uint8_t next)
{
    if (f->config[0x34] == 0) {
        f->config[0x34] = (uint8_t)offset;
        f->config[0x06] |= 0x10;
    }
    f->config[offset] = id;
    f->config[offset + 1] = next;
}

/* Bus numbers are what the code under test has written into the bridges. */
static struct fake_pci *find(void)
{
    unsigned bus = selected >> 16 & 0xFF;

    for (unsigned i = 0; i < fake_pci_count; i++) {
        struct fake_pci *f = &fake_pci[i];
        unsigned its_bus = f->parent < 0 ? 0 : fake_pci[f->parent].config[0x19];

        if (its_bus == bus && f->where == (selected >> 8 & 0xFF) &&
            (f->parent < 0 || its_bus != 0)) {
            return f;
        }
    }
    return NULL;
}

void cpu_port_write32(uint16_t port, uint32_t value)
{
    unsigned offset = selected & 0xFC;
    struct fake_pci *f = find();

    if (port == 0xCF8) {
        selected = value;
    } else if (f != NULL && offset >= 0x10 && offset < 0x28 &&
               (f->config[0x0E] & 0x7F) == 0) {
        unsigned index = (offset - 0x10) / 4;
        uint32_t flags = fake_pci_get32(f, offset) &
                         (f->bar_mask[index] == 0 ? ~0u : 0xF);

        if (index > 0 && f->bar_mask[index - 1] != 0 &&
            (fake_pci_get32(f, offset - 4) & 4) != 0) {
            flags = 0; /* the upper half of a wide BAR has none */
        }
        fake_pci_put32(f, offset, (value & f->bar_mask[index]) | flags);
    } else if (f != NULL) {
        fake_pci_put32(f, offset, value);
    }
}

void cpu_port_write16(uint16_t port, uint16_t value)
{
    struct fake_pci *f = find();

    if (f != NULL) {
        fake_pci_put16(f, (selected & 0xFC) + (port & 3u), value);
    }
}

void cpu_port_write8(uint16_t port, uint8_t value)
{
    struct fake_pci *f = find();

    if (f != NULL) {
        f->config[(selected & 0xFC) + (port & 3u)] = value;
    }
}

uint32_t cpu_port_read32(uint16_t port)
{
    struct fake_pci *f = find();

    (void)port;
    return f == NULL ? UINT32_MAX : fake_pci_get32(f, selected & 0xFC);
}

uint16_t cpu_port_read16(uint16_t port)
{
    struct fake_pci *f = find();

    return f == NULL ? UINT16_MAX : fake_pci_get16(f, (selected & 0xFC) + (port & 3u));
}

uint8_t cpu_port_read8(uint16_t port)
{
    struct fake_pci *f = find();

    return f == NULL ? UINT8_MAX : f->config[(selected & 0xFC) + (port & 3u)];
}
