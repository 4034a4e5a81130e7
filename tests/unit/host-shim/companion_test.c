/* SPDX-License-Identifier: ISC */
/*
 * One companion against a firmware played by the test on the other end of its socket:
 * snapshots, requests, repetition after kills of the daemon, and hostile firmware.
 */
#include "unit.h"

#include <stdio.h>
#include <sys/socket.h>

#include "base/bytes.h"
#include "host-shim/companion_world.h"
#include "host-shim/shim_fixture.h"
#include "work.h"

#define ACTION(name) vamt_PowerAction_POWER_ACTION_##name
#define STATUS(name) vamt_Status_STATUS_##name

static void send_request(uint32_t id, vamt_PowerAction action)
{
    vamt_ToShim m = vamt_ToShim_init_zero;

    m.which_body = vamt_ToShim_request_tag;
    m.body.request.id = id;
    m.body.request.deadline_ms = 10000;
    m.body.request.which_body = vamt_Request_power_tag;
    m.body.request.body.power.action = action;
    assert_int_equal(hostmsg_write_to_shim(&fw.msg, &fw.link, &m), 0);
}

/* Send, and wait for the answer's status. */
static vamt_Status ask(uint32_t id, vamt_PowerAction action)
{
    unsigned before = fw.responses;

    fake.trace[0] = '\0';
    send_request(id, action);
    wait_for(&fw.responses, before + 1);
    assert_int_equal(fw.response.id, id);
    return fw.response.status;
}

static void test_snapshot_then_response(void **state)
{
    (void)state;
    assert_int_equal(fw.snapshot.power, vamt_PowerState_POWER_STATE_OFF);
    assert_true(fw.snapshot.hypervisor_available);
    assert_string_equal(fw.snapshot.inventory.name, "mail");
    assert_int_equal(ask(1, ACTION(ON)), STATUS(OK));
    /* the state was there before the answer */
    assert_int_equal(fw.snapshot.power, vamt_PowerState_POWER_STATE_ON);
    assert_int_equal(fw.snapshot.generation, 2);
    assert_int_equal(ask(2, ACTION(ON)), STATUS(NOT_POSSIBLE));
}

static void test_repeated(void **state)
{
    (void)state;
    assert_int_equal(ask(1, ACTION(ON)), STATUS(OK));
    assert_int_equal(ask(2, ACTION(RESET)), STATUS(OK));
    assert_string_equal(fake.trace, "reset ");
    assert_int_equal(ask(2, ACTION(RESET)), STATUS(OK));
    assert_string_equal(fake.trace, "");
    assert_int_equal(ask(2, ACTION(OFF)), STATUS(BAD_REQUEST));
    assert_string_equal(fake.trace, "");
}

static void test_repeated_after_kill(void **state)
{
    (void)state;
    assert_int_equal(ask(1, ACTION(ON)), STATUS(OK));
    assert_int_equal(ask(2, ACTION(RESET)), STATUS(OK));
    kill_daemon();
    start_daemon(2);
    wait_for(&fw.snapshots, 3);
    assert_int_equal(ask(2, ACTION(RESET)), STATUS(OK));
    assert_string_equal(fake.trace, "");
}

/* Killed after the journal said "begun": a reset is not risked twice, an "on" is. */
static void test_killed_in_the_middle(void **state)
{
    vamt_PowerRequest reset = {ACTION(RESET), vamt_BootDevice_BOOT_DEVICE_DEFAULT};
    vamt_PowerRequest on = {ACTION(ON), vamt_BootDevice_BOOT_DEVICE_DEFAULT};

    (void)state;
    assert_int_equal(journal_begin(&c->journal, EPOCH, 1, &on), 0);
    assert_int_equal(journal_begin(&c->journal, EPOCH, 2, &reset), 0);
    kill_daemon();
    start_daemon(2);
    wait_for(&fw.snapshots, 2);
    assert_int_equal(ask(1, ACTION(ON)), STATUS(OK));
    assert_string_equal(fake.trace, "start ");
    assert_int_equal(ask(2, ACTION(RESET)), STATUS(INTERRUPTED));
    assert_string_equal(fake.trace, "");
    assert_int_equal(ask(2, ACTION(RESET)), STATUS(INTERRUPTED));
}

