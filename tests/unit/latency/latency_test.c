/* SPDX-License-Identifier: ISC */
/* The modelled processor: who waits for whom, what passes by, what is counted. */
#include "latency/latency.h"
#include "unit.h"

enum { MS = 1000, S = 1000000 };

static const struct latency_job get = {LATENCY_OP_GET, 0};
static const struct latency_job put = {LATENCY_OP_PUT, 0};
static const struct latency_job digest = {LATENCY_OP_DIGEST, 0};

static void use(const char *text)
{
    struct latency_profile profile;
    struct latency_profile_error error;

    assert_int_equal(latency_profile_parse(span_str(text), &profile, &error), 0);
    latency_use(&profile);
}

static int set_up(void **state)
{
    (void)state;
    latency_start();
    use("profile = t\nm0.get = 100 ms\nm0.put = 250 ms\nm3.get = 400 ms\n"
        "m0.pull = 20 ms\nm0.pull-item = 7 ms\n");
    return 0;
}

static void test_alone(void **state)
{
    (void)state;
    assert_int_equal(latency_due(&get, 5 * S), 5 * S + 100 * MS);
    assert_int_equal(latency_busy_until(), 5 * S + 100 * MS);
    assert_int_equal(latency_due(&put, 8 * S), 8 * S + 250 * MS);
    latency_set_state(LATENCY_STATE_M3);
    assert_int_equal(latency_due(&get, 9 * S), 9 * S + 400 * MS);
    latency_set_state(LATENCY_STATE_M0);
    assert_int_equal(latency_due(&get, 10 * S), 10 * S + 100 * MS);
}

static void test_queue(void **state)
{
    (void)state;
    assert_int_equal(latency_due(&get, 5 * S), 5 * S + 100 * MS);
    assert_int_equal(latency_due(&get, 5 * S), 5 * S + 200 * MS);
    assert_int_equal(latency_due(&put, 5 * S + 50 * MS), 5 * S + 450 * MS);
    assert_int_equal(latency_due(&get, 5 * S + 449 * MS), 5 * S + 550 * MS);
    assert_int_equal(latency_due(&get, 5 * S + 550 * MS),
                     5 * S + 650 * MS); /* just free */
    assert_int_equal(latency_due(&get, 5 * S + 651 * MS), 5 * S + 751 * MS);
    /* The queue outlives a change of state and of the profile. */
    latency_set_state(LATENCY_STATE_M3);
    assert_int_equal(latency_due(&get, 5 * S + 700 * MS), 6 * S + 151 * MS);
    use("profile = u\nm3.get = 1 ms");
    assert_int_equal(latency_due(&get, 5 * S + 700 * MS), 6 * S + 152 * MS);
}

static void test_pull_costs_by_instance(void **state)
{
    static const struct latency_job none = {LATENCY_OP_PULL, 0};
    static const struct latency_job three = {LATENCY_OP_PULL, 3};

    (void)state;
    assert_int_equal(latency_due(&none, 1 * S), 1 * S + 20 * MS);
    assert_int_equal(latency_due(&three, 2 * S), 2 * S + 41 * MS);
    use("profile = t\nm0.pull-item = 5 ms");
    assert_int_equal(latency_due(&none, 3 * S), 0);
    assert_int_equal(latency_due(&three, 3 * S), 3 * S + 15 * MS);
}

/* What has no time is answered at once and takes no processor from others. */
static void test_not_modelled(void **state)
{
    (void)state;
    assert_int_equal(latency_due(&get, 5 * S), 5 * S + 100 * MS);
    assert_int_equal(latency_due(&digest, 5 * S), 0);
    assert_int_equal(latency_busy_until(), 5 * S + 100 * MS);
    latency_set_state(LATENCY_STATE_M3);
    assert_int_equal(latency_due(&put, 5 * S), 0);
}

static void test_native(void **state)
{
    (void)state;
    latency_start();
    assert_string_equal(latency_profile()->name, "native");
    for (unsigned op = 0; op < LATENCY_OP_COUNT; op++) {
        const struct latency_job job = {(enum latency_op)op, 1000};

        assert_int_equal(latency_due(&job, 5 * S), 0);
        latency_left(0, 5 * S);
    }
    assert_int_equal(latency_busy_until(), 0);
    assert_int_equal(latency_count().replies, 0);
    for (unsigned event = 0; event < LATENCY_EVENT_COUNT; event++) {
        assert_int_equal(latency_draw((enum latency_event)event), 0);
    }
}

static void test_counts(void **state)
{
    struct latency_counts counts;

    (void)state;
    latency_left(5 * S, 5 * S);
    latency_left(5 * S, 5 * S + 1 * MS);
    latency_left(5 * S, 4 * S);
    counts = latency_count();
    assert_int_equal(counts.replies, 3);
    assert_int_equal(counts.late, 0);
    assert_int_equal(counts.worst_late_us, 1 * MS);
    latency_left(5 * S, 5 * S + 1 * MS + 1);
    latency_left(5 * S, 6 * S);
    latency_left(0, 6 * S);
    counts = latency_count();
    assert_int_equal(counts.replies, 5);
    assert_int_equal(counts.late, 2);
    assert_int_equal(counts.worst_late_us, 1 * S);
    use("profile = native");
    assert_int_equal(latency_count().replies, 0);
    assert_int_equal(latency_count().worst_late_us, 0);
}

static void test_events(void **state)
{
    (void)state;
    use("profile = t\nwake.time = 1 s\nbounce.after = 2 s\nbounce.down = 3 s\n"
        "reset.down = 4 s");
    assert_int_equal(latency_draw(LATENCY_EVENT_WAKE), 1 * S);
    assert_int_equal(latency_draw(LATENCY_EVENT_BOUNCE_AFTER), 2 * S);
    assert_int_equal(latency_draw(LATENCY_EVENT_BOUNCE_DOWN), 3 * S);
    assert_int_equal(latency_draw(LATENCY_EVENT_RESET), 4 * S);
    assert_int_equal(latency_busy_until(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_alone, set_up),
        cmocka_unit_test_setup(test_queue, set_up),
        cmocka_unit_test_setup(test_pull_costs_by_instance, set_up),
        cmocka_unit_test_setup(test_not_modelled, set_up),
        cmocka_unit_test_setup(test_native, set_up),
        cmocka_unit_test_setup(test_counts, set_up),
        cmocka_unit_test_setup(test_events, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
