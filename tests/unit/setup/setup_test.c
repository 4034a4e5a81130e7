/* SPDX-License-Identifier: ISC */
/* setup/setup.c: every transition, the wrong ones, and a power cut in the middle of each. */
#include "unit.h"

#include "account/account.h"
#include "base/err.h"
#include "pki/pki.h"
#include "settings/general_settings.h"
#include "setup/consent.h"
#include "setup/setup.h"
#include "setup/setup_mebx.h"
#include "setup/setup_record.h"
#include "setup/setup_world.h"
#include "store/store.h"

static const uint8_t ha1[ACCOUNT_HA1_LEN] = {0xa1, 0xa2};
static const uint8_t other_ha1[ACCOUNT_HA1_LEN] = {0xb1};

static int close_world(void **state)
{
    (void)state;
    setup_world_close();
    return 0;
}

static int open_provisioned(void **state)
{
    (void)state;
    setup_world_open(false);
    setup_world_certificates();
    return setup_world_start();
}

static int open_unprovisioned(void **state)
{
    (void)state;
    setup_world_open(true);
    return setup_world_start();
}

static bool can_log_in(const char *name)
{
    return account_find(span_str(name)) != NULL;
}

static void assert_pre(void)
{
    assert_int_equal(setup_state(), SETUP_PRE);
    assert_int_equal(setup_mode(), SETUP_MODE_NONE);
    assert_string_equal(setup_name(), "unprovisioned");
    assert_false(can_log_in("admin"));
    assert_null(account_admin());
}

static void assert_post(enum setup_mode mode, const uint8_t expected[ACCOUNT_HA1_LEN])
{
    assert_int_equal(setup_state(), SETUP_POST);
    assert_int_equal(setup_mode(), mode);
    assert_string_equal(setup_name(),
                        mode == SETUP_MODE_CLIENT ? "client control" : "admin control");
    assert_true(can_log_in("admin"));
    assert_memory_equal(account_admin()->ha1, expected, ACCOUNT_HA1_LEN);
}

static void test_first_boot_with_a_password(void **state)
{
    uint8_t seeded[ACCOUNT_HA1_LEN];

    (void)state;
    account_make_ha1(span_str("admin"), span_str("P@ssw0rd!"), seeded);
    assert_post(SETUP_MODE_ADMIN, seeded);
    assert_int_equal(setup_record_count(SETUP_RECORD_KINDS), 1);
    assert_int_equal(setup_record_count(SETUP_RECORD_MANUAL), 1);
    assert_int_equal(setup_world_start(), 0);
    assert_post(SETUP_MODE_ADMIN, seeded);
    assert_int_equal(setup_record_count(SETUP_RECORD_KINDS), 1);
}

static void test_first_boot_unprovisioned(void **state)
{
    (void)state;
    assert_pre();
    assert_true(can_log_in("$$OsAdmin"));
    assert_int_equal(setup_record_count(SETUP_RECORD_KINDS), 0);
    assert_int_equal(setup_unprovision(true), ERR_INVALID);
    assert_int_equal(setup_upgrade(), ERR_INVALID);
    assert_int_equal(setup_disable_client(), ERR_INVALID);
    assert_int_equal(setup_activate(SETUP_MODE_NONE, ha1), ERR_INVALID);
    assert_int_equal(host_double_resets, 0);
}

/* The store counts, not the seed. */
static void test_the_seed_is_for_the_first_boot(void **state)
{
    (void)state;
    host_double_set_seed("unprovisioned", NULL);
    host_double_set_seed("admin-password", "P@ssw0rd!");
    assert_int_equal(setup_world_start(), 0);
    assert_pre();
}

