/* SPDX-License-Identifier: ISC */
/* Domain XML → inventory: the same whether the host runs or not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "inventory.h"
#include "shim_fixture.h"

static const struct virt_host host = {2400, "Skylake-Client-IBRS", "Intel"};
static struct inventory off;
static struct inventory on;

static void test_same_shape(void **state)
{
    (void)state;
    assert_int_equal(inventory_read(shim_fixture_off, &host, &off), 0);
    assert_int_equal(inventory_read(shim_fixture_running, &host, &on), 0);
    assert_memory_equal(&off.facts, &on.facts, sizeof off.facts);
    assert_int_equal(off.boot_mask, on.boot_mask);
}

static void test_facts(void **state)
{
    const vamt_Inventory *f = &off.facts;

    (void)state;
    assert_int_equal(inventory_read(shim_fixture_off, &host, &off), 0);
    assert_string_equal(f->name, "mail");
    assert_int_equal(f->uuid[0], 0x6c);
    assert_int_equal(f->uuid[15], 0x6e);
    assert_int_equal(f->memory.bytes, 2ull << 30);
    assert_int_equal(f->processor.sockets, 1);
    assert_int_equal(f->processor.cores, 2);
    assert_int_equal(f->processor.threads, 2);
    assert_int_equal(f->processor.mhz, 2400);
    assert_string_equal(f->processor.model, "Skylake-Client-IBRS");
    assert_string_equal(f->processor.vendor, "GenuineIntel");
    assert_int_equal(f->disks_count, 3);
    assert_string_equal(f->disks[0].serial, "D-1");
    assert_string_equal(off.sources[1], "fast/spool");
    assert_int_equal(f->disks[2].kind, vamt_Disk_Kind_CD);
    assert_false(f->disks[2].has_medium);
    assert_int_equal(f->nics_count, 2);
    assert_int_equal(f->nics[1].mac[5], 0xcd);
    assert_true(f->nics[0].link_up);
    assert_false(f->nics[1].link_up);
    assert_string_equal(f->firmware.vendor, "ACME");
    assert_string_equal(f->system.manufacturer, "ACME Works");
    assert_string_equal(f->system.serial, "S-17");
    assert_string_equal(f->system.product, "Standard PC (Q35 + ICH9, 2009)");
    assert_true(f->has_screen);
    assert_int_equal(off.boot_mask, 1u << 1 | 1u << 2 | 1u << 3);
}

static void test_defaults(void **state)
{
    const vamt_Inventory *f = &off.facts;

    (void)state;
    assert_int_equal(inventory_read(shim_fixture_plain, &host, &off), 0);
    assert_int_equal(f->processor.sockets, 3);
    assert_string_equal(f->processor.model, "qemu64");
    assert_string_equal(f->processor.vendor, "AuthenticAMD");
    assert_int_equal(f->memory.bytes, 64u << 20);
    assert_string_equal(f->system.manufacturer, "QEMU");
    assert_string_equal(f->system.version, "pc-i440fx-7.2");
    assert_string_equal(f->baseboard.serial, "Not Specified");
    assert_string_equal(f->firmware.vendor, "SeaBIOS");
    assert_false(f->has_screen);
    assert_int_equal(off.boot_mask, 1u << 2 | 1u << 3);
}

/* Cut every document at every place: never a crash, never half a result. */
static void test_cut(void **state)
{
    static char text[8192];

    (void)state;
    for (size_t len = 0; len < strlen(shim_fixture_off); len += 7) {
        memcpy(text, shim_fixture_off, len);
        text[len] = '\0';
        assert_int_equal(inventory_read(text, &host, &off), ERR_INVALID);
    }
}

static void test_too_many(void **state)
{
    static char text[64 * 1024];

    (void)state;
    strcpy(text, "<domain><devices>");
    for (int i = 0; i < 100; i++) {
        strcat(text, "<disk><source file='/x'/><target dev='a-very-long-target-name-indeed'/>"
                     "</disk><interface/>");
    }
    strcat(text, "</devices></domain>");
    assert_int_equal(inventory_read(text, &host, &off), 0);
    assert_int_equal(off.facts.disks_count, 16);
    assert_int_equal(off.facts.nics_count, 8);
    assert_int_equal(strlen(off.facts.disks[15].target), 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_shape), cmocka_unit_test(test_facts),
        cmocka_unit_test(test_defaults),   cmocka_unit_test(test_cut),
        cmocka_unit_test(test_too_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
