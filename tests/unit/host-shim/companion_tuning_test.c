/* SPDX-License-Identifier: ISC */
/*
 * Latency profile and faults of one companion: commands, what is kept, what each new
 * session is told, and what breaks of link, daemon and firmware do to a command.
 */
#include "unit.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host-shim/companion_world.h"
#include "work.h"

#define KIND(name) vamt_TuningKind_TUNING_KIND_##name

static unsigned done_count;
static uint64_t done_ticket;
static bool is_done;
static char done_detail[256];

static void done(uint64_t ticket, bool is_good, const char *detail)
{
    done_count++;
    done_ticket = ticket;
    is_done = is_good;
    snprintf(done_detail, sizeof done_detail, "%s", detail);
}

static int start(void **state)
{
    done_count = 0;
    return setup(state);
}

static enum companion_tune tune(vamt_TuningKind kind, const char *text)
{
    return companion_tune(c, kind, text, done, 17);
}

/* Send and wait for the end. */
static bool command(vamt_TuningKind kind, const char *text)
{
    unsigned before = done_count;

    assert_int_equal(tune(kind, text), COMPANION_TUNE_SENT);
    wait_for(&done_count, before + 1);
    assert_int_equal(done_ticket, 17);
    return is_done;
}

static void assert_tuning(unsigned index, vamt_TuningKind kind, const char *text,
                          bool is_repeat)
{
    assert_true(index < fw.tuning_count);
    assert_int_equal(fw.tunings[index].kind, kind);
    assert_string_equal(fw.tunings[index].text, text);
    assert_int_equal(fw.tunings[index].is_repeat, is_repeat);
    assert_true(fw.tunings[index].id != 0);
}

static void assert_kept(enum tunefile_kind kind, const char *text)
{
    const char *kept = companion_tuned(c, kind);

    if (text == NULL) {
        assert_null(kept);
    } else {
        assert_non_null(kept);
        assert_string_equal(kept, text);
    }
}

/* The companion is off, as far as the daemon knows. */
static void switch_off(void)
{
    struct companion_about about = c->about;

    about.is_active = false;
    companion_update(c, &about);
    assert_false(c->is_ready);
}

static void switch_on(void)
{
    struct companion_about about = c->about;
    unsigned before = fw.snapshots;

    about.is_active = true;
    companion_update(c, &about);
    wait_for(&fw.snapshots, before + 1);
}

/* Let everything arrive that is on its way. */
static void settle(void)
{
    for (unsigned i = 0; i < 20; i++) {
        spin();
    }
}

static void test_accepted_is_kept(void **state)
{
    (void)state;
    assert_kept(TUNEFILE_LATENCY, NULL);
    assert_int_equal(fw.tuning_count, 0);
    assert_true(command(KIND(LATENCY), "name amt7\n"));
    assert_string_equal(done_detail, "");
    assert_tuning(0, KIND(LATENCY), "name amt7\n", false);
    assert_kept(TUNEFILE_LATENCY, "name amt7\n");
    assert_kept(TUNEFILE_FAULTS, NULL);
    assert_true(command(KIND(FAULTS), "drop\n"));
    assert_true(command(KIND(FAULTS), ""));
    assert_kept(TUNEFILE_FAULTS, "");
    /* the same once more is no repetition: draws begin anew */
    assert_true(command(KIND(LATENCY), "name amt7\n"));
    assert_tuning(3, KIND(LATENCY), "name amt7\n", false);
    assert_true(fw.tunings[3].id > fw.tunings[2].id);
}

static void test_refused_is_not_kept(void **state)
{
    (void)state;
    assert_true(command(KIND(LATENCY), "name amt7\n"));
    fw.refuses = "line 3: no such key";
    assert_false(command(KIND(LATENCY), "name bad\n"));
    assert_string_equal(done_detail, "the firmware refuses it: line 3: no such key");
    assert_kept(TUNEFILE_LATENCY, "name amt7\n");
    assert_false(command(KIND(RESET), ""));
    kill_daemon();
    start_daemon(2);
    assert_kept(TUNEFILE_LATENCY, "name amt7\n");
}

/* A new daemon, then a new firmware: both times all that is kept goes out, as a
 * repetition. */
