/* SPDX-License-Identifier: ISC */
/* drivers/pci_bus.c: bus numbers and windows of bridges, multi-function devices, limits. */
#include "unit.h"

#include <string.h>

#include "drivers/pci_bus.h"
#include "fake_pci.h"
#include "hal/cpu.h"

static struct pci_bus_scan scan;

void cpu_mmio_write32(uintptr_t address, uint32_t value)
{
    (void)address;
    (void)value;
}

static bool is_wanted(uint16_t vendor, uint16_t device)
{
    return vendor == 0x1AF4 && device < 0x1080;
}

static void run(void)
{
    memset(&scan, 0, sizeof(scan));
    scan.window = (struct pci_window){.next = 0xE0000000, .end = 0xF0000000};
    scan.is_wanted = is_wanted;
    pci_bus_scan(&scan);
}

static struct fake_pci *root_port(int parent, uint16_t device_function)
{
    struct fake_pci *f = fake_pci_add(parent, device_function, 0x1B36, 0x000C, 0x81);

    fake_pci_capability(f, 0x40, PCI_CAP_EXPRESS, 0);
    f->config[0x42] = 4 << 4;
    return f;
}

static void test_finds_only_what_is_wanted(void **state)
{
    (void)state;
    fake_pci_clear();
    fake_pci_add(-1, 0 << 3, 0x8086, 0x29C0, 0);
    fake_pci_bar(fake_pci_add(-1, 1 << 3, 0x1AF4, 0x1041, 0), 0, 0x1000, 0);
    fake_pci_add(-1, 2 << 3, 0x1AF4, 0x1100, 0);
    run();
    assert_int_equal(scan.found_count, 1);
    assert_int_equal(scan.found[0].where, 1 << 3);
    assert_int_equal(scan.found[0].bars[0].address, 0xE0000000);
    assert_int_equal(scan.skipped, 0);
}

static void test_functions_of_a_single_function_device_are_not_asked(void **state)
{
    (void)state;
    fake_pci_clear();
    fake_pci_add(-1, 1 << 3, 0x1AF4, 0x1041, 0);
    fake_pci_add(-1, 1 << 3 | 1, 0x1AF4, 0x1043, 0); /* answers, but must not be seen */
    fake_pci_add(-1, 2 << 3, 0x1AF4, 0x1041, 0x80);
    fake_pci_add(-1, 2 << 3 | 7, 0x1AF4, 0x1043, 0);
    run();
    assert_int_equal(scan.found_count, 3);
    assert_int_equal(scan.found[2].where, 2 << 3 | 7);
}

static void test_bridges_get_numbers_and_windows(void **state)
{
    struct fake_pci *first;
    struct fake_pci *empty;
    struct fake_pci *outer;
    struct fake_pci *inner;

    (void)state;
    fake_pci_clear();
    first = root_port(-1, 2 << 3);                    /* 0 */
    empty = root_port(-1, 2 << 3 | 1);                /* 1 */
    outer = root_port(-1, 2 << 3 | 2);                /* 2 */
    inner = fake_pci_add(2, 0, 0x1B36, 0x000E, 0x01); /* 3: a PCI bridge */
    fake_pci_bar(fake_pci_add(0, 0, 0x1AF4, 0x1041, 0), 1, 0x1000, 0);
    fake_pci_bar(fake_pci_add(3, 5 << 3, 0x1AF4, 0x1043, 0), 4, 0x4000, 1);
    run();
    assert_int_equal(scan.found_count, 2);
    assert_int_equal(scan.found[0].where, 1 << 8);
    assert_int_equal(scan.found[1].where, 4 << 8 | 5 << 3);
    assert_int_equal(scan.found[1].bars[4].address, 0xE0100000);
    assert_int_equal(fake_pci_get32(first, 0x18) & 0xFFFFFF, 0x010100);
    assert_int_equal(fake_pci_get32(empty, 0x18) & 0xFFFFFF, 0x020200);
    assert_int_equal(fake_pci_get32(outer, 0x18) & 0xFFFFFF, 0x040300);
    assert_int_equal(fake_pci_get32(inner, 0x18) & 0xFFFFFF, 0x040403);
    assert_int_equal(fake_pci_get32(first, 0x20), 0xE000E000);
    assert_int_equal(fake_pci_get32(outer, 0x20), 0xE010E010);
    assert_int_equal(fake_pci_get32(inner, 0x20), 0xE010E010);
    /* Base above limit: closed. */
    assert_true(fake_pci_get16(empty, 0x20) > fake_pci_get16(empty, 0x22));
    assert_true(fake_pci_get16(first, 0x24) > fake_pci_get16(first, 0x26));
    assert_int_equal(fake_pci_get16(empty, 4), 0);
    assert_int_equal(fake_pci_get16(first, 4), 6);
}

static void test_bridges_too_deep_are_left_closed(void **state)
{
    (void)state;
    fake_pci_clear();
    for (int i = 0; i < 6; i++) {
        root_port(i - 1, 0);
    }
    fake_pci_add(5, 0, 0x1AF4, 0x1041, 0);
    run();
    assert_int_equal(scan.found_count, 0);
    assert_int_equal(fake_pci[2].config[0x19], 3);
    assert_int_equal(fake_pci[3].config[0x19], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finds_only_what_is_wanted),
        cmocka_unit_test(test_functions_of_a_single_function_device_are_not_asked),
        cmocka_unit_test(test_bridges_get_numbers_and_windows),
        cmocka_unit_test(test_bridges_too_deep_are_left_closed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
