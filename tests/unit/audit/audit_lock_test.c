/* SPDX-License-Identifier: ISC */
/* audit/audit_lock: who holds the log, and for how long. */
#include "audit/audit_world.h"
#include "unit.h"

#include "audit/audit_lock.h"
#include "base/err.h"
#include "crypto/crypto.h"

enum { SECOND_US = 1000000 };

static int open_world(void **state)
{
    (void)state;
    audit_world_open();
    audit_lock_reset();
    return 0;
}

static int close_world(void **state)
{
    (void)state;
    audit_world_close();
    return 0;
}

static void test_lock_and_release(void **state)
{
    uint32_t handle = 0;

    (void)state;
    assert_false(audit_lock_is_held(AUDIT_LOCK_LOG));
    assert_int_equal(audit_lock_release(1), ERR_NOT_FOUND);
    assert_int_equal(audit_lock_take(AUDIT_LOCK_LOG, 10, 0, &handle), 0);
    assert_true(handle != 0);
    assert_true(audit_lock_is_held(AUDIT_LOCK_LOG));
    assert_false(audit_lock_is_held(AUDIT_LOCK_UNPROVISIONING));
    assert_int_equal(audit_lock_release(handle + 2), ERR_DENIED);
    assert_int_equal(audit_lock_release(0), ERR_DENIED);
    assert_true(audit_lock_is_held(AUDIT_LOCK_LOG));
    assert_int_equal(audit_lock_release(handle), 0);
    assert_false(audit_lock_is_held(AUDIT_LOCK_LOG));
    assert_int_equal(audit_lock_release(handle), ERR_NOT_FOUND);
}

static void test_another_has_to_wait(void **state)
{
    uint32_t mine = 0;
    uint32_t other = 77;

    (void)state;
    assert_int_equal(audit_lock_take(AUDIT_LOCK_LOG, 10, 0, &mine), 0);
    assert_int_equal(audit_lock_take(AUDIT_LOCK_LOG, 10, 0, &other), ERR_BUSY);
    assert_int_equal(audit_lock_take(AUDIT_LOCK_LOG, 10, mine + 2, &other), ERR_BUSY);
    assert_int_equal(other, 77);
    audit_world.now_us += 10 * SECOND_US - 1;
    assert_true(audit_lock_is_held(AUDIT_LOCK_LOG));
    audit_world.now_us += 1;
    assert_false(audit_lock_is_held(AUDIT_LOCK_LOG));
    assert_int_equal(audit_lock_take(AUDIT_LOCK_LOG, 10, 0, &other), 0);
    assert_int_not_equal(other, mine);
    assert_int_equal(audit_lock_release(mine), ERR_DENIED); /* too late */
}

static void test_longer(void **state)
{
    uint32_t handle = 0;
    uint32_t again = 0;

    (void)state;
    assert_int_equal(audit_lock_take(AUDIT_LOCK_LOG, 10, 0, &handle), 0);
    audit_world.now_us += 5 * SECOND_US;
    assert_int_equal(audit_lock_take(AUDIT_LOCK_LOG, 10, handle, &again), 0);
    assert_int_equal(again, handle);
    audit_world.now_us += 9 * SECOND_US;
    assert_true(audit_lock_is_held(AUDIT_LOCK_LOG));
}

static void test_the_two_are_apart(void **state)
{
    uint32_t log = 0;
    uint32_t unprovisioning = 0;

    (void)state;
    assert_int_equal(audit_lock_take(AUDIT_LOCK_LOG, 10, 0, &log), 0);
    assert_int_equal(audit_lock_take(AUDIT_LOCK_UNPROVISIONING, 20, 0, &unprovisioning),
                     0);
    assert_int_equal(audit_lock_release(log), 0);
    assert_true(audit_lock_is_held(AUDIT_LOCK_UNPROVISIONING));
    assert_int_equal(audit_lock_release(log), ERR_DENIED);
    assert_int_equal(audit_lock_release(unprovisioning), 0);
    assert_false(audit_lock_is_held(AUDIT_LOCK_UNPROVISIONING));
}

static void test_times_that_are_refused(void **state)
{
    uint32_t handle = 5;

    (void)state;
    assert_int_equal(audit_lock_take(AUDIT_LOCK_LOG, 0, 0, &handle), ERR_INVALID);
    assert_int_equal(audit_lock_take(AUDIT_LOCK_LOG, 86401, 0, &handle), ERR_INVALID);
    assert_int_equal(audit_lock_take(AUDIT_LOCK_LOG, UINT32_MAX, 0, &handle),
                     ERR_INVALID);
    assert_int_equal(handle, 5);
    assert_int_equal(audit_lock_take(AUDIT_LOCK_LOG, 86400, 0, &handle), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_lock_and_release, open_world, close_world),
        cmocka_unit_test_setup_teardown(test_another_has_to_wait, open_world,
                                        close_world),
        cmocka_unit_test_setup_teardown(test_longer, open_world, close_world),
        cmocka_unit_test_setup_teardown(test_the_two_are_apart, open_world, close_world),
        cmocka_unit_test_setup_teardown(test_times_that_are_refused, open_world,
                                        close_world),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
