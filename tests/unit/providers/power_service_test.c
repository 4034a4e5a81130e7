/* SPDX-License-Identifier: ISC */
/* providers/power_service.c, power_state.c: requests, legality, one-shot boot. */
#include "unit.h"

#include "base/err.h"
#include "cim/cim_provider.h"
#include "cim/schema.h"
#include "providers/host_double.h"
#include "providers/power_state.h"
#include "settings/boot_options.h"

static struct call_double test;

static int reset(void **state)
{
    (void)state;
    host_double_reset();
    return 0;
}

static void begin(unsigned power, const char *system)
{
    call_double_begin(&test, &CIM_PowerManagementService_class,
                      "RequestPowerStateChange");
    cim_set_uint(&test.in, "PowerState", power);
    cim_set_path(&test.in, "ManagedElement", &CIM_ComputerSystem_class, "Name", system,
                 (char *)NULL);
}

static uint32_t refused(unsigned power)
{
    begin(power, "ManagedSystem");
    unsigned before = host_double_requests;
    assert_int_equal(call_double_invoke(&test), CIM_OK);
    assert_int_equal(host_double_requests, before);
    return test.call.return_value;
}

static void test_every_offered_state_reaches_the_host(void **state)
{
    static const struct {
        unsigned power;
        vamt_PowerAction action;
    } cases[] = {
        {5, vamt_PowerAction_POWER_ACTION_CYCLE},
        {8, vamt_PowerAction_POWER_ACTION_OFF},
        {10, vamt_PowerAction_POWER_ACTION_RESET},
        {11, vamt_PowerAction_POWER_ACTION_NMI},
        {12, vamt_PowerAction_POWER_ACTION_OFF_GRACEFUL},
        {14, vamt_PowerAction_POWER_ACTION_RESET_GRACEFUL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin(cases[i].power, "ManagedSystem");
        assert_int_equal(call_double_invoke(&test), CIM_PENDING);
        assert_int_equal(host_double_action, cases[i].action);
        assert_int_equal(test.done_count, 0);
        host_double_answer(vamt_Status_STATUS_OK);
        assert_int_equal(test.done_count, 1);
        assert_int_equal(test.call.return_value, 0);
        assert_int_equal(test.out.count, 0); /* no Job */
    }
}

static void test_what_is_not_legal_now_is_refused(void **state)
{
    (void)state;
    assert_int_equal(refused(2), 32768 + 16);
    host_double_set(vamt_PowerState_POWER_STATE_OFF, vamt_PowerAction_POWER_ACTION_ON,
                    vamt_PowerAction_POWER_ACTION_NONE);
    assert_int_equal(refused(10), 32768 + 16);
    assert_int_equal(refused(8), 32768 + 16);
}

static void test_sleep_and_hibernate_are_never_offered(void **state)
{
    (void)state;
    assert_int_equal(refused(3), 32768 + 2066);
    assert_int_equal(refused(4), 32768 + 2066);
    assert_int_equal(refused(7), 32768 + 2066);
    assert_int_equal(refused(17), 32768 + 36);
    assert_int_equal(refused(0), 32768 + 36);
}

static void test_without_a_host_nothing_is_asked(void **state)
{
    (void)state;
    host_double_live = false;
    assert_int_equal(refused(8), 32768 + 2);
    host_double_reset();
    host_double.hypervisor_available = false;
    assert_int_equal(refused(8), 32768 + 2);
    host_double_reset();
    host_double_result = ERR_CLOSED;
    assert_int_equal(refused(8), 32768 + 2);
    host_double_result = ERR_FULL;
    assert_int_equal(refused(8), 32768 + 2082);
}

static void test_only_the_host_can_be_named(void **state)
{
    (void)state;
    begin(8, "Intel(r) AMT");
    assert_int_equal(call_double_invoke(&test), CIM_OK);
    assert_int_equal(test.call.return_value, 32768 + 36);

    call_double_begin(&test, &CIM_PowerManagementService_class,
                      "RequestPowerStateChange");
    cim_set_uint(&test.in, "PowerState", 8);
    assert_int_equal(call_double_invoke(&test), CIM_OK);
    assert_int_equal(test.call.return_value, 32768 + 36);

    call_double_begin(&test, &CIM_PowerManagementService_class,
                      "RequestPowerStateChange");
    cim_set_uint(&test.in, "PowerState", 8);
    cim_set_path(&test.in, "ManagedElement", &CIM_ComputerSystem_class, (char *)NULL);
    assert_int_equal(call_double_invoke(&test), CIM_OK);
    assert_int_equal(test.call.return_value, 32768 + 36);
    assert_int_equal(host_double_requests, 0);
}

static void test_failures_of_the_host_are_told(void **state)
{
    static const struct {
        vamt_Status status;
        uint32_t value;
    } cases[] = {
        {vamt_Status_STATUS_FAILED, 32769},
        {vamt_Status_STATUS_UNAVAILABLE, 32770},
        {vamt_Status_STATUS_NOT_POSSIBLE, 32784},
        {vamt_Status_STATUS_UNSUPPORTED, 32768 + 2066},
        {vamt_Status_STATUS_INTERRUPTED, 32769},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin(8, "ManagedSystem");
        assert_int_equal(call_double_invoke(&test), CIM_PENDING);
        host_double_answer(cases[i].status);
        assert_int_equal(test.call.return_value, cases[i].value);
    }
}

static void test_a_forced_device_is_used_once(void **state)
{
    (void)state;
    assert_int_equal(boot_options_set_device(vamt_BootDevice_BOOT_DEVICE_NETWORK), 0);
    begin(8, "ManagedSystem"); /* no start: keeps it */
    assert_int_equal(call_double_invoke(&test), CIM_PENDING);
    assert_int_equal(host_double_boot, vamt_BootDevice_BOOT_DEVICE_DEFAULT);
    host_double_answer(vamt_Status_STATUS_OK);

    begin(10, "ManagedSystem");
    assert_int_equal(call_double_invoke(&test), CIM_PENDING);
    assert_int_equal(host_double_boot, vamt_BootDevice_BOOT_DEVICE_NETWORK);
    host_double_answer(vamt_Status_STATUS_FAILED); /* nothing happened: keeps it */
    begin(10, "ManagedSystem");
    assert_int_equal(call_double_invoke(&test), CIM_PENDING);
    assert_int_equal(host_double_boot, vamt_BootDevice_BOOT_DEVICE_NETWORK);
    host_double_answer(vamt_Status_STATUS_OK);

    begin(10, "ManagedSystem");
    assert_int_equal(call_double_invoke(&test), CIM_PENDING);
    assert_int_equal(host_double_boot, vamt_BootDevice_BOOT_DEVICE_DEFAULT);
    host_double_answer(vamt_Status_STATUS_OK);
}

static void test_a_device_that_the_host_lacks_is_refused(void **state)
{
    (void)state;
    host_double.boot_devices_count = 1; /* disk only */
    assert_int_equal(boot_options_set_device(vamt_BootDevice_BOOT_DEVICE_CD), 0);
    assert_int_equal(refused(10), 32768 + 2050);
    begin(8, "ManagedSystem");
    assert_int_equal(call_double_invoke(&test), CIM_PENDING);
    host_double_answer(vamt_Status_STATUS_OK);
}

static void test_a_cancelled_call_is_not_answered_but_counts(void **state)
{
    (void)state;
    assert_int_equal(boot_options_set_device(vamt_BootDevice_BOOT_DEVICE_DISK), 0);
    begin(10, "ManagedSystem");
    assert_int_equal(call_double_invoke(&test), CIM_PENDING);
    cim_cancel(&test.call);
    host_double_answer(vamt_Status_STATUS_OK);
    assert_int_equal(test.done_count, 0);
    assert_int_equal(boot_options_next_device(), vamt_BootDevice_BOOT_DEVICE_DEFAULT);
}

static void test_a_time_limit_is_refused_unless_zero(void **state)
{
    (void)state;
    begin(8, "ManagedSystem");
    cim_set_interval(&test.in, "TimeoutPeriod", 0);
    assert_int_equal(call_double_invoke(&test), CIM_PENDING);
    host_double_answer(vamt_Status_STATUS_OK);
    begin(8, "ManagedSystem");
    cim_set_interval(&test.in, "TimeoutPeriod", 5);
    assert_int_equal(call_double_invoke(&test), CIM_OK);
    assert_int_equal(test.call.return_value, 32768 + 2066);
}

static void read_state(struct cim_bag *bag)
{
    const struct cim_path path = {.class = &CIM_AssociatedPowerManagementService_class};
    assert_int_equal(cim_get(&host_double_admin, &path, bag), CIM_OK);
}

static void assert_offered(const struct cim_bag *bag, const unsigned *expected, size_t n)
{
    assert_int_equal(cim_bag_count(bag, "AvailableRequestedPowerStates"), n);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(cim_bag_get(bag, "AvailableRequestedPowerStates", i)->uint,
                         expected[i]);
    }
}

