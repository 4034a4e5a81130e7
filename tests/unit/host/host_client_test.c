/* SPDX-License-Identifier: ISC */
/* The firmware's side against a shim double: link, status and log lines. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/err.h"
#include "host/host_client.h"
#include "host/host_log.h"
#include "host/host_model.h"
#include "host/shim_world.h"

static int ask_reset(void)
{
    return host_request_power(vamt_PowerAction_POWER_ACTION_RESET,
                              vamt_BootDevice_BOOT_DEVICE_DEFAULT, NULL, NULL);
}

/* ------------------------------------------------------------------ the link */

static void without_a_port_nothing_happens(void **state)
{

    (void)state;
    host_client_start(NULL, SHIM_WORLD_EPOCH);
    assert_true(host_client_poll(1) == UINT64_MAX);
    assert_false(host_model_is_live());
    assert_int_equal(host_model()->power, vamt_PowerState_POWER_STATE_UNKNOWN);
    assert_false(host_model()->hypervisor_available);
    assert_int_equal(ask_reset(), ERR_CLOSED);
}

static void idle_link_needs_no_timer(void **state)
{
    (void)state;
    run();
    assert_true(next_us == UINT64_MAX); /* closed */
    link_up();
    assert_true(next_us == UINT64_MAX); /* open and ready */
    assert_true(hostlink_peer_epoch(&shim.link) == SHIM_WORLD_EPOCH);
}

static void silent_shim_gets_hello_again_ever_more_seldom(void **state)
{
    uint64_t last = now_us;
    uint64_t gap = 0;

    (void)state;
    shim.is_open = true;
    shim.port.opens++;
    for (unsigned i = 0; i < 10; i++) {
        next_us = host_client_poll(now_us);
        assert_true(next_us > now_us && next_us != UINT64_MAX);
        assert_true(next_us - now_us >= gap);
        gap = next_us - now_us;
        last = now_us;
        now_us = next_us;
    }
    assert_true(now_us - last >= 60000u * MS);
    /* It wakes up in the end, in the middle of all those HELLOs. */
    hostlink_connected(&shim.link);
    run();
    assert_true(host_client_is_connected());
    assert_true(next_us == UINT64_MAX);
}

static void reopen_between_two_polls_is_seen(void **state)
{
    (void)state;
    link_up();
    shim_close(&shim);
    shim_open(&shim);
    run();
    assert_int_equal(shim.resumed, 1);
    assert_int_equal(shim.restarted, 1);
    assert_true(host_model_is_live());
}

static void version_mismatch_is_said_and_rests(void **state)
{
    uint8_t bytes[HOSTLINK_OUTPUT_MIN];
    struct sbuf out;

    (void)state;
    shim_open(&shim);
    shim.to_firmware.len = 0;
    (void)host_client_poll(now_us); /* its HELLO is in to_shim */
    /* Answer it, but as another version. */
    shim.link.peer_token = bytes_get_le64(shim.to_shim.bytes + HOSTLINK_HEADER_LEN + 24);
    sbuf_init(&out, bytes, sizeof(bytes));
    hostlink_hello_put(&shim.link, &out);
    bytes[HOSTLINK_HEADER_LEN] = 2;
    bytes[HOSTLINK_HEADER_LEN + 2] = 3;
    out.len -= HOSTLINK_CRC_LEN;
    hostlink_frame_end(&out, 0);
    memcpy(shim.to_firmware.bytes, bytes, out.len);
    shim.to_firmware.len = out.len;
    next_us = host_client_poll(now_us);
    assert_true(next_us == UINT64_MAX);
    assert_false(host_client_is_connected());

    /* The shim is replaced by one of our version. */
    shim_restart(&shim, 1002);
    link_up();
}

static void nonsense_on_channel_0_starts_the_link_from_zero(void **state)
{
    static const uint8_t malformed[] = {3, 0, 0, 0, 0x0a, 0x7f, 0x01};
    static const uint8_t endless[] = {0xff, 0xff, 0xff, 0x7f, 1, 2, 3};

    (void)state;
    link_up();
    assert_int_equal(hostlink_write(&shim.link, 0, span_of(malformed, sizeof(malformed))),
                     0);
    shim_snapshot(&shim, vamt_PowerState_POWER_STATE_SLEEP);
    run();
    assert_int_equal(host_model()->power,
                     vamt_PowerState_POWER_STATE_SLEEP); /* goes on */

    assert_int_equal(hostlink_write(&shim.link, 0, span_of(endless, sizeof(endless))), 0);
    shim_run(&shim);
    run();
    assert_true(next_us > now_us && next_us != UINT64_MAX);
    now_us = next_us;
    run();
    assert_int_equal(shim.restarted, 2);
    shim_snapshot(&shim, vamt_PowerState_POWER_STATE_OFF);
    run();
    assert_true(host_model_is_live());
}

