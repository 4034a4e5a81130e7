/* SPDX-License-Identifier: ISC */
/* audit/audit_record: the bytes that consoles read. */
#include "audit/audit_world.h"
#include "unit.h"

#include "audit/audit_event.h"
#include "audit/audit_record.h"
#include "base/err.h"
#include "config.h"

static uint8_t bytes[AUDIT_RECORD_CAP];
static struct sbuf out;

static struct span encode(uint16_t id, const char *user, const uint8_t *peer,
                          struct span data)
{
    const struct audit_who who = {.user = user, .peer = peer};

    sbuf_init(&out, bytes, sizeof(bytes));
    audit_record_encode(&out, AUDIT_EVENT(id), &who, 0x3ff4cd6e, data);
    assert_false(out.overflow);
    return sbuf_span(&out);
}

static const uint8_t ipv4[16] = {[10] = 0xff, 0xff, 192, 0, 2, 254};
static const uint8_t ipv6[16] = {0x20, 1, 0xd, 0xb8, [15] = 9};

/* A record captured from a device: "firmware updated". */
static void test_like_a_captured_record(void **state)
{
    static const uint8_t captured[] = {0x00, 0x13, 0x00, 0x00, 0x02, 0x3f, 0xf4,
                                       0xcd, 0x6e, 0x02, 0x00, 0x10, 0x00, 0x0c,
                                       0x00, 0x00, 0x00, 0x28, 0x05, 0x99, 0x00,
                                       0x0c, 0x00, 0x00, 0x00, 0x24, 0x05, 0x94};
    struct span record = encode(AUDIT_FIRMWARE_UPDATED, NULL, NULL,
                                span_of(captured + 12, sizeof(captured) - 12));
    uint32_t time = 0;

    (void)state;
    assert_int_equal(record.len, sizeof(captured));
    assert_memory_equal(record.ptr, captured, sizeof(captured));
    assert_int_equal(audit_record_time(span_of(captured, sizeof(captured)), &time), 0);
    assert_int_equal(time, 0x3ff4cd6e);
}

static void test_who_and_from_where(void **state)
{
    struct audit_seen seen;

    (void)state;
    audit_world_decode(encode(AUDIT_RCO_RESET, "admin", ipv4, span_of(NULL, 0)), &seen);
    assert_int_equal(seen.app, 17);
    assert_int_equal(seen.event, 3);
    assert_int_equal(seen.initiator, 0);
    assert_string_equal(seen.user, "admin");
    assert_int_equal(seen.location, 0);
    assert_string_equal(seen.address, "192.0.2.254");
    assert_int_equal(seen.data_len, 0);

    audit_world_decode(encode(AUDIT_RCO_NMI, "o", ipv6, span_of("\x01", 1)), &seen);
    assert_int_equal(seen.location, 1);
    assert_string_equal(seen.address, "2001:db8:0:0:0:0:0:9");
    assert_int_equal(seen.data_len, 1);

    audit_world_decode(encode(AUDIT_LOG_RECOVERED, NULL, NULL, span_of(NULL, 0)), &seen);
    assert_int_equal(seen.initiator, 2);
    assert_int_equal(seen.location, 2);
    assert_string_equal(seen.address, "");
}

static void test_longest(void **state)
{
    static const uint8_t far[16] = {0xfe, 0x80, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    static const uint8_t data[AUDIT_RECORD_DATA_CAP];
    char user[CONFIG_ACCOUNT_NAME_CAP];
    struct audit_seen seen;

    (void)state;
    memset(user, 'u', sizeof(user) - 1);
    user[sizeof(user) - 1] = '\0';
    audit_world_decode(encode(AUDIT_ACL_ADDED, user, far, span_of(data, sizeof(data))),
                       &seen);
    assert_string_equal(seen.user, user);
    assert_int_equal(seen.data_len, sizeof(data));
    assert_string_equal(seen.address, "fe80:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
}

/* Every cut of a record, and a byte more, is none. */
static void test_what_is_no_record(void **state)
{
    struct span record = encode(AUDIT_RCO_RESET, "admin", ipv4, span_of("abc", 3));
    uint32_t time;

    (void)state;
    for (size_t len = 0; len < record.len; len++) {
        uint8_t *exact = test_malloc(len + 1);
        memcpy(exact, record.ptr, len);
        assert_int_equal(audit_record_time(span_of(exact, len), &time), ERR_INVALID);
        test_free(exact);
    }
    bytes[record.len] = 0;
    assert_int_equal(audit_record_time(span_of(bytes, record.len + 1), &time),
                     ERR_INVALID);
    assert_int_equal(audit_record_time(record, &time), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_like_a_captured_record),
        cmocka_unit_test(test_who_and_from_where),
        cmocka_unit_test(test_longest),
        cmocka_unit_test(test_what_is_no_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
