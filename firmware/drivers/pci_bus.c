/* SPDX-License-Identifier: ISC */
/* Depth-first walk with a stack of our own. PCI-to-PCI Bridge 1.2, clause 3.2.5. */
#include "drivers/pci_bus.h"

enum {
    FUNCTION_COUNT = 256, /* per bus: 32 devices of 8 functions */
    MULTI_FUNCTION = 0x80,
    HEADER_MASK = 0x7F,
    HEADER_BRIDGE = 1,
    NO_VENDOR = 0xFFFF,
    EXPRESS_TYPE = 2, /* bits 7..4 of this byte of the capability */
    EXPRESS_ROOT_PORT = 4,
    EXPRESS_DOWNSTREAM_PORT = 6
};
static const uint64_t BRIDGE_UNIT = 1u << 20; /* granularity of a bridge's window */

struct level {
    uint8_t bus;
    unsigned next;  /* function to look at next: device << 3 | function */
    unsigned count; /* functions to look at on this bus */
    uint16_t bridge;
    uint64_t window_start;
};

struct walk {
    struct pci_bus_scan *scan;
    struct level levels[PCI_BUS_DEPTH_MAX];
    unsigned depth;
    uint8_t last_bus;
};

static uint64_t align_up(uint64_t value, uint64_t unit)
{
    return (value + unit - 1) & ~(unit - 1);
}

/* The link below a PCI Express port leads to one device, number 0. */
static bool is_express_port(uint16_t where)
{
    unsigned capability = pci_find_capability(where, PCI_CAP_EXPRESS, 0);
    unsigned type;

    if (capability == 0) {
        return false;
    }
    type = pci_read8(where, capability + EXPRESS_TYPE) >> 4;
    return type == EXPRESS_ROOT_PORT || type == EXPRESS_DOWNSTREAM_PORT;
}

static void enter_bridge(struct walk *walk, uint16_t where)
{
    struct pci_window *window = &walk->scan->window;
    struct level *level;

    if (walk->depth + 1 >= PCI_BUS_DEPTH_MAX || walk->last_bus >= PCI_BUS_NUMBER_MAX) {
        return;
    }
    walk->last_bus++;
    pci_write8(where, PCI_PRIMARY_BUS, (uint8_t)(where >> 8));
    pci_write8(where, PCI_SECONDARY_BUS, walk->last_bus);
    pci_write8(where, PCI_SUBORDINATE_BUS, UINT8_MAX); /* until the last one is known */

    window->next = align_up(window->next, BRIDGE_UNIT);
    level = &walk->levels[++walk->depth];
    *level = (struct level){.bus = walk->last_bus,
                            .count = is_express_port(where) ? 8 : FUNCTION_COUNT,
                            .bridge = where,
                            .window_start = window->next};
}

/* Close the bridge's window around what was given out behind it; base > limit is "nothing".
 * Prefetchable memory may live in the ordinary window, so that kind stays closed. */
static void leave_bridge(struct walk *walk)
{
    struct pci_window *window = &walk->scan->window;
    const struct level *level = &walk->levels[walk->depth--];
    uint64_t end = align_up(window->next, BRIDGE_UNIT);
    bool used = end > level->window_start;

    pci_write8(level->bridge, PCI_SUBORDINATE_BUS, walk->last_bus);
    pci_write16(level->bridge, PCI_PREFETCH_BASE, 0xFFF0);
    pci_write16(level->bridge, PCI_PREFETCH_LIMIT, 0x0000);
    pci_write16(level->bridge, PCI_MEMORY_BASE,
                used ? (uint16_t)(level->window_start >> 16) : 0xFFF0);
    pci_write16(level->bridge, PCI_MEMORY_LIMIT,
                used ? (uint16_t)((end - BRIDGE_UNIT) >> 16) : 0x0000);
    if (used) {
        pci_write16(level->bridge, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
        window->next = end;
    }
}

static void take_function(struct pci_bus_scan *scan, uint16_t where, uint32_t id)
{
    struct pci_function function = {
        .where = where, .vendor = (uint16_t)id, .device = (uint16_t)(id >> 16)};

    if (!scan->is_wanted(function.vendor, function.device)) {
        return;
    }
    if (scan->found_count == PCI_BUS_FOUND_MAX ||
        pci_assign(&function, &scan->window) < 0) {
        scan->skipped++;
        return;
    }
    scan->found[scan->found_count++] = function;
}

static void visit(struct walk *walk, struct level *level)
{
    uint16_t where = (uint16_t)(level->bus << 8 | level->next);
    uint32_t id = pci_read32(where, PCI_VENDOR);
    bool first = (level->next & 7) == 0;
    uint8_t type;

    level->next++;
    if ((uint16_t)id == NO_VENDOR) {
        level->next += first ? 7 : 0; /* no function 0: no device */
        return;
    }
    type = pci_read8(where, PCI_HEADER_TYPE);
    if (first && (type & MULTI_FUNCTION) == 0) {
        level->next += 7;
    }
    if ((type & HEADER_MASK) == HEADER_BRIDGE) {
        enter_bridge(walk, where);
    } else {
        take_function(walk->scan, where, id);
    }
}

void pci_bus_scan(struct pci_bus_scan *scan)
{
    struct walk walk = {.scan = scan, .levels = {{.count = FUNCTION_COUNT}}};

    scan->found_count = 0;
    scan->skipped = 0;
    for (;;) {
        struct level *level = &walk.levels[walk.depth];

        if (level->next < level->count) {
            visit(&walk, level);
        } else if (walk.depth > 0) {
            leave_bridge(&walk);
        } else {
            return;
        }
    }
}