static void test_each_new_session_is_told(void **state)
{
    (void)state;
    assert_true(command(KIND(LATENCY), "name amt7\n"));
    assert_true(command(KIND(FAULTS), "drop\n"));
    kill_daemon();
    start_daemon(2);
    wait_for(&fw.tuning_count, 4);
    assert_tuning(2, KIND(LATENCY), "name amt7\n", true);
    assert_tuning(3, KIND(FAULTS), "drop\n", true);
    restart_firmware(100);
    wait_for(&fw.tuning_count, 6);
    assert_tuning(4, KIND(LATENCY), "name amt7\n", true);
    assert_tuning(5, KIND(FAULTS), "drop\n", true);
    settle();
    assert_int_equal(fw.tuning_count, 6);
}

static void test_resumed_session_is_not_told(void **state)
{
    (void)state;
    assert_true(command(KIND(LATENCY), "name amt7\n"));
    break_stream();
    wait_for(&fw.resumed, 1);
    settle();
    assert_int_equal(fw.tuning_count, 1);
}

static void test_off_is_kept(void **state)
{
    (void)state;
    switch_off();
    assert_int_equal(tune(KIND(RESET), ""), COMPANION_TUNE_SILENT);
    assert_int_equal(tune(KIND(LATENCY), "name amt7\n"), COMPANION_TUNE_KEPT);
    assert_kept(TUNEFILE_LATENCY, "name amt7\n");
    settle();
    assert_int_equal(done_count, 0);
    restart_firmware(100);
    switch_on();
    wait_for(&fw.tuning_count, 1);
    assert_tuning(0, KIND(LATENCY), "name amt7\n", false); /* nobody has seen it yet */
    settle();
    restart_firmware(101);
    wait_for(&fw.tuning_count, 2);
    assert_tuning(1, KIND(LATENCY), "name amt7\n", true);
}

static void test_one_command_at_a_time(void **state)
{
    (void)state;
    fw.is_mute = true;
    assert_int_equal(tune(KIND(LATENCY), "name amt7\n"), COMPANION_TUNE_SENT);
    assert_int_equal(tune(KIND(FAULTS), "drop\n"), COMPANION_TUNE_BUSY);
    wait_for(&fw.tuning_count, 1);
    answer_tuning(fw.tunings[0].id + 1, true, ""); /* of something else */
    settle();
    assert_int_equal(done_count, 0);
    answer_tuning(fw.tunings[0].id, true, "");
    wait_for(&done_count, 1);
    assert_true(is_done);
    answer_tuning(fw.tunings[0].id, false, "twice");
    answer_tuning(0, true, "");
    settle();
    assert_int_equal(done_count, 1);
    assert_int_equal(fw.drops, 0);
    assert_kept(TUNEFILE_LATENCY, "name amt7\n");
    assert_kept(TUNEFILE_FAULTS, NULL);
}

/* The session ends before the answer: the command goes out again under its number, behind
 * what is kept. */
static void test_command_survives_a_new_session(void **state)
{
    (void)state;
    assert_true(command(KIND(LATENCY), "name old\n"));
    fw.is_mute = true;
    assert_int_equal(tune(KIND(LATENCY), "name amt7\n"), COMPANION_TUNE_SENT);
    wait_for(&fw.tuning_count, 2);
    fw.is_mute = false;
    restart_firmware(100);
    wait_for(&done_count, 2);
    assert_true(is_done);
    assert_int_equal(fw.tuning_count, 4);
    assert_tuning(2, KIND(LATENCY), "name old\n", true);
    assert_tuning(3, KIND(LATENCY), "name amt7\n", false);
    assert_int_equal(fw.tunings[3].id, fw.tunings[1].id);
    assert_kept(TUNEFILE_LATENCY, "name amt7\n");
}

/* A firmware that resets at once may not get its answer out. */
static void test_reset_is_done_when_it_is_back(void **state)
{
    (void)state;
    fw.is_mute = true;
    assert_int_equal(tune(KIND(RESET), ""), COMPANION_TUNE_SENT);
    wait_for(&fw.tuning_count, 1);
    restart_firmware(100);
    wait_for(&done_count, 1);
    assert_true(is_done);
    settle();
    assert_int_equal(fw.tuning_count, 1); /* and it is not reset again */
}

static void test_no_answer(void **state)
{
    (void)state;
    fw.is_mute = true;
    assert_int_equal(tune(KIND(LATENCY), "name amt7\n"), COMPANION_TUNE_SENT);
    wait_for(&fw.tuning_count, 1);
    c->tuning.timer.fn(c);
    assert_int_equal(done_count, 1);
    assert_false(is_done);
    assert_non_null(strstr(done_detail, "not answered within"));
    assert_kept(TUNEFILE_LATENCY, NULL);
    assert_int_equal(tune(KIND(FAULTS), "drop\n"), COMPANION_TUNE_BUSY);
    answer_tuning(fw.tunings[0].id, true, ""); /* late, but in force */
    settle();
    assert_int_equal(done_count, 1);
    assert_kept(TUNEFILE_LATENCY, "name amt7\n");
}

