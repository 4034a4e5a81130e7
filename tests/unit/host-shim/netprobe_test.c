/* SPDX-License-Identifier: ISC */
/* Bridges and addresses, as far as this machine's loopback device and fixed ARP messages tell.
 * Real bridges: tests/lab/test_network.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <string.h>
#include <cmocka.h>

#include "netprobe.h"

static const uint8_t reply[28] = {0,   1, 8, 0, 6, 4,  0,  2,  0x52, 0x54, 0, 1, 2, 3,
                                  192, 0, 2, 9, 2, 85, 66, 71, 8,    9,    0, 0, 0, 0};

static struct in_addr address(const char *text)
{
    struct in_addr a;

    assert_int_equal(inet_pton(AF_INET, text, &a), 1);
    return a;
}

static void test_bridges(void **state)
{
    (void)state;
    assert_false(netprobe_is_bridge("lo"));
    assert_false(netprobe_is_bridge("nosuch"));
    assert_false(netprobe_is_bridge(""));
    assert_false(netprobe_is_bridge("a-name-that-is-far-too-long"));
}

static void test_own_address(void **state)
{
    char owner[64] = "";

    (void)state;
    assert_true(netprobe_in_use("lo", address("127.0.0.1"), owner, sizeof owner));
    assert_string_equal(owner, "this machine");
    assert_false(netprobe_in_use("lo", address("192.0.2.9"), owner, sizeof owner));
    assert_false(netprobe_in_use("nosuch", address("127.0.0.1"), owner, sizeof owner));
}

static void test_claims(void **state)
{
    uint8_t message[28];
    uint8_t mac[6];

    (void)state;
    assert_true(netprobe_is_claim(reply, sizeof reply, address("192.0.2.9"), mac));
    assert_memory_equal(mac, reply + 8, 6);
    assert_false(netprobe_is_claim(reply, sizeof reply, address("192.0.2.8"), mac));
    for (size_t len = 0; len < sizeof reply; len++) {
        assert_false(netprobe_is_claim(reply, len, address("192.0.2.9"), mac));
    }
    for (size_t i = 0; i < 6; i++) { /* other hardware or protocol */
        memcpy(message, reply, sizeof message);
        message[i] ^= 1;
        assert_false(netprobe_is_claim(message, sizeof message, address("192.0.2.9"), mac));
    }
    memcpy(message, reply, sizeof message);
    message[7] = 1; /* a request of the owner is as good */
    assert_true(netprobe_is_claim(message, sizeof message, address("192.0.2.9"), mac));
    memset(message + 14, 0, 4); /* somebody else's probe for that address is not */
    memcpy(message + 24, reply + 14, 4);
    assert_false(netprobe_is_claim(message, sizeof message, address("192.0.2.9"), mac));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bridges),
        cmocka_unit_test(test_own_address),
        cmocka_unit_test(test_claims),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
