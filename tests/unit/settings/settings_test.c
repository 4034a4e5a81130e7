/* SPDX-License-Identifier: ISC */
/*
 * What each module of settings/ keeps survives a reset; a damaged, foreign or missing record gives
 * factory settings of that module alone; a store that cannot be written changes nothing.
 */
#include "unit.h"

#include <stdio.h>

#include "base/err.h"
#include "settings/boot_options.h"
#include "settings/general_settings.h"
#include "settings/power_scheme.h"
#include "settings/redir_settings.h"
#include "settings/settings.h"
#include "store/record.h"
#include "store/store_priv.h"
#include "store/store_world.h"

enum { BLOCKS = 16 };

static const char *const records[] = {"general", "redirection", "power-scheme",
                                      "boot-options"};

static int open_world(void **state)
{
    (void)state;
    store_world_open(BLOCKS);
    assert_int_equal(store_world_start(), STORE_FRESH);
    settings_start();
    return 0;
}

static int close_world(void **state)
{
    (void)state;
    store_world_close();
    return 0;
}

static void reset(void)
{
    (void)store_world_start();
    settings_start();
}

/* No field has its factory value, and no two of a kind are alike. */
static const struct general_settings other_general = {.host_name = "host-7",
                                                      .domain = "example.org",
                                                      .os_fqdn = "os.example.net",
                                                      .ping_reply = false,
                                                      .rmcp_ping_reply = false,
                                                      .wsman_only = true,
                                                      .shared_fqdn = false,
                                                      .ddns_update = true,
                                                      .ddns_by_dhcp = false,
                                                      .dhcpv6_timeout = 301,
                                                      .has_idle_min = true,
                                                      .idle_min = 65535,
                                                      .ddns_ttl = 1234567,
                                                      .ddns_interval_min = 20000,
                                                      .address_family = 1,
                                                      .presence_interval = 77};

static void assert_general(const struct general_settings *s)
{
    const struct general_settings *now = general_settings_get();

    assert_string_equal(now->host_name, s->host_name);
    assert_string_equal(now->domain, s->domain);
    assert_string_equal(now->os_fqdn, s->os_fqdn);
    assert_int_equal(now->ping_reply, s->ping_reply);
    assert_int_equal(now->rmcp_ping_reply, s->rmcp_ping_reply);
    assert_int_equal(now->wsman_only, s->wsman_only);
    assert_int_equal(now->shared_fqdn, s->shared_fqdn);
    assert_int_equal(now->ddns_update, s->ddns_update);
    assert_int_equal(now->ddns_by_dhcp, s->ddns_by_dhcp);
    assert_int_equal(now->dhcpv6_timeout, s->dhcpv6_timeout);
    assert_int_equal(now->has_idle_min, s->has_idle_min);
    assert_int_equal(now->idle_min, s->idle_min);
    assert_int_equal(now->ddns_ttl, s->ddns_ttl);
    assert_int_equal(now->ddns_interval_min, s->ddns_interval_min);
    assert_int_equal(now->address_family, s->address_family);
    assert_int_equal(now->presence_interval, s->presence_interval);
}

static const struct general_settings factory_general = {.ping_reply = true,
                                                        .rmcp_ping_reply = true,
                                                        .shared_fqdn = true,
                                                        .ddns_by_dhcp = true,
                                                        .ddns_ttl = 900,
                                                        .ddns_interval_min = 1440};

static const struct redir_settings other_redir = {.ider_enabled = true,
                                                  .sol_enabled = true,
                                                  .listener_enabled = true,
                                                  .kvm_enabled = true,
                                                  .kvm_port_5900 = true,
                                                  .kvm_opt_in = true,
                                                  .kvm_back_to_back = true,
                                                  .kvm_screen = 2,
                                                  .kvm_opt_in_s = 60,
                                                  .kvm_session_min = 255,
                                                  .rfb_password = "P@ssw0rd"};
static const struct redir_settings factory_redir = {.kvm_opt_in_s = 300,
                                                    .kvm_session_min = 3};

static void assert_redir(const struct redir_settings *s)
{
    const struct redir_settings *now = redir_settings_get();

    assert_int_equal(now->ider_enabled, s->ider_enabled);
    assert_int_equal(now->sol_enabled, s->sol_enabled);
    assert_int_equal(now->listener_enabled, s->listener_enabled);
    assert_int_equal(now->kvm_enabled, s->kvm_enabled);
    assert_int_equal(now->kvm_port_5900, s->kvm_port_5900);
    assert_int_equal(now->kvm_opt_in, s->kvm_opt_in);
    assert_int_equal(now->kvm_back_to_back, s->kvm_back_to_back);
    assert_int_equal(now->kvm_screen, s->kvm_screen);
    assert_int_equal(now->kvm_opt_in_s, s->kvm_opt_in_s);
    assert_int_equal(now->kvm_session_min, s->kvm_session_min);
    assert_string_equal(now->rfb_password, s->rfb_password);
}

