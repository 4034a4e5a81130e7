/* SPDX-License-Identifier: ISC */
/* settings/tls_settings.c: nothing is in force before the commit, and no commit locks all out. */
#include "unit.h"

#include "base/err.h"
#include "crypto/openssl.h"
#include "pki/pki.h"
#include "pki_world.h"
#include "settings/tls_settings.h"

static int setup(void **state)
{
    (void)state;
    pki_world_open();
    return 0;
}

static void test_factory(void **state)
{
    (void)state;
    assert_true(tls_settings_get()->is_enabled);
    assert_true(tls_settings_get()->accepts_plain);
    assert_false(tls_settings_get()->is_mutual);
    pki_world.plain_ports = "off\n";
    pki_world_start();
    assert_true(tls_settings_get()->is_enabled);
    assert_false(tls_settings_get()->accepts_plain);
    pki_world.plain_ports = "nonsense, and a long one";
    pki_world_start();
    assert_true(tls_settings_get()->accepts_plain);
}

static void test_commit(void **state)
{
    uint32_t generation = tls_settings_generation();

    (void)state;
    assert_int_equal(tls_settings_commit(), 0); /* nothing to do */
    assert_int_equal(tls_settings_generation(), generation);
    tls_settings_staged()->accepts_plain = false;
    tls_settings_staged()->is_local_enabled = true;
    memcpy(tls_settings_staged()->names[1], "admin.example", 14);
    assert_true(tls_settings_get()->accepts_plain);
    assert_int_equal(tls_settings_commit(), 0);
    assert_false(tls_settings_get()->accepts_plain);
    assert_true(tls_settings_generation() != generation);
    pki_world_start();
    assert_false(tls_settings_get()->accepts_plain);
    assert_true(tls_settings_get()->is_local_enabled);
    assert_string_equal(tls_settings_get()->names[1], "admin.example");
    assert_string_equal(tls_settings_get()->names[0], "");
    tls_settings_reset();
    assert_true(tls_settings_get()->accepts_plain);
    assert_false(pki_world_has("tls"));
}

static void test_staged_is_lost_at_a_reset(void **state)
{
    (void)state;
    tls_settings_staged()->is_enabled = false;
    pki_world_start();
    assert_true(tls_settings_staged()->is_enabled);
}

static void test_nobody_is_locked_out(void **state)
{
    (void)state;
    tls_settings_staged()->is_mutual = true;
    assert_int_equal(tls_settings_commit(), ERR_INVALID); /* no trusted root */
    assert_false(tls_settings_get()->is_mutual);
    openssl_open();
    openssl_make_ca("root");
    assert_true(pki_add_certificate(openssl_read(0, "ca.der"), false) > 0);
    assert_int_equal(tls_settings_commit(), ERR_INVALID); /* not as a root */
    assert_true(pki_add_certificate(openssl_read(0, "ca.der"), true) > 0);
    openssl_close();
    assert_int_equal(tls_settings_commit(), 0);
    assert_true(tls_settings_get()->is_mutual);
    tls_settings_staged()->is_mutual = false;
    tls_settings_staged()->is_enabled = false;
    tls_settings_staged()->accepts_plain = false;
    assert_int_equal(tls_settings_commit(), ERR_INVALID); /* no port at all */
    assert_true(tls_settings_get()->is_mutual);
}

static void test_lost_roots_do_not_open(void **state)
{
    (void)state;
    openssl_open();
    openssl_make_ca("root");
    assert_int_equal(pki_add_certificate(openssl_read(0, "ca.der"), true), 1);
    openssl_close();
    tls_settings_staged()->is_mutual = true;
    assert_int_equal(tls_settings_commit(), 0);
    pki_world_damage("pki.cert.1");
    pki_world_start(); /* an edited NVRAM must not let in who has no certificate */
    assert_true(tls_settings_get()->is_mutual);
}

static void test_store_fails(void **state)
{
    (void)state;
    tls_settings_staged()->accepts_plain = false;
    pki_world.store_result = ERR_IO;
    assert_int_equal(tls_settings_commit(), ERR_IO);
    assert_true(tls_settings_get()->accepts_plain);
    pki_world.store_result = 0;
    assert_int_equal(tls_settings_commit(), 0);
    assert_false(tls_settings_get()->accepts_plain);
}

static void test_unusable_records(void **state)
{
    static const uint8_t no_port[] = {0, 0, 0};
    static const uint8_t bad_bool[] = {1, 2, 0};
    static const uint8_t short_name[] = {1, 0, 0, 5, 0, 'a'};
    static const uint8_t older[] = {1, 0};

    (void)state;
    assert_int_equal(store_write("tls", 1, span_of(no_port, sizeof(no_port))), 0);
    pki_world_start();
    assert_true(tls_settings_get()->is_enabled && tls_settings_get()->accepts_plain);
    assert_int_equal(store_write("tls", 1, span_of(bad_bool, sizeof(bad_bool))), 0);
    pki_world_start();
    assert_true(tls_settings_get()->is_enabled && tls_settings_get()->accepts_plain);
    assert_int_equal(store_write("tls", 1, span_of(short_name, sizeof(short_name))), 0);
    pki_world_start();
    assert_string_equal(tls_settings_get()->names[0], "");
    assert_true(tls_settings_get()->accepts_plain);
    assert_int_equal(store_write("tls", 1, span_of(older, sizeof(older))), 0);
    pki_world_start();
    assert_true(tls_settings_get()->is_enabled && !tls_settings_get()->accepts_plain);
}

/* A newer image appends fields, or changes their meaning and with it the version. */
static void test_records_of_newer_images(void **state)
{
    static uint8_t content[CONFIG_STORE_RECORD_CAP] = {1, 0, 1};
    struct span record = span_of(content, sizeof(content));

    (void)state;
    assert_int_equal(store_write("tls", 1, record), 0);
    pki_world_start();
    assert_false(tls_settings_get()->accepts_plain);
    assert_true(tls_settings_get()->is_mutual);
    assert_int_equal(store_write("tls", 2, record), 0);
    pki_world_start();
    assert_true(tls_settings_get()->accepts_plain);
    assert_false(tls_settings_get()->is_mutual);
    assert_int_equal(store_write("tls", 2, span_of(content, 3)), 0);
    pki_world_start();
    assert_true(tls_settings_get()->accepts_plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_factory, setup),
        cmocka_unit_test_setup(test_commit, setup),
        cmocka_unit_test_setup(test_staged_is_lost_at_a_reset, setup),
        cmocka_unit_test_setup(test_nobody_is_locked_out, setup),
        cmocka_unit_test_setup(test_lost_roots_do_not_open, setup),
        cmocka_unit_test_setup(test_store_fails, setup),
        cmocka_unit_test_setup(test_unusable_records, setup),
        cmocka_unit_test_setup(test_records_of_newer_images, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
