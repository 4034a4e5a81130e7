/* SPDX-License-Identifier: ISC */
/* drivers/virtio_pci.c: which devices it takes, and capabilities that point nowhere. */
#include "unit.h"

#include "base/err.h"
#include "drivers/virtio_pci.h"
#include "fake_pci.h"
#include "hal/cpu.h"

#define WHERE (3 << 3)
enum { BASE = 0x10000000, BAR_SIZE = 0x4000 };

static struct virtio_pci pci;
static struct pci_function function;
static const struct pci_message message = {.address = 0xFEE00000};

static void assert_in_bar(uintptr_t address, size_t len)
{
    assert_true(address >= BASE && address + len <= BASE + BAR_SIZE);
}

uint8_t cpu_mmio_read8(uintptr_t address)
{
    assert_in_bar(address, 1);
    return (uint8_t)address;
}

uint16_t cpu_mmio_read16(uintptr_t address)
{
    assert_in_bar(address, 2);
    return 0;
}

uint32_t cpu_mmio_read32(uintptr_t address)
{
    assert_in_bar(address, 4);
    return 0;
}

void cpu_mmio_write8(uintptr_t address, uint8_t value)
{
    (void)value;
    assert_in_bar(address, 1);
}

void cpu_mmio_write16(uintptr_t address, uint16_t value)
{
    (void)value;
    assert_in_bar(address, 2);
}

void cpu_mmio_write32(uintptr_t address, uint32_t value)
{
    (void)value;
    assert_in_bar(address, 4);
}

void cpu_mmio_write64(uintptr_t address, uint64_t value)
{
    (void)value;
    assert_in_bar(address, 8);
}

uint64_t cpu_dma_address(const volatile void *ptr)
{
    return (uintptr_t)ptr;
}

static void capability(struct fake_pci *f, unsigned at, uint8_t type, uint32_t offset,
                       uint32_t len)
{
    fake_pci_capability(f, at, PCI_CAP_VENDOR, (uint8_t)(at + 0x14));
    f->config[at + 3] = type;
    f->config[at + 4] = 4;
    fake_pci_put32(f, at + 8, offset);
    fake_pci_put32(f, at + 12, len);
}

/* A device with common registers, notifications, configuration and MSI-X. */
static struct fake_pci *setup(uint32_t common_offset, uint32_t common_len,
                              uint32_t config_offset, uint32_t config_len)
{
    struct fake_pci *f;

    fake_pci_clear();
    f = fake_pci_add(-1, WHERE, 0x1AF4, 0x1041, 0);
    capability(f, 0x40, 1, common_offset, common_len);
    capability(f, 0x54, 2, 0x3000, 0x1000);
    capability(f, 0x68, 4, config_offset, config_len);
    fake_pci_capability(f, 0x7C, PCI_CAP_MSIX, 0);
    fake_pci_put16(f, 0x7E, 3);
    fake_pci_put32(f, 0x80, 0x1000 | 4);
    function = (struct pci_function){.where = WHERE,
                                     .vendor = 0x1AF4,
                                     .device = 0x1041,
                                     .bars = {[4] = {.address = BASE, .size = BAR_SIZE}}};
    return f;
}

static void test_registers_are_found(void **state)
{
    uint8_t bytes[8];

    (void)state;
    setup(0, 0x1000, 0x2000, 8);
    assert_int_equal(virtio_pci_open(&pci, &function, &message), 0);
    assert_int_equal(pci.common, BASE);
    assert_int_equal(pci.notify, BASE + 0x3000);
    assert_int_equal(pci.device.ops->config_read(&pci.device, 2, bytes, 6), 0);
    assert_int_equal(bytes[0], 2);
    assert_int_equal(pci.device.ops->config_read(&pci.device, 2, bytes, 7), ERR_INVALID);
    assert_int_equal(pci.device.ops->config_read(&pci.device, 9, bytes, 0), ERR_INVALID);
    assert_int_equal(pci.device.ops->config_read(&pci.device, 1, bytes, SIZE_MAX),
                     ERR_INVALID);
}

static void test_registers_outside_the_bar_are_refused(void **state)
{
    (void)state;
    setup(0x3FFF, 0x1000, 0x2000, 8);
    assert_int_equal(virtio_pci_open(&pci, &function, &message), ERR_UNSUPPORTED);
    setup(UINT32_MAX, 0x38, 0x2000, 8);
    assert_int_equal(virtio_pci_open(&pci, &function, &message), ERR_UNSUPPORTED);
    setup(0, 0x37, 0x2000, 8); /* too short for the common registers */
    assert_int_equal(virtio_pci_open(&pci, &function, &message), ERR_UNSUPPORTED);
}

static void test_configuration_outside_the_bar_does_not_exist(void **state)
{
    uint8_t byte;

    (void)state;
    setup(0, 0x1000, 0x3FFC, 8);
    assert_int_equal(virtio_pci_open(&pci, &function, &message), 0);
    assert_int_equal(pci.device.ops->config_read(&pci.device, 0, &byte, 1), ERR_INVALID);
}

static void test_bar_without_an_address_is_refused(void **state)
{
    struct fake_pci *f = setup(0, 0x1000, 0x2000, 8);

    (void)state;
    f->config[0x44] = 7;
    assert_int_equal(virtio_pci_open(&pci, &function, &message), ERR_UNSUPPORTED);
    f->config[0x44] = 2;
    assert_int_equal(virtio_pci_open(&pci, &function, &message), ERR_UNSUPPORTED);
}

static void test_legacy_device_is_refused(void **state)
{
    (void)state;
    fake_pci_clear();
    fake_pci_add(-1, WHERE, 0x1AF4, 0x1000, 0);
    assert_int_equal(virtio_pci_open(&pci, &function, &message), ERR_UNSUPPORTED);
}

static void test_kind(void **state)
{
    struct fake_pci *f = setup(0, 0x1000, 0x2000, 8);

    (void)state;
    assert_int_equal(virtio_pci_kind(&function), VIRTIO_KIND_NET);
    function.device = 0x1003; /* transitional: the subsystem says it */
    fake_pci_put16(f, 0x2E, 3);
    assert_int_equal(virtio_pci_kind(&function), VIRTIO_KIND_CONSOLE);
    assert_true(virtio_pci_is_wanted(0x1AF4, 0x1044));
    assert_false(virtio_pci_is_wanted(0x1AF4, 0x1100));
    assert_false(virtio_pci_is_wanted(0x8086, 0x1041));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_registers_are_found),
        cmocka_unit_test(test_registers_outside_the_bar_are_refused),
        cmocka_unit_test(test_configuration_outside_the_bar_does_not_exist),
        cmocka_unit_test(test_bar_without_an_address_is_refused),
        cmocka_unit_test(test_legacy_device_is_refused),
        cmocka_unit_test(test_kind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