static void set_others(void)
{
    assert_int_equal(general_settings_set(&other_general), 0);
    assert_int_equal(redir_settings_set(&other_redir), 0);
    assert_int_equal(power_scheme_set(POWER_SCHEME_S0), 0);
    assert_int_equal(boot_options_set_device(vamt_BootDevice_BOOT_DEVICE_NETWORK), 0);
}

static void test_all_survive_a_reset(void **state)
{
    (void)state;
    set_others();
    reset();
    assert_general(&other_general);
    assert_redir(&other_redir);
    assert_int_equal(power_scheme_get(), POWER_SCHEME_S0);
    assert_int_equal(boot_options_next_device(), vamt_BootDevice_BOOT_DEVICE_NETWORK);
}

static void test_factory_settings_without_records(void **state)
{
    (void)state;
    reset();
    assert_general(&factory_general);
    assert_redir(&factory_redir);
    assert_int_equal(power_scheme_get(), POWER_SCHEME_S0_TO_S5);
    assert_int_equal(boot_options_next_device(), vamt_BootDevice_BOOT_DEVICE_DEFAULT);
    assert_false(boot_options_were_cleared());
}

/* Each option for itself: none is kept in another's place. */
static void test_each_boot_option(void **state)
{
    static const size_t flags[] = {
        offsetof(struct boot_options, use_sol),
        offsetof(struct boot_options, use_safe_mode),
        offsetof(struct boot_options, reflash_bios),
        offsetof(struct boot_options, bios_setup),
        offsetof(struct boot_options, bios_pause),
        offsetof(struct boot_options, lock_power_button),
        offsetof(struct boot_options, lock_reset_button),
        offsetof(struct boot_options, lock_keyboard),
        offsetof(struct boot_options, lock_sleep_button),
        offsetof(struct boot_options, user_password_bypass),
        offsetof(struct boot_options, forced_progress_events),
        offsetof(struct boot_options, configuration_data_reset),
        offsetof(struct boot_options, use_ider),
        offsetof(struct boot_options, enforce_secure_boot),
        offsetof(struct boot_options, secure_erase),
    };

    (void)state;
    for (size_t i = 0; i < UTIL_COUNT(flags); i++) {
        struct boot_options options;

        memset(&options, 0, sizeof(options));
        *(bool *)((char *)&options + flags[i]) = true;
        options.firmware_verbosity = 3;
        options.ider_boot_device = 1;
        options.boot_media_index = (uint16_t)(1000 + i);
        assert_int_equal(boot_options_set(&options), 0);
        reset();
        for (size_t j = 0; j < UTIL_COUNT(flags); j++) {
            const char *now = (const char *)boot_options_get();
            assert_int_equal(*(const bool *)(now + flags[j]), i == j);
        }
        assert_int_equal(boot_options_get()->firmware_verbosity, 3);
        assert_int_equal(boot_options_get()->ider_boot_device, 1);
        assert_int_equal(boot_options_get()->boot_media_index, 1000 + i);
    }
}

static void test_a_boot_device_survives_a_reset_and_is_used_once(void **state)
{
    struct boot_options options = {.bios_setup = true};

    (void)state;
    assert_int_equal(boot_options_set(&options), 0);
    assert_int_equal(boot_options_set_device(vamt_BootDevice_BOOT_DEVICE_CD), 0);
    assert_int_equal(boot_options_set_enabled(false), 0);
    reset();
    assert_int_equal(boot_options_next_device(), vamt_BootDevice_BOOT_DEVICE_DEFAULT);
    assert_int_equal(boot_options_set_enabled(true), 0);
    reset();
    assert_int_equal(boot_options_next_device(), vamt_BootDevice_BOOT_DEVICE_CD);
    assert_true(boot_options_get()->bios_setup);
    boot_options_consume();
    reset();
    assert_int_equal(boot_options_next_device(), vamt_BootDevice_BOOT_DEVICE_DEFAULT);
    assert_false(boot_options_get()->bios_setup);
    assert_true(boot_options_were_cleared());
}

/* Damage one record: that module has factory settings, the others their own. */
static void test_a_damaged_record(void **state)
{
    static uint8_t file[STORE_FILE_CAP];

    (void)state;
    for (unsigned which = 0; which < UTIL_COUNT(records); which++) {
        int len;

        set_others();
        len = store_file_read(records[which], file, sizeof(file));
        assert_true(len > STORE_HEADER_LEN);
        file[len - 1] ^= 0x10;
        assert_int_equal(store_file_write(records[which], span_of(file, (size_t)len)), 0);
        reset();
        assert_true(store_world_logged(records[which]));
        assert_general(which == 0 ? &factory_general : &other_general);
        assert_redir(which == 1 ? &factory_redir : &other_redir);
        assert_int_equal(power_scheme_get(),
                         which == 2 ? POWER_SCHEME_S0_TO_S5 : POWER_SCHEME_S0);
        assert_int_equal(boot_options_next_device(),
                         which == 3 ? vamt_BootDevice_BOOT_DEVICE_DEFAULT
                                    : vamt_BootDevice_BOOT_DEVICE_NETWORK);
    }
}