static void test_activation(void **state)
{
    (void)state;
    assert_int_equal(setup_activate(SETUP_MODE_CLIENT, ha1), 0);
    assert_post(SETUP_MODE_CLIENT, ha1);
    assert_int_equal(setup_activate(SETUP_MODE_CLIENT, other_ha1), ERR_INVALID);
    assert_int_equal(setup_activate(SETUP_MODE_ADMIN, other_ha1), ERR_INVALID);
    assert_int_equal(setup_disable_client(), ERR_INVALID);
    assert_post(SETUP_MODE_CLIENT, ha1);
    assert_int_equal(setup_world_start(), 0);
    assert_post(SETUP_MODE_CLIENT, ha1);
    assert_int_equal(setup_upgrade(), 0);
    assert_post(SETUP_MODE_ADMIN, ha1);
    assert_int_equal(setup_upgrade(), ERR_INVALID);
    assert_int_equal(setup_world_start(), 0);
    assert_post(SETUP_MODE_ADMIN, ha1);
    assert_int_equal(setup_unprovision(true), 0);
    assert_int_equal(host_double_resets, 1);
    assert_pre();
    assert_int_equal(setup_world_start(), 0);
    assert_pre();
    assert_int_equal(setup_activate(SETUP_MODE_ADMIN, other_ha1), 0);
    assert_post(SETUP_MODE_ADMIN, other_ha1);
}

static void change_settings(void)
{
    struct general_settings general = *general_settings_get();
    struct consent_settings consent = {CONSENT_ALL, 100, 100};

    strcpy(general.host_name, "box");
    assert_int_equal(general_settings_set(&general), 0);
    assert_int_equal(consent_set_settings(&consent), 0);
    assert_int_equal(setup_mebx_set(span_str("Mebx-Passw0rd!")), 0);
    assert_int_equal(setup_disable_client(), 0);
    assert_in_range(pki_add_certificate(setup_world_der("root"), true), 1, 1000);
}

static unsigned trusted_roots(void)
{
    unsigned roots = 0;

    for (size_t i = 0; i < pki_certificate_count(); i++) {
        roots += pki_certificate_at(i)->is_trusted_root;
    }
    return roots;
}

static void test_full_unprovisioning(void **state)
{
    (void)state;
    change_settings();
    assert_int_equal(setup_unprovision(true), 0);
    for (unsigned i = 0; i < 2; i++) {
        assert_pre();
        assert_string_not_equal(general_settings_get()->host_name, "box");
        assert_true(consent_settings().policy == CONSENT_NONE);
        assert_int_equal(consent_settings().code_s, 120);
        assert_false(setup_mebx_is(span_str("Mebx-Passw0rd!")));
        assert_true(setup_allows_client());
        assert_int_equal(trusted_roots(), 0);
        assert_int_equal(setup_record_count(SETUP_RECORD_KINDS), 1); /* it stays */
        assert_int_equal(setup_world_start(), 0);
    }
}

static void test_partial_unprovisioning(void **state)
{
    (void)state;
    change_settings();
    assert_int_equal(setup_unprovision(false), 0);
    for (unsigned i = 0; i < 2; i++) {
        assert_pre();
        assert_string_equal(general_settings_get()->host_name, "box");
        assert_true(consent_settings().policy == CONSENT_NONE);
        assert_true(setup_mebx_is(span_str("Mebx-Passw0rd!")));
        assert_false(setup_allows_client());
        assert_int_equal(trusted_roots(), 1);
        assert_int_equal(setup_world_start(), 0);
    }
}

static void test_client_control_can_be_forbidden(void **state)
{
    (void)state;
    assert_true(setup_allows_client());
    assert_int_equal(setup_disable_client(), 0);
    assert_int_equal(setup_world_start(), 0);
    assert_false(setup_allows_client());
    assert_int_equal(setup_unprovision(false), 0);
    assert_int_equal(setup_activate(SETUP_MODE_CLIENT, ha1), ERR_DENIED);
    assert_pre();
    assert_int_equal(setup_activate(SETUP_MODE_ADMIN, ha1), 0);
}

