/* SPDX-License-Identifier: ISC */
/* Logins while somebody is locked out: account_lock.c as digest_auth.c uses it. */
#include "unit.h"

#include <stdio.h>

#include "account/account_lock.h"
#include "base/err.h"
#include "config.h"
#include "digest_world.h"
#include "http/fake_board.h"

static void guess(int count)
{
    for (int i = 0; i < count; i++) {
        assert_int_equal(digest_world_check(digest_world_with(
                             "response=\"00000000000000000000000000000000\"")),
                         ERR_DENIED);
    }
}

static void test_the_right_password_must_wait(void **state)
{
    (void)state;
    guess(CONFIG_LOCK_FREE + 1);
    assert_int_equal(digest_world_login(), ERR_DENIED);
    fake_board.now_us += CONFIG_LOCK_FIRST_MS * (uint64_t)1000 - 1;
    assert_int_equal(digest_world_login(), ERR_DENIED);
    fake_board.now_us += 1;
    assert_int_equal(digest_world_login(), 0);
    guess(CONFIG_LOCK_FREE);
    digest_world.client.nc = "00000002";
    assert_int_equal(digest_world_login(), 0);
}

static void test_others_do_not_wait(void **state)
{
    (void)state;
    guess(100);
    digest_world.peer[15] = 9;
    assert_int_equal(digest_world_login(), 0);
}

/* Behind one address (a router, port forwarding) there are a guesser and a console at work. */
static void test_a_console_at_work_goes_on(void **state)
{
    (void)state;
    assert_int_equal(digest_world_login(), 0);
    guess(100);
    digest_world.client.nc = "00000002";
    assert_int_equal(digest_world_login(), 0);
    guess(100);
    digest_world_new_nonce(); /* a new one may be the guesser's */
    digest_world.client.nc = "00000001";
    assert_int_equal(digest_world_login(), ERR_DENIED);
}

/* Who may log in as bob does not get guesses at the administrator for it. */
static void test_a_nonce_is_good_for_its_user_only(void **state)
{
    struct account bob = {.name = "bob", .realms = 4, .access = 2, .is_enabled = true};

    (void)state;
    account_make_ha1(span_str("bob"), span_str("P@ssw0rd2"), bob.ha1);
    assert_true(account_add(&bob) > 0);
    digest_world.client.user = "bob";
    digest_world.client.password = "P@ssw0rd2";
    assert_int_equal(digest_world_login(), 0);
    digest_world.client.user = "admin";
    digest_world.client.password = FAKE_BOARD_PASSWORD;
    guess(CONFIG_LOCK_FREE + 1);
    digest_world.client.nc = "00000002";
    assert_int_equal(digest_world_login(), ERR_DENIED);
    digest_world.client.user = "bob";
    digest_world.client.password = "P@ssw0rd2";
    digest_world.client.nc = "00000003";
    assert_int_equal(digest_world_login(), 0);
}

static void test_what_cannot_be_a_guess_does_not_count(void **state)
{
    (void)state;
    digest_world.client.realm = "Digest:00000000000000000000000000000000";
    for (int i = 0; i < 100; i++) {
        assert_int_equal(digest_world_login(), ERR_DENIED);
        assert_int_equal(digest_world_check("Basic YWRtaW46YWRtaW4="), ERR_DENIED);
        assert_int_equal(digest_world_check("Digest x"), ERR_DENIED);
    }
    assert_int_equal(account_lock_count(fake_board.now_us), 0);
}

static void test_stale_nonces_do_not_count(void **state)
{
    (void)state;
    assert_int_equal(digest_world_login(), 0);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(digest_world_login(), ERR_TIMEOUT);
    }
    assert_int_equal(account_lock_count(fake_board.now_us), 0);
}

/* Local access, disabled, gone: refused as an unknown name is. */
static void test_accounts_that_may_not(void **state)
{
    struct account bob = {.name = "bob", .realms = 4, .access = 0, .is_enabled = true};
    int handle;

    (void)state;
    digest_world.client.user = "bob";
    digest_world.client.password = "P@ssw0rd2";
    account_make_ha1(span_str("bob"), span_str("P@ssw0rd2"), bob.ha1);
    handle = account_add(&bob);
    assert_true(handle > 0);
    assert_int_equal(digest_world_login(), ERR_DENIED);
    bob.access = ACCOUNT_ACCESS_NETWORK;
    assert_int_equal(account_update((uint32_t)handle, &bob), 0);
    assert_int_equal(digest_world_login(), 0);
    assert_string_equal(digest_world.account->name, "bob");
    assert_int_equal(account_set_enabled((uint32_t)handle, false), 0);
    digest_world.client.nc = "00000002";
    assert_int_equal(digest_world_login(), ERR_DENIED);
    assert_int_equal(account_set_enabled((uint32_t)handle, true), 0);
    assert_int_equal(digest_world_login(), 0);
    assert_int_equal(account_remove((uint32_t)handle), 0);
    digest_world.client.nc = "00000003";
    assert_int_equal(digest_world_login(), ERR_DENIED);
}

static void test_unprovisioned(void **state)
{
    (void)state;
    fake_board.local_password = "L0cal-Passw0rd!";
    fake_board.is_unprovisioned = true;
    account_let_users_in(false);
    assert_int_equal(account_start(), 0);
    digest_world_new_nonce();
    assert_int_equal(digest_world_login(), ERR_DENIED);
    digest_world.client.user = "$$OsAdmin";
    assert_int_equal(digest_world_login(), ERR_DENIED);
    digest_world.client.password = "L0cal-Passw0rd!";
    assert_int_equal(digest_world_login(), 0);
    assert_true(account_realms(digest_world.account) ==
                (uint64_t)1 << ACCOUNT_REALM_LOCAL_SYSTEM);
    account_let_users_in(true);
    digest_world.client.nc = "00000002";
    assert_int_equal(digest_world_login(), ERR_DENIED);
}

int main(void)
{
#define CHECKED(test) cmocka_unit_test_setup(test, digest_world_set_up)
    const struct CMUnitTest tests[] = {
        CHECKED(test_the_right_password_must_wait),
        CHECKED(test_others_do_not_wait),
        CHECKED(test_a_console_at_work_goes_on),
        CHECKED(test_a_nonce_is_good_for_its_user_only),
        CHECKED(test_what_cannot_be_a_guess_does_not_count),
        CHECKED(test_stale_nonces_do_not_count),
        CHECKED(test_accounts_that_may_not),
        CHECKED(test_unprovisioned),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
