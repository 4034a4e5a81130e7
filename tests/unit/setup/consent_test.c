/* SPDX-License-Identifier: ISC */
/* setup/consent.c: codes, attempts, timeouts (fake clock), policy. */
#include "unit.h"

#include <stdlib.h>

#include "base/err.h"
#include "config.h"
#include "setup/consent.h"
#include "setup/setup.h"
#include "setup/setup_world.h"
#include "store/record.h"
#include "store/store.h"

static const uint64_t second = 1000000;
static const uint8_t ha1[ACCOUNT_HA1_LEN] = {1};

static int open_world(void **state)
{
    (void)state;
    setup_world_open(true);
    return setup_world_start() + setup_activate(SETUP_MODE_CLIENT, ha1);
}

static int close_world(void **state)
{
    (void)state;
    setup_world_close();
    return 0;
}

static void pass(uint64_t us)
{
    host_double_now_us += us;
    (void)consent_poll(host_double_now_us);
}

static uint32_t shown(void)
{
    const char *code = consent_code();

    assert_non_null(code);
    assert_int_equal(strlen(code), 6);
    return (uint32_t)strtoul(code, NULL, 10);
}

static uint32_t wrong(void)
{
    return (shown() + 1) % 1000000;
}

static bool all_missing(void)
{
    return consent_is_missing(CONSENT_FOR_KVM) &&
           consent_is_missing(CONSENT_FOR_REDIRECTION) &&
           consent_is_missing(CONSENT_FOR_BOOT);
}

static bool none_missing(void)
{
    return !consent_is_missing(CONSENT_FOR_KVM) &&
           !consent_is_missing(CONSENT_FOR_REDIRECTION) &&
           !consent_is_missing(CONSENT_FOR_BOOT);
}

static void test_the_right_code(void **state)
{
    (void)state;
    assert_true(all_missing());
    assert_null(consent_code());
    assert_int_equal(consent_answer(0), ERR_INVALID);
    assert_int_equal(consent_request(), 0);
    assert_int_equal(consent_state(), CONSENT_DISPLAYED);
    assert_true(all_missing());
    assert_int_equal(consent_request(), ERR_BUSY);
    assert_int_equal(consent_answer(shown()), 0);
    assert_int_equal(consent_state(), CONSENT_RECEIVED);
    assert_null(consent_code());
    assert_true(none_missing());
    assert_int_equal(consent_request(), ERR_BUSY);
    assert_int_equal(consent_cancel(), 0);
    assert_true(all_missing());
    assert_int_equal(consent_cancel(), ERR_INVALID);
}

static void test_all_of_the_code_counts(void **state)
{
    (void)state;
    assert_int_equal(consent_request(), 0);
    assert_int_equal(consent_answer(shown() ^ 0x100), ERR_DENIED);
    assert_int_equal(consent_answer(shown() ^ 0x10000), ERR_DENIED);
    assert_int_equal(consent_answer(shown()), 0);
}

static void test_a_code_is_good_for_its_time(void **state)
{
    uint32_t code;

    (void)state;
    assert_int_equal(consent_request(), 0);
    code = shown();
    assert_int_equal(consent_poll(host_double_now_us), host_double_now_us + 120 * second);
    pass(120 * second - 1);
    assert_int_equal(shown(), code);
    pass(1);
    assert_null(consent_code());
    assert_int_equal(consent_answer(code), ERR_INVALID);
    assert_int_equal(consent_state(), CONSENT_NOT_STARTED);
    assert_true(consent_poll(host_double_now_us) == UINT64_MAX);
}

/* Also when nobody polls. */
static void test_time_passes_by_itself(void **state)
{
    uint32_t code;

    (void)state;
    assert_int_equal(consent_request(), 0);
    code = shown();
    host_double_now_us += 120 * second;
    assert_int_equal(consent_answer(code), ERR_INVALID);
    assert_int_equal(consent_request(), 0);
    assert_int_equal(consent_answer(shown()), 0);
    host_double_now_us += 120 * second;
    assert_true(all_missing());
}

static void test_consent_lasts_as_long_as_a_session(void **state)
{
    (void)state;
    consent_open(); /* without consent: nothing */
    assert_true(all_missing());
    assert_int_equal(consent_request(), 0);
    assert_int_equal(consent_answer(shown()), 0);
    consent_open();
    consent_open();
    assert_int_equal(consent_state(), CONSENT_IN_SESSION);
    pass(10000 * second);
    assert_true(none_missing());
    assert_int_equal(consent_cancel(), ERR_INVALID);
    consent_close();
    pass(10000 * second);
    assert_true(none_missing());
    consent_close();
    assert_int_equal(consent_state(), CONSENT_RECEIVED);
    pass(119 * second);
    assert_true(none_missing());
    pass(1 * second);
    assert_true(all_missing());
    consent_close(); /* one too many */
    assert_int_equal(consent_state(), CONSENT_NOT_STARTED);
}