/* The device works and forgets at the next reset. */
static void test_without_flash(void **state)
{
    (void)state;
    host_double_flash = NULL;
    assert_int_equal(setup_world_start(), 0);
    assert_int_equal(setup_mode(), SETUP_MODE_ADMIN);
    assert_int_equal(setup_unprovision(true), 0);
    assert_pre();
    assert_int_equal(setup_world_start(), 0);
    assert_int_equal(setup_mode(), SETUP_MODE_ADMIN);
}

/* ---- power cuts: each flash operation of a change, in two ways ---- */

static int (*cut_change)(void);

static int activate(void)
{
    return setup_activate(SETUP_MODE_CLIENT, ha1);
}

static int unprovision(void)
{
    return setup_unprovision(true);
}

/* Run the change on a copy of `from` until operation `at`. True: it went through. */
static bool run_cut(const struct flash_sim *from, uint32_t at, enum flash_sim_cut cut)
{
    flash_sim_copy(&setup_world_sim, from);
    assert_int_equal(setup_world_start(), 0);
    setup_world_sim.operations = 0;
    setup_world_sim.cut = cut;
    setup_world_sim.cut_at = at;
    if (setjmp(setup_world_sim.powerless) != 0) {
        setup_world_sim.cut_at = 0;
        return false;
    }
    assert_int_equal(cut_change(), 0);
    setup_world_sim.cut_at = 0;
    return true;
}

/* After each cut the device comes up in the old or in the new state, never in between. */
static unsigned cut_everywhere(void (*assert_old)(void), void (*assert_new)(void))
{
    static const enum flash_sim_cut cuts[] = {FLASH_SIM_CUT_HALF, FLASH_SIM_CUT_AFTER};
    struct flash_sim from;
    unsigned olds = 0;

    flash_sim_open(&from, 4096, setup_world_sim.flash.block_count, 0xff);
    flash_sim_copy(&from, &setup_world_sim);
    for (size_t i = 0; i < UTIL_COUNT(cuts); i++) {
        for (uint32_t at = 1; !run_cut(&from, at, cuts[i]); at++) {
            assert_int_equal(setup_world_start(), 0);
            if (setup_state() == (cut_change == activate ? SETUP_PRE : SETUP_POST)) {
                assert_old();
                olds++;
            } else {
                assert_new();
            }
            assert_in_range(at, 1, 2000);
        }
        assert_new();
    }
    flash_sim_close(&from);
    return olds;
}

static void assert_old_admin(void)
{
    uint8_t seeded[ACCOUNT_HA1_LEN];

    account_make_ha1(span_str("admin"), span_str("P@ssw0rd!"), seeded);
    assert_post(SETUP_MODE_ADMIN, seeded);
    assert_string_equal(general_settings_get()->host_name, "box");
    assert_true(setup_mebx_is(span_str("Mebx-Passw0rd!")));
}

static void assert_all_gone(void)
{
    assert_pre();
    assert_string_not_equal(general_settings_get()->host_name, "box");
    assert_false(setup_mebx_is(span_str("Mebx-Passw0rd!")));
    assert_true(consent_settings().policy == CONSENT_NONE);
    assert_true(setup_allows_client());
    assert_int_equal(trusted_roots(), 0);
}

static void test_power_cut_while_unprovisioning(void **state)
{
    (void)state;
    change_settings();
    cut_change = unprovision;
    assert_in_range(cut_everywhere(assert_old_admin, assert_all_gone), 1, 1000);
}

static void assert_new_client(void)
{
    assert_post(SETUP_MODE_CLIENT, ha1);
}

/* An account of an activation that was cut off lets nobody in. */
static void assert_still_pre(void)
{
    assert_int_equal(setup_state(), SETUP_PRE);
    assert_false(can_log_in("admin"));
    assert_true(can_log_in("$$OsAdmin"));
    assert_int_equal(setup_activate(SETUP_MODE_ADMIN, other_ha1), 0);
    assert_post(SETUP_MODE_ADMIN, other_ha1);
}

static void test_power_cut_while_activating(void **state)
{
    (void)state;
    cut_change = activate;
    assert_in_range(cut_everywhere(assert_still_pre, assert_new_client), 1, 1000);
}

