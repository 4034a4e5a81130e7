/* SPDX-License-Identifier: ISC */
/* drivers/pci.c: capability lists (also damaged ones), BARs, MSI-X. */
#include "unit.h"

#include "base/err.h"
#include "drivers/pci.h"
#include "fake_pci.h"
#include "hal/cpu.h"

#define WHERE (3 << 3)

static uint32_t table[16]; /* the MSI-X table that writes go to */
static uintptr_t table_base;

void cpu_mmio_write32(uintptr_t address, uint32_t value)
{
    assert_true(address >= table_base && address + 4 <= table_base + sizeof(table));
    table[(address - table_base) / 4] = value;
}

static struct fake_pci *fresh(void)
{
    fake_pci_clear();
    return fake_pci_add(-1, WHERE, 0x1AF4, 0x1041, 0);
}

static void test_capability_is_found_in_order(void **state)
{
    struct fake_pci *f = fresh();

    (void)state;
    fake_pci_capability(f, 0x40, PCI_CAP_VENDOR, 0x60);
    fake_pci_capability(f, 0x60, PCI_CAP_MSIX, 0x80);
    fake_pci_capability(f, 0x80, PCI_CAP_VENDOR, 0);
    assert_int_equal(pci_find_capability(WHERE, PCI_CAP_MSIX, 0), 0x60);
    assert_int_equal(pci_find_capability(WHERE, PCI_CAP_VENDOR, 0), 0x40);
    assert_int_equal(pci_find_capability(WHERE, PCI_CAP_VENDOR, 0x40), 0x80);
    assert_int_equal(pci_find_capability(WHERE, PCI_CAP_VENDOR, 0x80), 0);
    assert_int_equal(pci_find_capability(WHERE, PCI_CAP_EXPRESS, 0), 0);
}

static void test_looping_capability_list_ends(void **state)
{
    struct fake_pci *f = fresh();

    (void)state;
    fake_pci_capability(f, 0x40, PCI_CAP_VENDOR, 0x50);
    fake_pci_capability(f, 0x50, PCI_CAP_VENDOR, 0x40);
    assert_int_equal(pci_find_capability(WHERE, PCI_CAP_MSIX, 0), 0);
}

static void test_capability_inside_the_header_is_refused(void **state)
{
    struct fake_pci *f = fresh();

    (void)state;
    fake_pci_capability(f, 0x20, PCI_CAP_MSIX, 0);
    assert_int_equal(pci_find_capability(WHERE, PCI_CAP_MSIX, 0), 0);
}

static void test_no_list_without_the_status_bit(void **state)
{
    struct fake_pci *f = fresh();

    (void)state;
    fake_pci_capability(f, 0x40, PCI_CAP_MSIX, 0);
    f->config[0x06] = 0;
    assert_int_equal(pci_find_capability(WHERE, PCI_CAP_MSIX, 0), 0);
}

static void test_bars_are_aligned_and_switched_on(void **state)
{
    struct fake_pci *f = fresh();
    struct pci_function function = {.where = WHERE};
    struct pci_window window = {.next = 0xE0000100, .end = 0xF0000000};

    (void)state;
    fake_pci_put32(f, 0x10, 1); /* I/O */
    fake_pci_bar(f, 1, 0x1000, 0);
    fake_pci_bar(f, 4, 0x4000, 1);
    assert_int_equal(pci_assign(&function, &window), 0);
    assert_int_equal(function.bars[0].size, 0);
    assert_int_equal(function.bars[1].address, 0xE0001000);
    assert_int_equal(function.bars[4].address, 0xE0004000);
    assert_int_equal(function.bars[4].size, 0x4000);
    assert_int_equal(fake_pci_get32(f, 0x14) & ~0xFu, 0xE0001000);
    assert_int_equal(fake_pci_get32(f, 0x20) & ~0xFu, 0xE0004000);
    assert_int_equal(fake_pci_get32(f, 0x24), 0);
    assert_int_equal(window.next, 0xE0008000);
    assert_int_equal(fake_pci_get16(f, 4), 0x406);
}