/* ------------------------------------------------------------------ status and log */

static void status_is_sent_at_hello_and_on_change(void **state)
{
    vamt_FirmwareStatus status = {.version = "1.0", .uptime_ms = 5};

    (void)state;
    assert_true(host_client_set_status(&status));
    link_up();
    assert_int_equal(shim.status_count, 1);
    assert_string_equal(shim.status.version, "1.0");
    status.uptime_ms = 6;
    assert_false(host_client_set_status(&status));
    run();
    assert_int_equal(shim.status_count, 1);
    strcpy(status.address, "192.0.2.7/24");
    assert_true(host_client_set_status(&status));
    run();
    assert_int_equal(shim.status_count, 2);
    assert_string_equal(shim.status.address, "192.0.2.7/24");
    shim_restart(&shim, 1005);
    shim_open(&shim);
    run();
    assert_int_equal(shim.status_count, 3);
}

static void status_tells_of_tuning(void **state)
{
    vamt_FirmwareStatus status = {.engine = "M0"};
    unsigned told = 1;

    (void)state;
    assert_true(host_client_set_status(&status));
    link_up();
    for (unsigned field = 0; field < 4; field++) {
        switch (field) {
        case 0:
            strcpy(status.engine, "Moff");
            break;
        case 1:
            strcpy(status.latency, "amt7");
            break;
        case 2:
            status.faults = 2;
            break;
        default:
            status.late_replies = 3;
            break;
        }
        assert_true(host_client_set_status(&status));
        assert_false(host_client_set_status(&status));
        run();
        assert_int_equal(shim.status_count, ++told);
    }
    assert_string_equal(shim.status.engine, "Moff");
    assert_string_equal(shim.status.latency, "amt7");
    assert_int_equal(shim.status.faults, 2);
    assert_int_equal(shim.status.late_replies, 3);
}

static void log_lines_wait_for_the_link(void **state)
{
    (void)state;
    host_client_log(LOG_INFO, span_str("first\n"));
    host_client_log(LOG_ERROR, span_str("second"));
    link_up();
    assert_int_equal(shim.log_count, 2);
    assert_string_equal(shim.logs[0].text, "first");
    assert_int_equal(shim.logs[0].level, LOG_INFO);
    assert_string_equal(shim.logs[1].text, "second");
    assert_int_equal(shim.logs[1].level, LOG_ERROR);
}

static void dropped_log_lines_are_counted(void **state)
{
    char text[120];
    unsigned kept;

    (void)state;
    memset(text, 'x', sizeof(text));
    for (unsigned i = 0; i < 200; i++) {
        text[0] = (char)('0' + i % 10);
        host_client_log(LOG_INFO, span_of(text, sizeof(text)));
    }
    kept = CONFIG_HOST_LOG_CAP / (sizeof(text) + 2);
    link_up();
    assert_int_equal(shim.log_count, kept + 1);
    (void)snprintf(text, sizeof(text), "host: %u log lines dropped", 200 - kept);
    assert_string_equal(shim.logs[kept].text, text);
    assert_int_equal(shim.logs[kept].level, LOG_WARN);
    host_client_log(LOG_INFO, span_str("after"));
    run();
    assert_string_equal(shim.logs[kept + 1].text, "after");
}

/* A shim that reads nothing: log lines stop, requests still have room. */
static void log_lines_leave_room_for_requests(void **state)
{
    char text[200];

    (void)state;
    link_up();
    memset(text, 'y', sizeof(text));
    for (unsigned i = 0; i < 300; i++) {
        host_client_log(LOG_INFO, span_of(text, sizeof(text)));
        (void)host_client_poll(now_us);
    }
    assert_int_equal(ask_reset(), 0);
    (void)host_client_poll(now_us);
    run();
    assert_int_equal(shim.request_count, 1);
    run();
    assert_non_null(strstr(shim.logs[shim.log_count - 1].text, "log lines dropped"));
}

#define TEST(name) cmocka_unit_test_setup(name, shim_world_reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_a_port_nothing_happens),
        TEST(idle_link_needs_no_timer),
        TEST(silent_shim_gets_hello_again_ever_more_seldom),
        TEST(reopen_between_two_polls_is_seen),
        TEST(version_mismatch_is_said_and_rests),
        TEST(nonsense_on_channel_0_starts_the_link_from_zero),
        TEST(status_is_sent_at_hello_and_on_change),
        TEST(status_tells_of_tuning),
        TEST(log_lines_wait_for_the_link),
        TEST(dropped_log_lines_are_counted),
        TEST(log_lines_leave_room_for_requests),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