/* ---- flash that fails: from some operation on nothing can be written ---- */

static const struct flash_ops *good_ops;
static unsigned good_operations;

static int program_or_fail(struct flash *flash, uint32_t at, struct span bytes)
{
    if (good_operations == 0) {
        return ERR_IO;
    }
    good_operations--;
    return good_ops->program(flash, at, bytes);
}

static int erase_or_fail(struct flash *flash, uint32_t at)
{
    if (good_operations == 0) {
        return ERR_IO;
    }
    good_operations--;
    return good_ops->erase(flash, at);
}

static void test_flash_fails_while_unprovisioning(void **state)
{
    struct flash_ops ops = *setup_world_sim.flash.ops;
    struct flash_sim from;
    unsigned finished_later = 0;
    int result = ERR_IO;

    (void)state;
    change_settings();
    flash_sim_open(&from, 4096, setup_world_sim.flash.block_count, 0xff);
    flash_sim_copy(&from, &setup_world_sim);
    good_ops = setup_world_sim.flash.ops;
    ops.program = program_or_fail;
    ops.erase = erase_or_fail;
    for (unsigned good = 0; result < 0; good++) {
        flash_sim_copy(&setup_world_sim, &from);
        assert_int_equal(setup_world_start(), 0);
        host_double_resets = 0;
        good_operations = good;
        setup_world_sim.flash.ops = &ops;
        result = setup_unprovision(true);
        setup_world_sim.flash.ops = good_ops;
        if (setup_state() == SETUP_POST) { /* not even begun */
            assert_int_equal(result, ERR_IO);
            assert_int_equal(host_double_resets, 0);
            assert_true(can_log_in("admin"));
            continue;
        }
        assert_int_equal(host_double_resets, 1);
        assert_false(can_log_in("admin"));
        assert_int_equal(setup_world_start(), 0);
        assert_all_gone();
        finished_later += result < 0;
        assert_in_range(good, 1, 2000);
    }
    assert_in_range(finished_later, 1, 2000);
    flash_sim_close(&from);
}

/* ---- records and the MEBx password ---- */

static void test_the_log_keeps_the_last_records(void **state)
{
    struct setup_record record = {.kind = SETUP_RECORD_CLIENT, .hash_len = 32};

    (void)state;
    for (unsigned i = 1; i <= 2 * CONFIG_SETUP_RECORDS; i++) {
        host_double_wall_s = 1000 + i;
        record.kind = i % 2 == 0 ? SETUP_RECORD_ADMIN : SETUP_RECORD_CLIENT;
        memset(record.common_name, 'x', sizeof(record.common_name) - 1);
        memset(record.serials, (int)i, sizeof(record.serials));
        record.serials_len = sizeof(record.serials);
        assert_int_equal(setup_record_add(&record), 0);
    }
    for (unsigned i = 0; i < 2; i++) {
        const struct setup_record *last = setup_record_at(SETUP_RECORD_KINDS,
                                                          CONFIG_SETUP_RECORDS - 1);

        assert_int_equal(setup_record_count(SETUP_RECORD_KINDS), CONFIG_SETUP_RECORDS);
        assert_int_equal(setup_record_count(SETUP_RECORD_ADMIN),
                         CONFIG_SETUP_RECORDS / 2);
        assert_int_equal(last->id, 2 * CONFIG_SETUP_RECORDS);
        assert_int_equal(last->time_s, 1000 + 2 * CONFIG_SETUP_RECORDS);
        assert_int_equal(last->serials[59], 2 * CONFIG_SETUP_RECORDS);
        assert_int_equal(strlen(last->common_name), sizeof(last->common_name) - 1);
        assert_null(setup_record_at(SETUP_RECORD_KINDS, CONFIG_SETUP_RECORDS));
        assert_null(setup_record_at(SETUP_RECORD_TLS, 0));
        assert_int_equal(setup_world_start(), 0);
    }
}