/* Sealed with our key, but by an image that wrote something else into it. */
static void write_all(uint16_t version, struct span content)
{
    for (unsigned i = 0; i < UTIL_COUNT(records); i++) {
        assert_int_equal(store_write(records[i], version, content), 0);
    }
}

static void assert_all_factory(void)
{
    assert_general(&factory_general);
    assert_redir(&factory_redir);
    assert_int_equal(power_scheme_get(), POWER_SCHEME_S0_TO_S5);
    assert_int_equal(boot_options_next_device(), vamt_BootDevice_BOOT_DEVICE_DEFAULT);
}

static void test_content_that_makes_no_sense(void **state)
{
    (void)state;
    write_all(1, span_str("\xff\xff\xff\xff\xff\xff\xff\xff"));
    reset();
    assert_all_factory();
    for (unsigned i = 0; i < UTIL_COUNT(records); i++) {
        char line[64];

        snprintf(line, sizeof(line), "record %s makes no sense", records[i]);
        settings_start();
        assert_true(store_world_logged(line));
    }
}

static void test_records_of_a_newer_version(void **state)
{
    (void)state;
    set_others();
    write_all(2, span_of("\0\0\0\0\0\0", 6));
    reset();
    assert_all_factory();
    assert_true(store_world_logged("is of version 2, known is 1"));
}

static void test_older_shorter_and_newer_longer_records(void **state)
{
    uint8_t bytes[256];
    struct record_writer w;

    (void)state;
    record_writer_init(&w, bytes, sizeof(bytes));
    record_put_text(&w, "old-host");
    assert_int_equal(store_write("general", 1, record_done(&w)), 0);
    reset();
    assert_string_equal(general_settings_get()->host_name, "old-host");
    assert_int_equal(general_settings_get()->ddns_ttl, 900);
    assert_true(general_settings_get()->ping_reply);
    /* A newer image has appended something long. */
    memset(bytes, 0, sizeof(bytes));
    assert_int_equal(store_write("redirection", 1, span_of(bytes, sizeof(bytes))), 0);
    assert_int_equal(store_write("power-scheme", 1, span_of(bytes, sizeof(bytes))), 0);
    reset();
    assert_int_equal(redir_settings_get()->kvm_opt_in_s, 0);
    assert_int_equal(power_scheme_get(), POWER_SCHEME_S0);
}

static void test_a_store_that_fails_changes_nothing(void **state)
{
    struct boot_options options = {.use_sol = true};

    (void)state;
    set_others();
    store_world.sim.fails_to_read = true;
    assert_true(general_settings_set(&factory_general) < 0);
    assert_true(redir_settings_set(&factory_redir) < 0);
    assert_true(power_scheme_set(POWER_SCHEME_S0_TO_S5) < 0);
    assert_true(boot_options_set(&options) < 0);
    assert_true(boot_options_set_device(vamt_BootDevice_BOOT_DEVICE_CD) < 0);
    assert_true(boot_options_set_enabled(false) < 0);
    assert_general(&other_general);
    assert_redir(&other_redir);
    assert_int_equal(power_scheme_get(), POWER_SCHEME_S0);
    assert_int_equal(boot_options_next_device(), vamt_BootDevice_BOOT_DEVICE_NETWORK);
    assert_false(boot_options_get()->use_sol);
    boot_options_consume(); /* but what a start has used must not be used again */
    assert_int_equal(boot_options_next_device(), vamt_BootDevice_BOOT_DEVICE_DEFAULT);
    assert_true(settings_reset(false) < 0);
    assert_all_factory();
    store_world.sim.fails_to_read = false;
}

static void test_full_unprovisioning(void **state)
{
    (void)state;
    set_others();
    assert_int_equal(settings_reset(false), 0);
    assert_all_factory();
    reset();
    assert_all_factory();
    assert_false(boot_options_were_cleared());
    assert_int_equal(store_read("redirection", NULL, NULL, 0), ERR_NOT_FOUND);
}

static void test_partial_unprovisioning_keeps_the_network(void **state)
{
    (void)state;
    set_others();
    assert_int_equal(settings_reset(true), 0);
    reset();
    assert_string_equal(general_settings_get()->host_name, "host-7");
    assert_string_equal(general_settings_get()->domain, "example.org");
    assert_false(general_settings_get()->ping_reply);
    assert_string_equal(general_settings_get()->os_fqdn, "");
    assert_false(general_settings_get()->has_idle_min);
    assert_false(general_settings_get()->wsman_only);
    assert_redir(&factory_redir);
    assert_int_equal(power_scheme_get(), POWER_SCHEME_S0_TO_S5);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_all_survive_a_reset),
        TEST(test_factory_settings_without_records),
        TEST(test_each_boot_option),
        TEST(test_a_boot_device_survives_a_reset_and_is_used_once),
        TEST(test_a_damaged_record),
        TEST(test_content_that_makes_no_sense),
        TEST(test_records_of_a_newer_version),
        TEST(test_older_shorter_and_newer_longer_records),
        TEST(test_a_store_that_fails_changes_nothing),
        TEST(test_full_unprovisioning),
        TEST(test_partial_unprovisioning_keeps_the_network),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
