/* SPDX-License-Identifier: ISC */
/* Legal actions per state, what each does, and that the stored XML stays as it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "power.h"
#include "shim_fixture.h"
#include "virt_fake.h"

#define ACTION(name) vamt_PowerAction_POWER_ACTION_##name
#define BOOT(name)   vamt_BootDevice_BOOT_DEVICE_##name
#define STATUS(name) vamt_Status_STATUS_##name

static struct virt_fake fake;
static struct virt_fake_domain *host;

static int setup(void **state)
{
    (void)state;
    virt_fake_init(&fake);
    host = virt_fake_add(&fake, shim_fixture_off);
    return host == NULL;
}

static vamt_Status ask_again(vamt_PowerAction action, vamt_BootDevice boot, bool is_again)
{
    struct power_result result;

    fake.trace[0] = '\0';
    power_do(&fake.base, SHIM_FIXTURE_UUID, action, boot, is_again, &result);
    assert_string_equal(host->stored, shim_fixture_off);
    return result.status;
}

static vamt_Status ask(vamt_PowerAction action, vamt_BootDevice boot)
{
    return ask_again(action, boot, false);
}

static void test_table(void **state)
{
    static const struct {
        enum virt_state state;
        bool has_saved;
        bool is_persistent;
        vamt_PowerState power;
        const char *actions;
    } rows[] = {
        {VIRT_STATE_OFF, false, true, vamt_PowerState_POWER_STATE_OFF, "1"},
        {VIRT_STATE_OFF, true, true, vamt_PowerState_POWER_STATE_HIBERNATE, "1"},
        {VIRT_STATE_RUNNING, false, true, vamt_PowerState_POWER_STATE_ON, "234567"},
        {VIRT_STATE_RUNNING, false, false, vamt_PowerState_POWER_STATE_ON, "4567"},
        {VIRT_STATE_PAUSED, false, true, vamt_PowerState_POWER_STATE_ON, "1246"},
        {VIRT_STATE_SUSPENDED, false, true, vamt_PowerState_POWER_STATE_SLEEP, "126"},
        {VIRT_STATE_CRASHED, false, true, vamt_PowerState_POWER_STATE_CRASHED, "26"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct power_facts facts;
        struct virt_error error;
        char actions[16] = "";

        host->info.state = rows[i].state;
        host->info.has_saved = rows[i].has_saved;
        host->info.is_persistent = rows[i].is_persistent;
        strcpy(host->live, shim_fixture_running);
        assert_int_equal(power_read(&fake.base, "mail", &facts, &error), 0);
        for (size_t a = 0; a < facts.snapshot.actions_count; a++) {
            actions[a] = (char)('0' + facts.snapshot.actions[a]);
        }
        assert_string_equal(actions, rows[i].actions);
        assert_int_equal(facts.snapshot.power, rows[i].power);
        assert_int_equal(facts.snapshot.boot_devices_count, rows[i].has_saved ? 0 : 3);
        assert_int_equal(facts.snapshot.inventory.disks[0].bytes, 1u << 30);
    }
}

/* Whatever the table does not offer is refused and does nothing. */
static void test_illegal(void **state)
{
    (void)state;
    for (int s = VIRT_STATE_OFF; s <= VIRT_STATE_CRASHED; s++) {
        for (unsigned a = 1; a <= ACTION(NMI); a++) {
            host->info.state = (enum virt_state)s;
            strcpy(host->live, shim_fixture_running);
            if ((power_actions(&host->info) & 1u << a) == 0) {
                assert_int_equal(ask((vamt_PowerAction)a, BOOT(DEFAULT)),
                                 STATUS(NOT_POSSIBLE));
                assert_string_equal(fake.trace, "");
            } else {
                assert_int_equal(ask((vamt_PowerAction)a, BOOT(DEFAULT)), STATUS(OK));
                assert_string_not_equal(fake.trace, "");
            }
        }
    }
}

/* Who is off has nothing to reset or to stop, whatever it is to start from. */
static void test_reset_while_off_is_not_possible(void **state)
{
    (void)state;
    assert_int_equal(host->info.state, VIRT_STATE_OFF);
    assert_int_equal(power_actions(&host->info), 1u << ACTION(ON));
    assert_int_equal(ask(ACTION(RESET), BOOT(DEFAULT)), STATUS(NOT_POSSIBLE));
    assert_int_equal(ask(ACTION(RESET), BOOT(NETWORK)), STATUS(NOT_POSSIBLE));
    assert_int_equal(ask(ACTION(CYCLE), BOOT(NETWORK)), STATUS(NOT_POSSIBLE));
    assert_int_equal(ask_again(ACTION(RESET), BOOT(DEFAULT), true), STATUS(NOT_POSSIBLE));
    assert_string_equal(fake.trace, "");
    assert_int_equal(host->info.state, VIRT_STATE_OFF);
}

static void test_calls(void **state)
{
    (void)state;
    assert_int_equal(ask(ACTION(ON), BOOT(DEFAULT)), STATUS(OK));
    assert_string_equal(fake.trace, "start ");
    assert_int_equal(ask(ACTION(NMI), BOOT(DEFAULT)), STATUS(OK));
    assert_string_equal(fake.trace, "nmi ");
    assert_int_equal(ask(ACTION(RESET), BOOT(DEFAULT)), STATUS(OK));
    assert_string_equal(fake.trace, "reset ");
    assert_int_equal(ask(ACTION(RESET_GRACEFUL), BOOT(DEFAULT)), STATUS(OK));
    assert_string_equal(fake.trace, "reboot ");
    assert_int_equal(ask(ACTION(CYCLE), BOOT(DEFAULT)), STATUS(OK));
    assert_string_equal(fake.trace, "destroy start ");
    host->info.state = VIRT_STATE_PAUSED;
    assert_int_equal(ask(ACTION(ON), BOOT(DEFAULT)), STATUS(OK));
    assert_string_equal(fake.trace, "resume ");
    host->info.state = VIRT_STATE_SUSPENDED;
    assert_int_equal(ask(ACTION(ON), BOOT(DEFAULT)), STATUS(OK));
    assert_string_equal(fake.trace, "wakeup ");
    assert_int_equal(ask(ACTION(OFF_GRACEFUL), BOOT(DEFAULT)), STATUS(OK));
    assert_string_equal(fake.trace, "shutdown ");
}