static void test_away(void **state)
{
    unsigned snapshots = fw.snapshots;

    (void)state;
    companion_set_virt_open(c, false);
    wait_for(&fw.snapshots, snapshots + 1);
    assert_false(fw.snapshot.hypervisor_available);
    assert_int_equal(fw.snapshot.actions_count, 0);
    assert_string_equal(fw.snapshot.inventory.name, "mail");
    assert_int_equal(ask(1, ACTION(ON)), STATUS(UNAVAILABLE));
    companion_set_virt_open(c, true);
    wait_for(&fw.snapshots, snapshots + 2);
    assert_true(fw.snapshot.hypervisor_available);
    assert_int_equal(ask(2, ACTION(ON)), STATUS(OK));
}

/* More requests than the queue takes, at once: every one has an answer. */
static void test_flood(void **state)
{
    (void)state;
    for (uint32_t id = 1; id <= 15; id++) {
        send_request(id, ACTION(NMI));
    }
    wait_for(&fw.responses, 15);
    assert_string_equal(fake.trace, ""); /* the host is off */
}

/* The stream is dropped, the daemon works on, and good manners are served again. */
static void expect_drop(void)
{
    unsigned snapshots = fw.snapshots;

    wait_for(&fw.drops, 1);
    wait_for(&fw.snapshots, snapshots + 1);
    assert_int_equal(ask(1, ACTION(ON)), STATUS(OK));
}

static void send_bytes(const uint8_t *bytes, size_t len)
{
    uint8_t head[4];

    bytes_put_le32(head, (uint32_t)len);
    assert_int_equal(hostlink_write(&fw.link, 0, span_of(head, sizeof head)), 0);
    assert_int_equal(hostlink_write(&fw.link, 0, span_of(bytes, len)), 0);
}

static void test_malformed_message(void **state)
{
    (void)state;
    send_bytes((const uint8_t *)"\xff\xff\xff\xff", 4);
    expect_drop();
}

static void test_oversized_message(void **state)
{
    static const uint8_t head[] = {0xff, 0xff, 0xff, 0x7f};

    (void)state;
    assert_int_equal(hostlink_write(&fw.link, 0, span_of(head, sizeof head)), 0);
    expect_drop();
}

static void test_request_zero(void **state)
{
    (void)state;
    send_request(0, ACTION(ON));
    expect_drop();
    assert_string_equal(fake.trace, "start ");
}

static void test_other_channel(void **state)
{
    (void)state;
    assert_int_equal(hostlink_write(&fw.link, 1, span_str("hello")), 0);
    expect_drop();
}

static void test_garbage_stream(void **state)
{
    uint8_t junk[512];

    (void)state;
    memset(junk, 0x5a, sizeof junk);
    assert_int_equal(send(fw.fd, junk, sizeof junk, MSG_NOSIGNAL), sizeof junk);
    expect_drop();
}

static void test_unknown_action(void **state)
{
    (void)state;
    assert_int_equal(ask(1, (vamt_PowerAction)1000), STATUS(BAD_REQUEST));
    assert_int_equal(ask(2, ACTION(NONE)), STATUS(BAD_REQUEST));
    assert_string_equal(fake.trace, "");
    assert_int_equal(fw.drops, 0);
}

/* The whole list of what a firmware can do to its host: each action of the enumeration and beyond,
 * in each state, leads to these operations on its own host or to a refusal. */
static void test_allow_list(void **state)
{
    static const char *const allowed[] = {
        "",        "start ",         "destroy ",      "shutdown ",
        "reset ",  "reboot ",        "nmi ",          "resume ",
        "wakeup ", "destroy start ", "reset resume ", "destroy start_xml "};
    static const int actions[] = {-1,  0,   1,   2,   3,    4,     5,         6,
                                  7,   8,   9,   15,  31,   32,    64,        100,
                                  127, 128, 255, 256, 1000, 65536, INT32_MAX, INT32_MIN};
    /* bits of the actions that may be carried out in each state */
    static const unsigned legal[] = {1u << 1, 0xfc, 1u << 1 | 1u << 2 | 1u << 4 | 1u << 6,
                                     1u << 1 | 1u << 2 | 1u << 6, 1u << 2 | 1u << 6};
    struct virt_fake_domain *other = virt_fake_add(&fake, shim_fixture_plain);
    static struct virt_fake_domain before;
    uint32_t id = 1;

    (void)state;
    memcpy(&before, other, sizeof before);
    for (enum virt_state s = VIRT_STATE_OFF; s <= VIRT_STATE_CRASHED; s++) {
        for (size_t i = 0; i < UTIL_COUNT(actions); i++) {
            bool is_known = false;
            vamt_Status status;

            host->info.state = s;
            status = ask(id++, (vamt_PowerAction)actions[i]);
            for (size_t k = 0; k < UTIL_COUNT(allowed); k++) {
                is_known = is_known || strcmp(fake.trace, allowed[k]) == 0;
            }
            if (!is_known || (status != STATUS(OK) && fake.trace[0] != '\0')) {
                fail_msg("state %d, action %d: %s", (int)s, actions[i], fake.trace);
            }
            if ((actions[i] < 1 || actions[i] > 7) && status != STATUS(BAD_REQUEST)) {
                fail_msg("action %d: status %d", actions[i], (int)status);
            }
            if (actions[i] >= 1 && actions[i] <= 7 && (legal[s] >> actions[i] & 1) == 0 &&
                fake.trace[0] != '\0') {
                fail_msg("state %d, action %d: %s", (int)s, actions[i], fake.trace);
            }
            assert_memory_equal(&before, other, sizeof before);
        }
    }
    assert_int_equal(fw.drops, 0);
}

