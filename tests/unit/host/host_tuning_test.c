/* SPDX-License-Identifier: ISC */
/* Settings from the shim, their results, and what a broken link does to them. */
#include "unit.h"

#include "host/host_client.h"
#include "host/host_tuning.h"
#include "host/shim_world.h"

static unsigned taken_count;
static vamt_TuningKind taken_kind;
static char taken_text[CONFIG_TUNING_CAP];
static bool taken_repeat;

/* Refuses a text that begins with "bad". */
static bool take(vamt_TuningKind kind, struct span text, bool is_repeat,
                 struct sbuf *detail)
{
    taken_count++;
    taken_kind = kind;
    taken_repeat = is_repeat;
    assert_true(span_copy_str(text, taken_text, sizeof(taken_text)) >= 0);
    if (span_starts_with(text, "bad")) {
        sbuf_printf(detail, "line %u: no such key", 3u);
        return false;
    }
    return true;
}

/* As `take`, with more to say than fits. */
static bool take_wordy(vamt_TuningKind kind, struct span text, bool is_repeat,
                       struct sbuf *detail)
{
    (void)kind;
    (void)text;
    (void)is_repeat;
    for (unsigned i = 0; i < 200; i++) {
        sbuf_put_u8(detail, 'x');
    }
    return false;
}

static int reset(void **state)
{
    taken_count = 0;
    (void)shim_world_reset(state);
    host_tuning_listen(take);
    return 0;
}

static void tune(uint32_t id, const char *text)
{
    static vamt_Tuning tuning;

    tuning = (vamt_Tuning){.id = id, .kind = vamt_TuningKind_TUNING_KIND_LATENCY};
    strcpy(tuning.text, text);
    shim_tune(&shim, &tuning);
}

static void assert_result(unsigned index, uint32_t id, bool is_accepted,
                          const char *detail)
{
    assert_true(shim.tuning_count > index);
    assert_int_equal(shim.tunings[index].id, id);
    assert_int_equal(shim.tunings[index].is_accepted, is_accepted);
    assert_string_equal(shim.tunings[index].detail, detail);
}

static void accepted(void **state)
{
    vamt_Tuning tuning = {.id = 8,
                          .kind = vamt_TuningKind_TUNING_KIND_FAULTS,
                          .text = "drop\n",
                          .is_repeat = true};

    (void)state;
    link_up();
    tune(7, "name amt7\n");
    run();
    assert_int_equal(taken_count, 1);
    assert_int_equal(taken_kind, vamt_TuningKind_TUNING_KIND_LATENCY);
    assert_string_equal(taken_text, "name amt7\n");
    assert_false(taken_repeat);
    assert_result(0, 7, true, "");
    shim_tune(&shim, &tuning);
    run();
    assert_int_equal(taken_count, 2);
    assert_int_equal(taken_kind, vamt_TuningKind_TUNING_KIND_FAULTS);
    assert_true(taken_repeat);
    assert_result(1, 8, true, "");
    run();
    assert_int_equal(shim.tuning_count, 2);
    assert_true(next_us == UINT64_MAX);
}

static void refused(void **state)
{
    (void)state;
    link_up();
    tune(1, "bad");
    run();
    assert_result(0, 1, false, "line 3: no such key");
    host_tuning_listen(take_wordy);
    tune(2, "x");
    run();
    assert_int_equal(shim.tunings[1].id, 2);
    assert_false(shim.tunings[1].is_accepted);
    host_tuning_listen(NULL);
    tune(3, "x");
    run();
    assert_result(2, 3, false, "this firmware takes no settings");
    tune(0, "x");
    run();
    assert_int_equal(shim.tuning_count, 3);
    assert_int_equal(taken_count, 1);
}

static void longest_text(void **state)
{
    char text[CONFIG_TUNING_CAP];

    (void)state;
    memset(text, 'a', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    link_up();
    tune(1, text);
    run();
    assert_result(0, 1, true, "");
    assert_string_equal(taken_text, text);
}

/* The same stream goes on: one result, once. */
static void result_waits_for_the_link(void **state)
{
    (void)state;
    link_up();
    tune(4, "bad");
    (void)host_client_poll(now_us); /* the firmware has taken it; nothing came back */
    assert_int_equal(taken_count, 1);
    shim_close(&shim);
    run();
    shim_open(&shim);
    run();
    assert_int_equal(shim.resumed, 1);
    assert_int_equal(taken_count, 1);
    assert_int_equal(shim.tuning_count, 1);
    assert_result(0, 4, false, "line 3: no such key");
}

/* The stream was lost, the shim asks again under the same number. */
static void repeated_by_the_same_shim(void **state)
{
    (void)state;
    link_up();
    tune(4, "bad");
    (void)host_client_poll(now_us);
    shim_close(&shim);
    hostlink_restart(&shim.link);
    run();
    shim_open(&shim);
    run();
    assert_int_equal(shim.restarted, 2);
    assert_int_equal(shim.tuning_count, 0);
    tune(4, "bad");
    run();
    assert_int_equal(taken_count, 1);
    assert_int_equal(shim.tuning_count, 1);
    assert_result(0, 4, false, "line 3: no such key");
}

/* Another shim counts from the beginning: its numbers are new. */
static void same_number_of_another_shim(void **state)
{
    (void)state;
    link_up();
    tune(1, "bad");
    run();
    shim_restart(&shim, 1002);
    link_up();
    assert_int_equal(shim.tuning_count, 1);
    tune(1, "good");
    run();
    assert_int_equal(taken_count, 2);
    assert_int_equal(shim.tuning_count, 2);
    assert_result(1, 1, true, "");
}

/* A full window: the results come when the shim reads again. */
static void results_wait_for_room(void **state)
{
    vamt_FirmwareStatus status = {.connections = 1};
    size_t before;

    (void)state;
    link_up();
    do { /* until nothing goes out any more */
        before = shim.to_shim.len;
        status.connections++;
        (void)host_client_set_status(&status);
        (void)host_client_poll(now_us);
    } while (shim.to_shim.len > before);
    for (uint32_t id = 1; id <= CONFIG_HOST_TUNINGS; id++) {
        tune(id, "bad");
        (void)host_client_poll(now_us);
    }
    assert_int_equal(taken_count, CONFIG_HOST_TUNINGS);
    assert_true(shim.to_shim.len - before <=
                CONFIG_HOST_TUNINGS * (HOSTLINK_OVERHEAD + HOSTLINK_ACK_LEN));
    run();
    assert_int_equal(shim.tuning_count, CONFIG_HOST_TUNINGS);
    for (uint32_t id = 1; id <= CONFIG_HOST_TUNINGS; id++) {
        assert_result(id - 1, id, false, "line 3: no such key");
    }
}

#define TEST(name) cmocka_unit_test_setup(name, reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(accepted),
        TEST(refused),
        TEST(longest_text),
        TEST(result_waits_for_the_link),
        TEST(repeated_by_the_same_shim),
        TEST(same_number_of_another_shim),
        TEST(results_wait_for_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