static void test_window_too_small(void **state)
{
    struct fake_pci *f = fresh();
    struct pci_function function = {.where = WHERE};
    struct pci_window window = {.next = 0xE0000000, .end = 0xE0004000};

    (void)state;
    fake_pci_bar(f, 0, 0x8000, 0);
    assert_int_equal(pci_assign(&function, &window), ERR_FULL);
    assert_int_equal(fake_pci_get16(f, 4) & 0x6, 0);
}

static void test_bar_range_is_bounded(void **state)
{
    struct pci_function function = {
        .bars = {[2] = {.address = 0xE0000000, .size = 0x1000}}};

    (void)state;
    assert_int_equal(pci_bar_range(&function, 2, 0, 0x1000), 0xE0000000);
    assert_int_equal(pci_bar_range(&function, 2, 0xFF0, 0x10), 0xE0000FF0);
    assert_int_equal(pci_bar_range(&function, 2, 0xFF1, 0x10), 0);
    assert_int_equal(pci_bar_range(&function, 2, 0x1001, 0), 0);
    assert_int_equal(pci_bar_range(&function, 2, UINT32_MAX, UINT32_MAX), 0);
    assert_int_equal(pci_bar_range(&function, 1, 0, 1), 0);
    assert_int_equal(pci_bar_range(&function, 6, 0, 1), 0);
}

static struct fake_pci *with_msix(uint16_t entries, uint32_t offset)
{
    struct fake_pci *f = fresh();

    fake_pci_capability(f, 0x40, PCI_CAP_MSIX, 0);
    fake_pci_put16(f, 0x42, (uint16_t)(entries - 1));
    fake_pci_put32(f, 0x44, offset | 1);
    return f;
}

static void test_messages_are_written_and_enabled(void **state)
{
    struct fake_pci *f = with_msix(3, 0x100);
    struct pci_function function = {
        .where = WHERE, .bars = {[1] = {.address = 0xE0000000, .size = 0x1000}}};
    struct pci_message message = {.address = 0xFEE00000, .work = 0x40, .config = 0x41};

    (void)state;
    table_base = 0xE0000100;
    table[3] = table[7] = 1;
    assert_int_equal(pci_enable_messages(&function, &message), 0);
    assert_int_equal(table[0], 0xFEE00000);
    assert_int_equal(table[2], 0x40);
    assert_int_equal(table[6], 0x41);
    assert_int_equal(table[3] | table[7], 0);
    assert_int_equal(fake_pci_get16(f, 0x42), 0x8002);
}

static void test_bad_message_tables_are_refused(void **state)
{
    struct pci_function function = {
        .where = WHERE, .bars = {[1] = {.address = 0xE0000000, .size = 0x1000}}};
    struct pci_message message = {.address = 0xFEE00000};

    (void)state;
    with_msix(1, 0x100);
    assert_int_equal(pci_enable_messages(&function, &message), ERR_UNSUPPORTED);
    with_msix(2, 0xFF0); /* its second entry lies outside the BAR */
    assert_int_equal(pci_enable_messages(&function, &message), ERR_UNSUPPORTED);
    fresh();
    assert_int_equal(pci_enable_messages(&function, &message), ERR_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_capability_is_found_in_order),
        cmocka_unit_test(test_looping_capability_list_ends),
        cmocka_unit_test(test_capability_inside_the_header_is_refused),
        cmocka_unit_test(test_no_list_without_the_status_bit),
        cmocka_unit_test(test_bars_are_aligned_and_switched_on),
        cmocka_unit_test(test_window_too_small),
        cmocka_unit_test(test_bar_range_is_bounded),
        cmocka_unit_test(test_messages_are_written_and_enabled),
        cmocka_unit_test(test_bad_message_tables_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