static void test_records_that_cannot_be_read(void **state)
{
    static uint8_t junk[400];

    (void)state;
    for (unsigned fill = 0; fill < 256; fill += 5) {
        memset(junk, (int)fill, sizeof(junk));
        assert_int_equal(store_write("provisioning-log", 1, span_of(junk, fill + 1)), 0);
        assert_int_equal(store_write("setup", 1, span_of(junk, 3)), 0);
        assert_int_equal(setup_world_start(), 0);
        assert_in_range(setup_record_count(SETUP_RECORD_KINDS), 0, CONFIG_SETUP_RECORDS);
        (void)setup_name();
    }
}

/* Our MAC is on it, so nobody else has written this; still no length is believed. */
static void test_a_record_with_too_long_a_hash(void **state)
{
    uint8_t bytes[400] = {[4] = 1, [5] = SETUP_RECORD_CLIENT, [20] = 200};

    (void)state;
    assert_int_equal(store_write("provisioning-log", 1, span_of(bytes, sizeof(bytes))),
                     0);
    assert_int_equal(setup_world_start(), 0);
    assert_int_equal(setup_record_count(SETUP_RECORD_KINDS), 0);
    bytes[20] = 32; /* but for that it would be good */
    assert_int_equal(store_write("provisioning-log", 1, span_of(bytes, sizeof(bytes))),
                     0);
    assert_int_equal(setup_world_start(), 0);
    assert_int_equal(setup_record_count(SETUP_RECORD_KINDS), 1);
}

static void test_mebx_password(void **state)
{
    (void)state;
    assert_false(setup_mebx_is(span_str("")));
    assert_int_equal(setup_mebx_set(span_str("Mebx-Passw0rd!")), 0);
    assert_true(setup_mebx_is(span_str("Mebx-Passw0rd!")));
    assert_false(setup_mebx_is(span_str("Mebx-Passw0rd")));
    assert_false(setup_mebx_is(span_str("")));
    assert_int_equal(setup_mebx_set(span_str("short1!")), ERR_INVALID);
    assert_int_equal(setup_world_start(), 0);
    assert_true(setup_mebx_is(span_str("Mebx-Passw0rd!")));
    assert_int_equal(setup_mebx_set(span_str("An0ther-One!")), 0);
    assert_false(setup_mebx_is(span_str("Mebx-Passw0rd!")));
    assert_true(setup_mebx_is(span_str("An0ther-One!")));
}

/* The default password of MEBx let everybody at the keyboard take the machine (F-Secure 2018):
 * there is none, and nobody can set it. */
static void f_secure_2018_default_password(void **state)
{
    (void)state;
    assert_false(setup_mebx_is(span_str("admin")));
    assert_int_equal(setup_mebx_set(span_str("admin")), ERR_INVALID);
    assert_false(setup_mebx_is(span_str("admin")));
}

#define PROVISIONED(name) \
    cmocka_unit_test_setup_teardown(name, open_provisioned, close_world)
#define UNPROVISIONED(name) \
    cmocka_unit_test_setup_teardown(name, open_unprovisioned, close_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PROVISIONED(test_first_boot_with_a_password),
        UNPROVISIONED(test_first_boot_unprovisioned),
        UNPROVISIONED(test_the_seed_is_for_the_first_boot),
        UNPROVISIONED(test_activation),
        PROVISIONED(test_full_unprovisioning),
        PROVISIONED(test_partial_unprovisioning),
        PROVISIONED(test_client_control_can_be_forbidden),
        PROVISIONED(test_without_flash),
        PROVISIONED(test_power_cut_while_unprovisioning),
        UNPROVISIONED(test_power_cut_while_activating),
        PROVISIONED(test_flash_fails_while_unprovisioning),
        UNPROVISIONED(test_the_log_keeps_the_last_records),
        PROVISIONED(test_records_that_cannot_be_read),
        PROVISIONED(test_a_record_with_too_long_a_hash),
        PROVISIONED(test_mebx_password),
        PROVISIONED(f_secure_2018_default_password),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
