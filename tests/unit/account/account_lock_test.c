/* SPDX-License-Identifier: ISC */
/* account/account_lock.c: who waits how long, and who does not. */
#include "unit.h"

#include <stdio.h>

#include "account/account.h"
#include "account/account_lock.h"
#include "crypto/crypto.h"
#include "http/fake_board.h"
#include "settings/identity.h"

#define SECOND ((uint64_t)1000000)

struct peer {
    uint8_t bytes[ACCOUNT_PEER_LEN];
};

static struct span admin;

static struct peer peer(unsigned number)
{
    struct peer p = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192}};

    p.bytes[13] = (uint8_t)(number >> 16);
    p.bytes[14] = (uint8_t)(number >> 8);
    p.bytes[15] = (uint8_t)number;
    return p;
}

static void refuse(const char *name, unsigned from)
{
    account_lock_failure(span_str(name), peer(from).bytes, fake_board.now_us);
}

static bool is_on(const char *name, unsigned from)
{
    return account_lock_is_on(span_str(name), peer(from).bytes, fake_board.now_us);
}

static uint32_t wait_s(unsigned from)
{
    return account_lock_wait_s(peer(from).bytes, fake_board.now_us);
}

static int set_up(void **state)
{
    (void)state;
    fake_board_reset();
    account_let_users_in(true);
    assert_int_equal(crypto_start(), 0);
    identity_start();
    assert_int_equal(account_start(), 0);
    admin = span_str("admin");
    return 0;
}

static void test_the_wait_grows_to_its_end(void **state)
{
    uint64_t expected_s = CONFIG_LOCK_FIRST_MS / 1000;

    (void)state;
    for (int i = 0; i < CONFIG_LOCK_FREE; i++) {
        refuse("admin", 1);
        assert_false(is_on("admin", 1));
    }
    for (int i = 0; i < 20; i++) {
        refuse("admin", 1);
        assert_true(is_on("admin", 1));
        assert_int_equal(wait_s(1), expected_s);
        fake_board.now_us += expected_s * SECOND - 1;
        assert_true(is_on("admin", 1));
        assert_int_equal(wait_s(1), 1);
        fake_board.now_us += 1;
        assert_false(is_on("admin", 1));
        assert_int_equal(wait_s(1), 0);
        expected_s *= 2;
        if (expected_s > CONFIG_LOCK_MOST_MS / 1000) {
            expected_s = CONFIG_LOCK_MOST_MS / 1000;
        }
    }
}

static void test_tries_while_waiting_change_nothing(void **state)
{
    (void)state;
    for (int i = 0; i <= CONFIG_LOCK_FREE; i++) {
        refuse("admin", 1);
    }
    for (int i = 0; i < 1000; i++) {
        refuse("admin", 1);
    }
    assert_int_equal(wait_s(1), CONFIG_LOCK_FIRST_MS / 1000);
    assert_int_equal(account_lock_count(fake_board.now_us), 1);
    fake_board.now_us += SECOND;
    assert_int_equal(account_lock_count(fake_board.now_us), 0);
}

static void test_one_address_does_not_lock_a_name(void **state)
{
    (void)state;
    for (int i = 0; i < 200; i++) {
        refuse("admin", 1);
        assert_false(is_on("admin", 2));
        fake_board.now_us += CONFIG_LOCK_MOST_MS * (uint64_t)1000;
    }
    assert_true(account_lock_count(fake_board.now_us) <= 1);
}

static void test_one_address_waits_whatever_name_it_tries(void **state)
{
    static const char *const tried[] = {"admin", "root", "", "guest", "admin", "a"};

    (void)state;
    for (size_t i = 0; i < UTIL_COUNT(tried); i++) {
        refuse(tried[i], 1);
    }
    assert_true(is_on("admin", 1));
    assert_true(is_on("nobody", 1));
    assert_false(is_on("nobody", 2));
}

static void test_many_addresses_lock_the_name_for_strangers_only(void **state)
{
    (void)state;
    account_lock_success(admin, peer(1000).bytes); /* the console of this house */
    for (unsigned i = 1; i <= CONFIG_LOCK_FREE; i++) {
        refuse("admin", i);
        assert_false(is_on("admin", 2000));
    }
    refuse("admin", CONFIG_LOCK_FREE + 1);
    assert_true(is_on("admin", 2000));
    assert_int_equal(wait_s(2000),
                     0); /* not told: it would tell that there is such a user */
    assert_false(is_on("admin", 1000));
    assert_false(is_on("somebody", 2000));
    account_lock_success(admin, peer(1000).bytes);
    assert_true(is_on("admin", 2000)); /* who polls does not open the door for guessers */
    fake_board.now_us += CONFIG_LOCK_FIRST_MS * (uint64_t)1000;
    assert_false(is_on("admin", 2000));
    refuse("admin", 1); /* one that has counted before: now every one counts */
    assert_true(is_on("admin", 2000));
}

