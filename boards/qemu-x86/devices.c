/* SPDX-License-Identifier: ISC */
/*
 * One device of each kind, on PCI. Addresses are given out of a range that is free on both
 * machines, below the APICs, and that ld/qemu-x86.ld maps as device memory.
 */
#include "qemu-x86/devices.h"

#include "base/err.h"
#include "base/log.h"
#include "cpu-x86_64/exception.h"
#include "cpu-x86_64/lapic.h"
#include "drivers/pci_bus.h"
#include "drivers/virtio_console.h"
#include "drivers/virtio_net.h"
#include "drivers/virtio_pci.h"
#include "drivers/virtio_rng.h"

enum { RANDOM_US = 100000 };
static const struct pci_window DEVICE_WINDOW = {.next = 0xE0000000, .end = 0xFC000000};
static const char PORT_NAME[] = "org.vamt.host.0";

static struct pci_message message;
static struct virtio_pci net_pci;
static struct virtio_pci console_pci;
static struct virtio_pci rng_pci;
static struct virtio_net net;
static struct virtio_console console;
static struct virtio_rng rng;
static bool has_net;
static bool has_console;
static bool has_rng;

static int start_net(struct virtio *dev)
{
    return virtio_net_start(&net, dev);
}

static int start_console(struct virtio *dev)
{
    return virtio_console_start(&console, dev, PORT_NAME);
}

static int start_rng(struct virtio *dev)
{
    return virtio_rng_start(&rng, dev);
}

/* Which driver takes which kind of device. */
static const struct {
    unsigned kind;
    const char *name;
    struct virtio_pci *pci;
    int (*start)(struct virtio *dev);
    bool *present;
} drivers[] = {
    {VIRTIO_KIND_NET, "network", &net_pci, start_net, &has_net},
    {VIRTIO_KIND_CONSOLE, "serial", &console_pci, start_console, &has_console},
    {VIRTIO_KIND_RNG, "entropy", &rng_pci, start_rng, &has_rng},
};

static void start_device(const struct pci_function *function)
{
    unsigned kind = virtio_pci_kind(function);

    for (size_t i = 0; i < UTIL_COUNT(drivers); i++) {
        int result;

        if (drivers[i].kind != kind || *drivers[i].present) {
            continue;
        }
        result = virtio_pci_open(drivers[i].pci, function, &message);
        if (result == 0) {
            result = drivers[i].start(&drivers[i].pci->device);
        }
        *drivers[i].present = result == 0;
        log_info("board", "virtio %s at %02x:%02x.%u: %s", drivers[i].name,
                 function->where >> 8, function->where >> 3 & 0x1F, function->where & 7u,
                 result == 0 ? "ok" : err_name(result));
        return;
    }
}

void devices_start(void)
{
    static struct pci_bus_scan scan;

    message = (struct pci_message){.address = lapic_message_address(),
                                   .work = EXCEPTION_VECTOR_WORK,
                                   .config = EXCEPTION_VECTOR_CONFIG,
                                   .config_count = &exception_counts[1]};
    scan.window = DEVICE_WINDOW;
    scan.is_wanted = virtio_pci_is_wanted;
    pci_bus_scan(&scan);
    for (size_t i = 0; i < scan.found_count; i++) {
        start_device(&scan.found[i]);
    }
    if (scan.skipped != 0) {
        log_warn("board", "%zu devices too many", scan.skipped);
    }
}

struct nic *devices_nic(void)
{
    return has_net ? &net.nic : NULL;
}

struct hostport *devices_hostport(void)
{
    return has_console ? &console.hostport : NULL;
}

int devices_random(void *dst, size_t len)
{
    return has_rng ? virtio_rng_read(&rng, dst, len, RANDOM_US) : ERR_NOT_FOUND;
}

bool devices_arm(void)
{
    bool work = false;

    if (has_net) {
        work |= virtio_net_arm(&net);
    }
    if (has_console) {
        work |= virtio_console_arm(&console);
    }
    return work;
}

void devices_disarm(void)
{
    if (has_net) {
        virtio_net_disarm(&net);
    }
    if (has_console) {
        virtio_console_disarm(&console);
    }
}