/* Words of the firmware choose nothing: the other host's name in them changes nothing. */
static void test_lies_about_names(void **state)
{
    vamt_ToShim m = vamt_ToShim_init_zero;
    struct virt_fake_domain *other = virt_fake_add(&fake, shim_fixture_plain);

    (void)state;
    m.which_body = vamt_ToShim_status_tag;
    strcpy(m.body.status.version, other->info.name);
    strcpy(m.body.status.setup, other->info.name);
    assert_int_equal(hostmsg_write_to_shim(&fw.msg, &fw.link, &m), 0);
    assert_int_equal(ask(1, ACTION(ON)), STATUS(OK));
    assert_string_equal(c->about.host_uuid, SHIM_FIXTURE_UUID);
    assert_int_equal(other->info.state, VIRT_STATE_OFF);
    assert_string_equal(c->status.version, other->info.name);
}

/* A code of an earlier boot is not shown. */
static void test_consent_ends_with_the_session(void **state)
{
    vamt_ToShim m = vamt_ToShim_init_zero;
    unsigned snapshots;

    (void)state;
    m.which_body = vamt_ToShim_status_tag;
    strcpy(m.body.status.consent, "123456");
    assert_int_equal(hostmsg_write_to_shim(&fw.msg, &fw.link, &m), 0);
    assert_int_equal(ask(1, ACTION(ON)), STATUS(OK));
    assert_string_equal(c->status.consent, "123456");
    snapshots = fw.snapshots;
    restart_firmware(EPOCH + 1);
    wait_for(&fw.snapshots, snapshots + 1);
    assert_string_equal(c->status.consent, "");
}

static void test_log_is_printable(void **state)
{
    vamt_ToShim m = vamt_ToShim_init_zero;
    uint64_t before = c->log_next;

    (void)state;
    m.which_body = vamt_ToShim_log_tag;
    strcpy(m.body.log.text, "a\nb\x1b[31m");
    assert_int_equal(hostmsg_write_to_shim(&fw.msg, &fw.link, &m), 0);
    for (int i = 0; i < 500 && c->log_next == before; i++) {
        spin();
    }
    assert_non_null(strstr(c->log[before % COMPANION_LOG_COUNT], "firmware: a?b?[31m"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_snapshot_then_response, setup, teardown),
        cmocka_unit_test_setup_teardown(test_repeated, setup, teardown),
        cmocka_unit_test_setup_teardown(test_repeated_after_kill, setup, teardown),
        cmocka_unit_test_setup_teardown(test_killed_in_the_middle, setup, teardown),
        cmocka_unit_test_setup_teardown(test_away, setup, teardown),
        cmocka_unit_test_setup_teardown(test_flood, setup, teardown),
        cmocka_unit_test_setup_teardown(test_malformed_message, setup, teardown),
        cmocka_unit_test_setup_teardown(test_oversized_message, setup, teardown),
        cmocka_unit_test_setup_teardown(test_request_zero, setup, teardown),
        cmocka_unit_test_setup_teardown(test_other_channel, setup, teardown),
        cmocka_unit_test_setup_teardown(test_garbage_stream, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unknown_action, setup, teardown),
        cmocka_unit_test_setup_teardown(test_allow_list, setup, teardown),
        cmocka_unit_test_setup_teardown(test_lies_about_names, setup, teardown),
        cmocka_unit_test_setup_teardown(test_consent_ends_with_the_session, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_log_is_printable, setup, teardown),
    };

    if (loop_init() != 0 || work_start(2) != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