static void test_guessing_is_bounded(void **state)
{
    (void)state;
    assert_int_equal(consent_request(), 0);
    assert_int_equal(consent_answer(wrong()), ERR_DENIED);
    assert_int_equal(consent_answer(wrong()), ERR_DENIED);
    assert_int_equal(consent_state(), CONSENT_DISPLAYED);
    assert_int_equal(consent_answer(wrong()), ERR_CLOSED);
    assert_null(consent_code());
    assert_int_equal(consent_request(), ERR_DENIED);
    pass((uint64_t)CONFIG_CONSENT_BLOCK_MS * 1000 - 1);
    assert_int_equal(consent_request(), ERR_DENIED);
    pass(1);
    assert_int_equal(consent_request(), 0);
}

/* Two guesses, cancel, two guesses ... */
static void test_a_new_request_gives_no_new_attempts(void **state)
{
    (void)state;
    assert_int_equal(consent_request(), 0);
    assert_int_equal(consent_answer(wrong()), ERR_DENIED);
    assert_int_equal(consent_answer(wrong()), ERR_DENIED);
    assert_int_equal(consent_cancel(), 0);
    assert_int_equal(consent_request(), 0);
    assert_int_equal(consent_answer(wrong()), ERR_CLOSED);
    assert_int_equal(consent_request(), ERR_DENIED);
}

static void test_guesses_in_an_hour(void **state)
{
    unsigned guesses = 0;

    (void)state;
    for (uint64_t end = host_double_now_us + 3600 * second; host_double_now_us < end;
         host_double_now_us += second) {
        if (consent_state() == CONSENT_NOT_STARTED) {
            (void)!consent_request();
        }
        if (consent_state() == CONSENT_DISPLAYED) {
            assert_int_not_equal(consent_answer(wrong()), 0);
            guesses++;
        }
    }
    assert_in_range(guesses, 1, 3 * (3600 / 180 + 1));
}

static void test_the_right_code_forgives(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 10; i++) {
        assert_int_equal(consent_request(), 0);
        assert_int_equal(consent_answer(wrong()), ERR_DENIED);
        assert_int_equal(consent_answer(shown()), 0);
        assert_int_equal(consent_cancel(), 0);
    }
}

/* Codes differ, and each of the ten ranges of the first digit comes up. */
static void test_codes_are_drawn_from_all(void **state)
{
    unsigned firsts[10] = {0};

    (void)state;
    for (unsigned i = 0; i < 500; i++) {
        assert_int_equal(consent_request(), 0);
        firsts[shown() / 100000]++;
        assert_int_equal(consent_cancel(), 0);
    }
    for (unsigned i = 0; i < 10; i++) {
        assert_in_range(firsts[i], 20, 90);
    }
}

static struct consent_settings with(enum consent_policy policy, uint32_t code_s,
                                    uint16_t display_s)
{
    return (struct consent_settings){policy, code_s, display_s};
}

static int set(enum consent_policy policy, uint32_t code_s, uint16_t display_s)
{
    struct consent_settings s = with(policy, code_s, display_s);

    return consent_set_settings(&s);
}

static void test_limits_of_settings(void **state)
{
    (void)state;
    assert_int_equal(setup_upgrade(), 0);
    assert_int_equal(set(CONSENT_ALL, 60, 10), 0);
    assert_int_equal(set(CONSENT_KVM, 900, 4095), 0);
    assert_int_equal(set(CONSENT_NONE, 59, 300), ERR_INVALID);
    assert_int_equal(set(CONSENT_NONE, 901, 300), ERR_INVALID);
    assert_int_equal(set(CONSENT_NONE, 120, 9), ERR_INVALID);
    assert_int_equal(set(CONSENT_NONE, 120, 4096), ERR_INVALID);
    assert_int_equal(set((enum consent_policy)2, 120, 300), ERR_INVALID);
    assert_int_equal(consent_settings().policy, CONSENT_KVM);
    assert_int_equal(consent_settings().code_s, 900);
    assert_int_equal(setup_world_start(), 0); /* kept */
    assert_int_equal(consent_settings().policy, CONSENT_KVM);
    assert_int_equal(consent_settings().display_s, 4095);
}

