/* SPDX-License-Identifier: ISC */
/* The text form of the network configuration. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "net/net_config.h"

static struct net_config config;

static int parse(const char *text)
{
    memset(&config, 0xee, sizeof(config));
    return net_config_parse(span_str(text), &config);
}

static void test_dhcp(void **state)
{
    (void)state;
    assert_int_equal(parse(" dhcp\n"), 0);
    assert_true(config.dhcp);
}

static void test_static(void **state)
{
    const uint8_t none[4] = {0};

    (void)state;
    assert_int_equal(parse("static 192.168.10.5/22"), 0);
    assert_false(config.dhcp);
    assert_memory_equal(config.address, ((uint8_t[]){192, 168, 10, 5}), 4);
    assert_int_equal(config.prefix, 22);
    assert_memory_equal(config.gateway, none, 4);
    assert_memory_equal(config.dns, none, 4);
    assert_int_equal(parse("static 10.1.2.3/24  dns 9.9.9.9\tgateway 10.1.2.1\r\n"), 0);
    assert_memory_equal(config.gateway, ((uint8_t[]){10, 1, 2, 1}), 4);
    assert_memory_equal(config.dns, ((uint8_t[]){9, 9, 9, 9}), 4);
}

static void test_malformed(void **state)
{
    static const char *const bad[] = {
        "",
        "DHCP",
        "dhcp now",
        "dhcpstatic",
        "static",
        "static 10.0.0.1",
        "static 10.0.0.1/",
        "static 10.0.0.1/0",
        "static 10.0.0.1/31",
        "static 10.0.0.1/33",
        "static 10.0.0.1/-1",
        "static 10.0.0/24",
        "static 10.0.0.1.2/24",
        "static 10.0.0.256/24",
        "static 10.0.0.01/24",
        "static 10.0.0./24",
        "static 10.0.0.1 /24",
        "static 10.0.0.1/24x",
        "static 10.0.0.0/24",
        "static 10.0.0.255/24",
        "static 127.0.0.1/8",
        "static 224.0.0.1/4",
        "static 0.0.0.1/8",
        "static 10.0.0.1/24 gateway",
        "static 10.0.0.1/24 gateway 10.0.1.1",
        "static 10.0.0.1/24 gateway 10.0.0.1",
        "static 10.0.0.1/24 gateway 10.0.0.255",
        "static 10.0.0.1/24 router 10.0.0.2",
        "static 10.0.0.1/24 dns 0.0.0.0",
        "static 10.0.0.1/24 dns 1.1.1.1 dns 2.2.2.2",
        "static 10.0.0.1/24 10.0.0.2",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct net_config before;

        memset(&before, 0xee, sizeof(before));
        if (parse(bad[i]) != ERR_INVALID) {
            fail_msg("accepted: %s", bad[i]);
        }
        assert_memory_equal(&config, &before, sizeof(before));
    }
}

static void test_mask(void **state)
{
    uint8_t mask[4];

    (void)state;
    net_config_mask(0, mask);
    assert_memory_equal(mask, ((uint8_t[]){0, 0, 0, 0}), 4);
    net_config_mask(22, mask);
    assert_memory_equal(mask, ((uint8_t[]){255, 255, 252, 0}), 4);
    net_config_mask(32, mask);
    assert_memory_equal(mask, ((uint8_t[]){255, 255, 255, 255}), 4);
}

static void test_hostname(void **state)
{
    char name[NET_CONFIG_HOSTNAME_CAP];
    char big[NET_CONFIG_HOSTNAME_CAP + 1];

    (void)state;
    assert_int_equal(net_config_parse_hostname(span_str("pc-7\n"), name), 0);
    assert_string_equal(name, "pc-7");
    assert_int_equal(net_config_parse_hostname(span_str("-pc"), name), ERR_INVALID);
    assert_string_equal(name, "");
    assert_int_equal(net_config_parse_hostname(span_str("pc-"), name), ERR_INVALID);
    assert_int_equal(net_config_parse_hostname(span_str("a b"), name), ERR_INVALID);
    assert_int_equal(net_config_parse_hostname(span_str("a.b"), name), ERR_INVALID);
    assert_int_equal(net_config_parse_hostname(span_str(""), name), ERR_INVALID);
    memset(big, 'a', sizeof(big));
    assert_int_equal(
        net_config_parse_hostname(span_of(big, NET_CONFIG_HOSTNAME_CAP), name),
        ERR_INVALID);
    assert_int_equal(
        net_config_parse_hostname(span_of(big, NET_CONFIG_HOSTNAME_CAP - 1), name), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dhcp),      cmocka_unit_test(test_static),
        cmocka_unit_test(test_malformed), cmocka_unit_test(test_mask),
        cmocka_unit_test(test_hostname),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