static void test_boot_once(void **state)
{
    (void)state;
    assert_int_equal(ask(ACTION(ON), BOOT(NETWORK)), STATUS(OK));
    assert_string_equal(fake.trace, "start_xml ");
    assert_non_null(strstr(host->live, "<boot order=\"1\"/>"));
    assert_int_equal(ask(ACTION(RESET), BOOT(CD)), STATUS(OK));
    assert_string_equal(fake.trace, "destroy start_xml ");
    assert_int_equal(ask(ACTION(CYCLE), BOOT(DEFAULT)), STATUS(OK));
    assert_string_equal(host->live, host->stored); /* once only */
    assert_int_equal(ask(ACTION(OFF), BOOT(CD)), STATUS(BAD_REQUEST));
    assert_int_equal(ask(ACTION(RESET_GRACEFUL), BOOT(CD)), STATUS(BAD_REQUEST));
    assert_int_equal(ask(ACTION(ON), (vamt_BootDevice)9), STATUS(BAD_REQUEST));
    assert_int_equal(ask((vamt_PowerAction)77, BOOT(DEFAULT)), STATUS(BAD_REQUEST));
}

static void test_boot_device_missing(void **state)
{
    struct power_result result;
    struct virt_fake_domain *tiny = virt_fake_add(&fake, shim_fixture_plain);

    (void)state;
    tiny->info.state = VIRT_STATE_RUNNING;
    power_do(&fake.base, "tiny", ACTION(CYCLE), BOOT(NETWORK), false, &result);
    assert_int_equal(result.status, STATUS(UNSUPPORTED));
    assert_string_equal(fake.trace, ""); /* checked before the host was stopped */
    assert_int_equal(tiny->info.state, VIRT_STATE_RUNNING);
}

static void test_transient_cycle(void **state)
{
    struct power_result result;

    (void)state;
    host->info.is_persistent = false;
    host->info.state = VIRT_STATE_RUNNING;
    strcpy(host->live, shim_fixture_running);
    power_do(&fake.base, SHIM_FIXTURE_UUID, ACTION(CYCLE), BOOT(DEFAULT), false, &result);
    assert_int_equal(result.status, STATUS(OK));
    assert_string_equal(fake.trace, "destroy start_xml ");
    host = virt_fake_find(&fake, SHIM_FIXTURE_UUID);
    assert_non_null(host);
    assert_int_equal(host->info.state, VIRT_STATE_RUNNING);
}

static void test_saved(void **state)
{
    (void)state;
    host->info.has_saved = true;
    assert_int_equal(ask(ACTION(ON), BOOT(CD)), STATUS(NOT_POSSIBLE));
    assert_string_equal(fake.trace, "");
    assert_int_equal(ask(ACTION(ON), BOOT(DEFAULT)), STATUS(OK));
    assert_string_equal(fake.trace, "start ");
}

static void test_again(void **state)
{
    (void)state;
    assert_int_equal(ask_again(ACTION(OFF), BOOT(DEFAULT), true), STATUS(OK));
    assert_string_equal(fake.trace, "");
    assert_int_equal(ask_again(ACTION(ON), BOOT(DEFAULT), true), STATUS(OK));
    assert_string_equal(fake.trace, "start ");
    assert_int_equal(ask_again(ACTION(ON), BOOT(DEFAULT), true), STATUS(OK));
    assert_string_equal(fake.trace, "");
}

static void test_away(void **state)
{
    struct power_facts facts;
    struct virt_error error;

    (void)state;
    fake.is_away = true;
    assert_int_equal(ask(ACTION(ON), BOOT(DEFAULT)), STATUS(UNAVAILABLE));
    assert_true(power_read(&fake.base, "mail", &facts, &error) < 0);
}

/* Each operation made to fail in turn: an answer always, never OK. */
static void test_every_failure(void **state)
{
    unsigned at = 1;

    (void)state;
    for (;; at++) {
        vamt_Status status;

        virt_fake_init(&fake);
        host = virt_fake_add(&fake, shim_fixture_off);
        host->info.state = VIRT_STATE_RUNNING;
        fake.fail_at = at;
        status = ask(ACTION(CYCLE), BOOT(NETWORK));
        if (fake.ops < at) {
            assert_int_equal(status, STATUS(OK));
            break;
        }
        assert_int_equal(status, STATUS(FAILED));
    }
    assert_int_equal(at, 5); /* find, xml, destroy, start_xml */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_table, setup),
        cmocka_unit_test_setup(test_illegal, setup),
        cmocka_unit_test_setup(test_reset_while_off_is_not_possible, setup),
        cmocka_unit_test_setup(test_calls, setup),
        cmocka_unit_test_setup(test_boot_once, setup),
        cmocka_unit_test_setup(test_boot_device_missing, setup),
        cmocka_unit_test_setup(test_transient_cycle, setup),
        cmocka_unit_test_setup(test_saved, setup),
        cmocka_unit_test_setup(test_again, setup),
        cmocka_unit_test_setup(test_away, setup),
        cmocka_unit_test_setup(test_every_failure, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