static void test_client_control_needs_consent_for_all(void **state)
{
    (void)state;
    assert_true(consent_settings().policy == CONSENT_ALL);
    assert_int_equal(set(CONSENT_NONE, 120, 300), ERR_DENIED);
    assert_int_equal(set(CONSENT_KVM, 120, 300), ERR_DENIED);
    assert_int_equal(set(CONSENT_ALL, 90, 300), 0);
    assert_int_equal(consent_settings().code_s, 90);
    assert_true(all_missing());
    assert_int_equal(setup_upgrade(), 0); /* what counted before counts again */
    assert_true(consent_settings().policy == CONSENT_NONE);
    assert_true(none_missing());
}

static void test_policy_in_admin_control(void **state)
{
    (void)state;
    assert_int_equal(setup_upgrade(), 0);
    assert_int_equal(consent_request(), ERR_INVALID); /* nothing needs it */
    assert_int_equal(set(CONSENT_KVM, 120, 300), 0);
    assert_true(consent_is_missing(CONSENT_FOR_KVM));
    assert_false(consent_is_missing(CONSENT_FOR_REDIRECTION));
    assert_false(consent_is_missing(CONSENT_FOR_BOOT));
    assert_int_equal(consent_request(), 0);
    assert_int_equal(set(CONSENT_ALL, 120, 300), 0);
    assert_true(all_missing());
}

static void test_the_user_sees_the_code_for_a_while(void **state)
{
    uint32_t code;

    (void)state;
    assert_int_equal(set(CONSENT_ALL, 120, 10), 0);
    assert_int_equal(consent_request(), 0);
    code = shown();
    assert_int_equal(consent_poll(host_double_now_us), host_double_now_us + 10 * second);
    pass(10 * second);
    assert_null(consent_code());
    assert_int_equal(consent_poll(host_double_now_us), host_double_now_us + 110 * second);
    assert_int_equal(consent_state(), CONSENT_DISPLAYED);
    assert_int_equal(consent_answer(code), 0);
}

static void test_no_consent_survives(void **state)
{
    (void)state;
    assert_int_equal(consent_request(), 0);
    assert_int_equal(consent_answer(shown()), 0);
    assert_int_equal(setup_world_start(), 0); /* a reset */
    assert_true(all_missing());
    assert_int_equal(consent_request(), 0);
    assert_int_equal(consent_answer(shown()), 0);
    assert_int_equal(setup_unprovision(true), 0);
    assert_int_equal(consent_state(), CONSENT_NOT_STARTED);
    assert_int_equal(consent_request(), ERR_INVALID);
}

static void test_no_random_numbers_no_code(void **state)
{
    (void)state;
    /* The generator reseeds now and then; without entropy it then fails. */
    host_double_has_no_entropy = true;
    for (unsigned i = 0; i < 100000 && consent_request() == 0; i++) {
        assert_int_equal(consent_cancel(), 0);
    }
    assert_int_equal(consent_request(), ERR_IO);
    assert_int_equal(consent_state(), CONSENT_NOT_STARTED);
}

static void test_a_bad_record_means_more_consent(void **state)
{
    static const uint8_t junk[] = {2, 0, 0, 0, 120, 0, 0, 0, 44, 1};

    (void)state;
    assert_int_equal(setup_upgrade(), 0);
    assert_int_equal(store_write("consent", 1, span_of(junk, sizeof(junk))), 0);
    assert_int_equal(setup_world_start(), 0);
    assert_true(consent_settings().policy == CONSENT_ALL);
    assert_true(all_missing());
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_right_code),
        TEST(test_all_of_the_code_counts),
        TEST(test_a_code_is_good_for_its_time),
        TEST(test_time_passes_by_itself),
        TEST(test_consent_lasts_as_long_as_a_session),
        TEST(test_guessing_is_bounded),
        TEST(test_a_new_request_gives_no_new_attempts),
        TEST(test_guesses_in_an_hour),
        TEST(test_the_right_code_forgives),
        TEST(test_codes_are_drawn_from_all),
        TEST(test_limits_of_settings),
        TEST(test_client_control_needs_consent_for_all),
        TEST(test_policy_in_admin_control),
        TEST(test_the_user_sees_the_code_for_a_while),
        TEST(test_no_consent_survives),
        TEST(test_no_random_numbers_no_code),
        TEST(test_a_bad_record_means_more_consent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
