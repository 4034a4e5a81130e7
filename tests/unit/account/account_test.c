/* SPDX-License-Identifier: ISC */
/* account/account.c: the password rule, the seed, and no login without one. */
#include "unit.h"

#include "account/account.h"
#include "account/account_lock.h"
#include "base/err.h"
#include "crypto/crypto.h"
#include "crypto/hash.h"
#include "http/fake_board.h"
#include "settings/identity.h"

static int start_with(const char *password)
{
    fake_board_reset();
    fake_board.password = password;
    account_let_users_in(true);
    assert_int_equal(crypto_start(), 0);
    identity_start();
    return account_start();
}

static void test_password_rule(void **state)
{
    static const char *const good[] = {"P@ssw0rd", "aA1!aA1!aA1!aA1!aA1!aA1!aA1!aA1!",
                                       "aA1-_ xx"};
    static const char *const bad[] = {
        "",           "admin",          "aA1!aA1",    "aA1!aA1!aA1!aA1!aA1!aA1!aA1!aA1!x",
        "password1!", "PASSWORD1!",     "Password!!", "Password11",
        "Passwor_1 ", "aA1!:xxxx",      "aA1!,xxxx",  "aA1!\"xxxx",
        "aA1!\txxxx", "aA1!xxx\xc3\xa4"};

    (void)state;
    for (size_t i = 0; i < UTIL_COUNT(good); i++) {
        assert_true(account_password_is_valid(span_str(good[i])));
    }
    for (size_t i = 0; i < UTIL_COUNT(bad); i++) {
        assert_false(account_password_is_valid(span_str(bad[i])));
    }
}

static void assert_password_is(const char *password)
{
    const struct account *admin = account_find(span_str("admin"));
    struct span parts[4] = {span_str("admin:"), span_str(identity_get()->realm),
                            span_str(":"), span_str(password)};
    uint8_t ha1[HASH_MD5_LEN];

    assert_non_null(admin);
    hash_md5(parts, 4, ha1);
    assert_memory_equal(admin->ha1, ha1, sizeof(ha1));
}

static void test_seed_becomes_the_password(void **state)
{
    (void)state;
    assert_int_equal(start_with("P@ssw0rd"), 0);
    assert_password_is("P@ssw0rd");
    assert_int_equal(start_with("P@ssw0rd\n"), 0);
    assert_password_is("P@ssw0rd");
    assert_int_equal(start_with("aA1!aA1!aA1!aA1!aA1!aA1!aA1!aA1!\r\n"), 0);
    assert_password_is("aA1!aA1!aA1!aA1!aA1!aA1!aA1!aA1!");
    assert_null(account_find(span_str("Admin")));
    assert_null(account_find(span_str("admin ")));
    assert_null(account_find(span_str("")));
    assert_null(account_find(span_str("$$OsAdmin")));
}

static void test_no_account_without_a_good_seed(void **state)
{
    (void)state;
    assert_int_equal(start_with("P@ssw0rd"), 0);
    assert_int_equal(start_with(NULL), ERR_NOT_FOUND);
    assert_null(account_find(span_str("admin")));
    assert_int_equal(fake_board.log_lines, 1);
    assert_int_equal(start_with("admin"), ERR_INVALID);
    assert_null(account_find(span_str("admin")));
    assert_int_equal(start_with("\n"), ERR_INVALID);
    assert_int_equal(start_with("P@ssw0rd\n\n"), ERR_INVALID);
    assert_int_equal(start_with("P@ssw0rd12345678901234567890123456789012345"),
                     ERR_INVALID);
    assert_null(account_find(span_str("admin")));
    assert_null(account_find(span_str("")));
}

static void test_refused_logins_are_logged_sparingly(void **state)
{
    uint8_t peer[ACCOUNT_PEER_LEN] = {0x20, 1, 0x0d, 0xb8};

    (void)state;
    assert_int_equal(start_with("P@ssw0rd"), 0);
    for (int i = 0; i < 1000; i++) {
        account_lock_failure(span_str("eve"), peer, fake_board.now_us);
        fake_board.now_us += 10000; /* ten seconds in all */
    }
    assert_in_range(fake_board.log_lines, 8, 15); /* with those about waiting */
    account_lock_failure(span_of(NULL, 0), peer, fake_board.now_us);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_password_rule),
        cmocka_unit_test(test_seed_becomes_the_password),
        cmocka_unit_test(test_no_account_without_a_good_seed),
        cmocka_unit_test(test_refused_logins_are_logged_sparingly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