static void test_offered_states_follow_the_host(void **state)
{
    static const unsigned on[] = {10, 8, 5, 11, 14, 12};
    static const unsigned off[] = {2};
    static const unsigned asleep[] = {8, 2, 5};
    static struct cim_bag bag;
    (void)state;
    read_state(&bag);
    assert_int_equal(cim_get_uint(&bag, "PowerState", 0), 2);
    assert_offered(&bag, on, 6);

    host_double_set(vamt_PowerState_POWER_STATE_OFF, vamt_PowerAction_POWER_ACTION_ON,
                    vamt_PowerAction_POWER_ACTION_NONE);
    read_state(&bag);
    assert_int_equal(cim_get_uint(&bag, "PowerState", 0), 8);
    assert_offered(&bag, off, 1);

    host_double_set(vamt_PowerState_POWER_STATE_SLEEP, vamt_PowerAction_POWER_ACTION_ON,
                    vamt_PowerAction_POWER_ACTION_CYCLE,
                    vamt_PowerAction_POWER_ACTION_OFF,
                    vamt_PowerAction_POWER_ACTION_NONE);
    read_state(&bag);
    assert_int_equal(cim_get_uint(&bag, "PowerState", 0), 4);
    assert_offered(&bag, asleep, 3);

    host_double.hypervisor_available = false;
    read_state(&bag);
    assert_int_equal(cim_get_uint(&bag, "PowerState", 0), 4);
    assert_offered(&bag, NULL, 0);
    host_double.hypervisor_available = true;

    host_double_live = false; /* the last known state, and nothing on offer */
    read_state(&bag);
    assert_int_equal(cim_get_uint(&bag, "PowerState", 0), 4);
    assert_offered(&bag, NULL, 0);

    host_double.power = vamt_PowerState_POWER_STATE_UNKNOWN;
    read_state(&bag);
    assert_null(cim_bag_get(&bag, "PowerState", 0));
}

