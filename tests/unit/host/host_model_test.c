/* SPDX-License-Identifier: ISC */
/* The firmware's copy of the host. */
#include "unit.h"

#include <stdlib.h>

#include "base/err.h"
#include "host/host_client.h"
#include "host/host_log.h"
#include "host/host_model.h"
#include "host/shim_world.h"

static unsigned heard;

static void listener(const vamt_HostSnapshot *now)
{
    heard++;
    assert_ptr_equal(now, host_model());
}

static void snapshot_is_kept_and_told(void **state)
{
    (void)state;
    heard = 0;
    for (unsigned i = 0; i < CONFIG_HOST_LISTENERS; i++) {
        assert_int_equal(host_model_listen(listener), 0);
    }
    assert_int_equal(host_model_listen(listener), ERR_FULL);
    assert_false(host_model_can(vamt_PowerAction_POWER_ACTION_RESET));
    link_up();
    assert_int_equal(heard, CONFIG_HOST_LISTENERS);
    assert_int_equal(host_model()->power, vamt_PowerState_POWER_STATE_ON);
    assert_string_equal(host_model()->inventory.name, "guest");
    assert_true(host_model_can(vamt_PowerAction_POWER_ACTION_RESET));
    assert_false(host_model_can(vamt_PowerAction_POWER_ACTION_NMI));
    assert_true(host_model_can_boot(vamt_BootDevice_BOOT_DEVICE_NETWORK));
    assert_true(host_model_can_boot(vamt_BootDevice_BOOT_DEVICE_DEFAULT));
    assert_false(host_model_can_boot(vamt_BootDevice_BOOT_DEVICE_CD));

    shim_close(&shim);
    run();
    assert_true(host_model_is_live()); /* it may be restarting */
    assert_true(host_model_can(vamt_PowerAction_POWER_ACTION_RESET));
    assert_true(next_us == now_us + CONFIG_HOST_AWAY_MS * MS);
    now_us = next_us;
    run();
    assert_false(host_model_is_live());
    assert_false(host_model_can(vamt_PowerAction_POWER_ACTION_RESET));
    assert_int_equal(host_model()->power, vamt_PowerState_POWER_STATE_ON);
    assert_true(next_us == UINT64_MAX);

    shim_restart(&shim, 1003);
    shim_open(&shim);
    run();
    assert_false(host_model_is_live()); /* no snapshot of this shim yet */
    shim_snapshot(&shim, vamt_PowerState_POWER_STATE_OFF);
    run();
    assert_true(host_model_is_live());
    assert_int_equal(host_model()->power, vamt_PowerState_POWER_STATE_OFF);
}

/* A new shim within one poll, so that the link is never seen closed. */
static void restart_of_the_shim_goes_unnoticed(void **state)
{
    (void)state;
    link_up();
    shim_restart(&shim, 1003);
    shim_open(&shim);
    run();
    assert_int_equal(shim.restarted, 2);
    assert_true(host_model_is_live());
    now_us += CONFIG_HOST_AWAY_MS * MS;
    run();
    assert_false(host_model_is_live()); /* it never sent a snapshot */
}

static void unknown_numbers_of_a_newer_shim_are_harmless(void **state)
{
    static vamt_ToFirmware message;
    vamt_HostSnapshot *s = &message.body.snapshot;

    (void)state;
    link_up();
    message.which_body = vamt_ToFirmware_snapshot_tag;
    s->power = (vamt_PowerState)99;
    s->actions_count = 3;
    s->actions[0] = (vamt_PowerAction)50;
    s->actions[1] = vamt_PowerAction_POWER_ACTION_ON;
    s->actions[2] = (vamt_PowerAction)-1;
    s->boot_devices_count = 2;
    s->boot_devices[0] = (vamt_BootDevice)9;
    s->boot_devices[1] = vamt_BootDevice_BOOT_DEVICE_CD;
    s->has_inventory = true;
    s->inventory.disks_count = 1;
    s->inventory.disks[0].kind = (vamt_Disk_Kind)7;
    shim_send(&shim, &message);
    run();
    assert_int_equal(host_model()->power, vamt_PowerState_POWER_STATE_UNKNOWN);
    assert_int_equal(host_model()->actions_count, 1);
    assert_true(host_model_can(vamt_PowerAction_POWER_ACTION_ON));
    assert_int_equal(host_model()->boot_devices_count, 1);
    assert_int_equal(host_model()->inventory.disks[0].kind, vamt_Disk_Kind_DISK);
}

#define TEST(name) cmocka_unit_test_setup(name, shim_world_reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(snapshot_is_kept_and_told),
        TEST(restart_of_the_shim_goes_unnoticed),
        TEST(unknown_numbers_of_a_newer_shim_are_harmless),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