static void test_names_without_account_take_no_place(void **state)
{
    char name[16];

    (void)state;
    for (unsigned i = 0; i < 5000; i++) {
        snprintf(name, sizeof(name), "user%u", i);
        refuse(name, i);
        assert_false(is_on(name, 100000));
    }
    assert_int_equal(account_lock_count(fake_board.now_us), 0);
}

/* A botnet: how many passwords for one account does it get to try in six hours? */
static void test_table_exhaustion_does_not_unlock_guessers(void **state)
{
    const uint64_t end = fake_board.now_us + 6 * 3600 * SECOND;
    unsigned looked_at = 0;
    unsigned from = 0;

    (void)state;
    account_lock_success(admin, peer(0xffffff).bytes);
    while (fake_board.now_us < end) {
        for (unsigned i = 0; i < 3 * CONFIG_LOCK_COUNT; i++) {
            from++;
            if (!is_on("admin", from % 100000)) {
                looked_at++;
                refuse("admin", from % 100000);
            }
        }
        fake_board.now_us += 10 * SECOND;
        assert_false(is_on("admin", 0xffffff));
        assert_true(account_lock_count(fake_board.now_us) <= CONFIG_LOCK_COUNT + 1);
    }
    assert_in_range(looked_at, 50, 6 * 3600 / (CONFIG_LOCK_MOST_MS / 1000) + 20);
}

/* The ones that wait long are not pushed out by a flood of those that failed once. */
static void test_table_exhaustion_keeps_who_waits(void **state)
{
    (void)state;
    for (int i = 0; i < 30; i++) {
        refuse("root", 7);
        fake_board.now_us += wait_s(7) * SECOND;
    }
    refuse("root", 7);
    assert_true(is_on("root", 7));
    for (unsigned i = 0; i < 10 * CONFIG_LOCK_COUNT; i++) {
        refuse("root", 1000 + i);
    }
    assert_true(is_on("root", 7));
}

static void test_a_login_forgives_its_own_mistakes_only(void **state)
{
    (void)state;
    for (int i = 0; i < CONFIG_LOCK_FREE; i++) {
        refuse("admin", 1);
    }
    account_lock_success(admin, peer(1).bytes);
    for (int i = 0; i < CONFIG_LOCK_FREE; i++) {
        refuse("root", 1);
        assert_false(is_on("admin", 1));
    }
    account_lock_success(admin,
                         peer(1).bytes); /* an own account does not pay for guesses */
    refuse("root", 1);
    assert_true(is_on("admin", 1));
}

static void test_time_forgives(void **state)
{
    (void)state;
    for (int i = 0; i < CONFIG_LOCK_FREE; i++) {
        refuse("admin", 1);
    }
    fake_board.now_us += CONFIG_LOCK_FORGET_MS * (uint64_t)1000 + 1;
    for (int i = 0; i < CONFIG_LOCK_FREE; i++) {
        refuse("admin", 1);
        assert_false(is_on("admin", 1));
    }
    refuse("admin", 1);
    assert_true(is_on("admin", 1));
}

static void test_notes_do_not_count(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++) {
        account_lock_note(admin, peer(1).bytes, fake_board.now_us);
    }
    assert_false(is_on("admin", 1));
    assert_int_equal(fake_board.log_lines, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_the_wait_grows_to_its_end, set_up),
        cmocka_unit_test_setup(test_tries_while_waiting_change_nothing, set_up),
        cmocka_unit_test_setup(test_one_address_does_not_lock_a_name, set_up),
        cmocka_unit_test_setup(test_one_address_waits_whatever_name_it_tries, set_up),
        cmocka_unit_test_setup(test_many_addresses_lock_the_name_for_strangers_only,
                               set_up),
        cmocka_unit_test_setup(test_names_without_account_take_no_place, set_up),
        cmocka_unit_test_setup(test_table_exhaustion_does_not_unlock_guessers, set_up),
        cmocka_unit_test_setup(test_table_exhaustion_keeps_who_waits, set_up),
        cmocka_unit_test_setup(test_a_login_forgives_its_own_mistakes_only, set_up),
        cmocka_unit_test_setup(test_time_forgives, set_up),
        cmocka_unit_test_setup(test_notes_do_not_count, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