static void test_hibernated_and_crashed_hosts(void **state)
{
    (void)state;
    host_double.power = vamt_PowerState_POWER_STATE_HIBERNATE;
    assert_int_equal(power_state_now(), 7);
    host_double.power = vamt_PowerState_POWER_STATE_CRASHED;
    assert_int_equal(power_state_now(), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_every_offered_state_reaches_the_host, reset),
        cmocka_unit_test_setup(test_what_is_not_legal_now_is_refused, reset),
        cmocka_unit_test_setup(test_sleep_and_hibernate_are_never_offered, reset),
        cmocka_unit_test_setup(test_without_a_host_nothing_is_asked, reset),
        cmocka_unit_test_setup(test_only_the_host_can_be_named, reset),
        cmocka_unit_test_setup(test_failures_of_the_host_are_told, reset),
        cmocka_unit_test_setup(test_a_forced_device_is_used_once, reset),
        cmocka_unit_test_setup(test_a_device_that_the_host_lacks_is_refused, reset),
        cmocka_unit_test_setup(test_a_cancelled_call_is_not_answered_but_counts, reset),
        cmocka_unit_test_setup(test_a_time_limit_is_refused_unless_zero, reset),
        cmocka_unit_test_setup(test_offered_states_follow_the_host, reset),
        cmocka_unit_test_setup(test_hibernated_and_crashed_hosts, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