/* With the link down it is taken back: it must not happen when the firmware is back. */
static void test_no_answer_and_no_link(void **state)
{
    unsigned snapshots;

    (void)state;
    fw.is_mute = true;
    assert_int_equal(tune(KIND(RESET), ""), COMPANION_TUNE_SENT);
    break_stream();
    switch_off();
    c->tuning.timer.fn(c);
    assert_int_equal(done_count, 1);
    assert_false(is_done);
    snapshots = fw.snapshots;
    switch_on();
    wait_for(&fw.snapshots, snapshots + 1);
    settle();
    assert_int_equal(fw.tuning_count, 0);
    fw.is_mute = false;
    assert_true(command(KIND(FAULTS), "drop\n"));
}

static void test_daemon_goes_in_the_middle(void **state)
{
    (void)state;
    fw.is_mute = true;
    assert_int_equal(tune(KIND(LATENCY), "name amt7\n"), COMPANION_TUNE_SENT);
    wait_for(&fw.tuning_count, 1);
    kill_daemon();
    assert_int_equal(done_count, 1);
    assert_false(is_done);
    start_daemon(2);
    assert_kept(TUNEFILE_LATENCY, NULL);
    fw.is_mute = false;
    wait_for(&fw.snapshots, 2);
    settle();
    assert_int_equal(fw.tuning_count, 1);
}

static void test_damaged_file(void **state)
{
    char path[128];
    FILE *file;

    (void)state;
    assert_true(command(KIND(LATENCY), "name amt7\n"));
    kill_daemon();
    snprintf(path, sizeof path, "%s/tuning", folder);
    file = fopen(path, "a");
    assert_non_null(file);
    fputs("x", file);
    fclose(file);
    start_daemon(2);
    assert_kept(TUNEFILE_LATENCY, NULL);
    wait_for(&fw.snapshots, 2);
    settle();
    assert_int_equal(fw.tuning_count, 1);
    assert_true(command(KIND(FAULTS), "drop\n"));
    kill_daemon();
    start_daemon(3);
    assert_kept(TUNEFILE_FAULTS, "drop\n");
}

static void test_disk_full(void **state)
{
    char path[128];

    (void)state;
    snprintf(path, sizeof path, "%s/tuning.new", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_false(command(KIND(LATENCY), "name amt7\n"));
    assert_non_null(strstr(done_detail, "cannot be kept"));
    assert_kept(TUNEFILE_LATENCY, NULL);
    switch_off();
    assert_int_equal(tune(KIND(FAULTS), "drop\n"), COMPANION_TUNE_FAILED);
    assert_kept(TUNEFILE_FAULTS, NULL);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(tune(KIND(FAULTS), "drop\n"), COMPANION_TUNE_KEPT);
}

/* A firmware of another version: told in the log, and the rest works. */
static void test_kept_is_refused(void **state)
{
    uint64_t before;

    (void)state;
    assert_true(command(KIND(LATENCY), "name amt7\n"));
    fw.refuses = "line 1: no such key";
    before = c->log_next;
    restart_firmware(100);
    wait_for(&fw.tuning_count, 2);
    settle();
    assert_kept(TUNEFILE_LATENCY, "name amt7\n");
    assert_true(c->tuning.repeat_id[TUNEFILE_LATENCY] == 0);
    assert_true(c->log_next >= before);
    fw.refuses = NULL;
    assert_true(command(KIND(LATENCY), "name native\n"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_accepted_is_kept),
        TEST(test_refused_is_not_kept),
        TEST(test_each_new_session_is_told),
        TEST(test_resumed_session_is_not_told),
        TEST(test_off_is_kept),
        TEST(test_one_command_at_a_time),
        TEST(test_command_survives_a_new_session),
        TEST(test_reset_is_done_when_it_is_back),
        TEST(test_no_answer),
        TEST(test_no_answer_and_no_link),
        TEST(test_daemon_goes_in_the_middle),
        TEST(test_damaged_file),
        TEST(test_disk_full),
        TEST(test_kept_is_refused),
    };

    if (loop_init() != 0 || work_start(2) != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
