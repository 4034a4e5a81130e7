/* SPDX-License-Identifier: ISC */
/* The copy of the XML for one start from another device. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "bootxml.h"
#include "shim_fixture.h"
#include "xmlutil.h"

/* The boot order of the device with this <target dev> or MAC; 0: none. */
static unsigned order_of(const char *xml, const char *name)
{
    xmlDocPtr doc = xmlutil_parse(xml, strlen(xml));
    xmlNodePtr n = xmlutil_child(xmlDocGetRootElement(doc), "devices")->children;
    unsigned order = 0;

    for (; n != NULL; n = n->next) {
        if (xmlutil_attr_is(xmlutil_child(n, "target"), "dev", name) ||
            xmlutil_attr_is(xmlutil_child(n, "mac"), "address", name)) {
            order = (unsigned)xmlutil_attr_uint(xmlutil_child(n, "boot"), "order", 0);
        }
    }
    xmlFreeDoc(doc);
    return order;
}

static void test_network_before_os_order(void **state)
{
    char *xml;

    (void)state;
    assert_int_equal(
        bootxml_override(shim_fixture_off, vamt_BootDevice_BOOT_DEVICE_NETWORK, &xml), 0);
    assert_null(strstr(xml, "<boot dev"));
    assert_int_equal(order_of(xml, "52:54:00:aa:bb:cc"), 1);
    assert_int_equal(order_of(xml, "52:54:00:aa:bb:cd"), 2);
    assert_int_equal(order_of(xml, "vda"), 3);
    assert_int_equal(order_of(xml, "vdb"), 4);
    assert_int_equal(order_of(xml, "sda"), 0); /* was not in the order */
    free(xml);
}

static void test_unlisted_device_comes_first(void **state)
{
    char *xml;

    (void)state;
    assert_int_equal(
        bootxml_override(shim_fixture_off, vamt_BootDevice_BOOT_DEVICE_CD, &xml), 0);
    assert_int_equal(order_of(xml, "sda"), 1);
    assert_int_equal(order_of(xml, "vda"), 2);
    assert_int_equal(order_of(xml, "52:54:00:aa:bb:cc"), 4);
    free(xml);
}

static void test_device_order_and_direct_kernel(void **state)
{
    char *xml;

    (void)state;
    assert_int_equal(
        bootxml_override(shim_fixture_plain, vamt_BootDevice_BOOT_DEVICE_DISK, &xml), 0);
    assert_int_equal(order_of(xml, "hda"), 1);
    assert_int_equal(order_of(xml, "hdc"), 2);
    assert_null(strstr(xml, "vmlinuz"));
    assert_null(strstr(xml, "quiet"));
    free(xml);
}

static void test_refused(void **state)
{
    char *xml = NULL;

    (void)state;
    assert_int_equal(
        bootxml_override(shim_fixture_plain, vamt_BootDevice_BOOT_DEVICE_NETWORK, &xml),
        ERR_UNSUPPORTED);
    assert_int_equal(
        bootxml_override(shim_fixture_plain, vamt_BootDevice_BOOT_DEVICE_DEFAULT, &xml),
        ERR_UNSUPPORTED);
    assert_int_equal(bootxml_override("<a", vamt_BootDevice_BOOT_DEVICE_CD, &xml),
                     ERR_INVALID);
    assert_int_equal(bootxml_override("<domain/>", vamt_BootDevice_BOOT_DEVICE_CD, &xml),
                     ERR_UNSUPPORTED);
    assert_null(xml);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_network_before_os_order),
        cmocka_unit_test(test_unlisted_device_comes_first),
        cmocka_unit_test(test_device_order_and_direct_kernel),
        cmocka_unit_test(test_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
