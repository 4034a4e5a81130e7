/* SPDX-License-Identifier: ISC */
/* At most once, over kills of the daemon at every step and at every byte of the file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "journal.h"

#define ACTION(name) vamt_PowerAction_POWER_ACTION_##name

enum { EPOCH = 77 };

static char path[64];
static struct journal j;
static const struct journal_entry *entry;

static int setup(void **state)
{
    (void)state;
    snprintf(path, sizeof path, "/tmp/vamt-journal-%d", (int)getpid());
    unlink(path);
    return journal_open(&j, path);
}

static int teardown(void **state)
{
    (void)state;
    journal_close(&j);
    unlink(path);
    return 0;
}

/* The daemon is killed and starts again. */
static void restart(void)
{
    journal_close(&j);
    assert_int_equal(journal_open(&j, path), 0);
}

static vamt_PowerRequest body(vamt_PowerAction action)
{
    vamt_PowerRequest b = {action, vamt_BootDevice_BOOT_DEVICE_DEFAULT};

    return b;
}

static enum journal_verdict find(uint32_t id, vamt_PowerAction action)
{
    vamt_PowerRequest b = body(action);

    return journal_find(&j, EPOCH, id, &b, &entry);
}

static void begin(uint32_t id, vamt_PowerAction action)
{
    vamt_PowerRequest b = body(action);

    assert_int_equal(journal_begin(&j, EPOCH, id, &b), 0);
}

static void end(uint32_t id, vamt_Status status, const char *detail)
{
    assert_int_equal(journal_end(&j, EPOCH, id, status, detail), 0);
}

static void test_killed_at_each_step(void **state)
{
    static const struct {
        vamt_PowerAction action;
        enum journal_verdict interrupted;
    } rows[] = {
        {ACTION(ON), JOURNAL_AGAIN},          {ACTION(OFF), JOURNAL_AGAIN},
        {ACTION(OFF_GRACEFUL), JOURNAL_AGAIN}, {ACTION(RESET), JOURNAL_INTERRUPTED},
        {ACTION(RESET_GRACEFUL), JOURNAL_INTERRUPTED},
        {ACTION(CYCLE), JOURNAL_INTERRUPTED}, {ACTION(NMI), JOURNAL_INTERRUPTED},
    };

    (void)state;
    for (uint32_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint32_t id = i + 1;

        assert_int_equal(find(id, rows[i].action), JOURNAL_NEW);
        restart(); /* before the journal knew: nothing was done */
        assert_int_equal(find(id, rows[i].action), JOURNAL_NEW);
        begin(id, rows[i].action);
        assert_int_equal(find(id, rows[i].action), JOURNAL_UNDER_WAY);
        restart(); /* before, while or after it was carried out */
        assert_int_equal(find(id, rows[i].action), rows[i].interrupted);
        end(id, vamt_Status_STATUS_FAILED, "no luck\nat all");
        assert_int_equal(find(id, rows[i].action), JOURNAL_ANSWERED);
        restart();
        assert_int_equal(find(id, rows[i].action), JOURNAL_ANSWERED);
        assert_int_equal(entry->status, vamt_Status_STATUS_FAILED);
        assert_string_equal(entry->detail, "no luck at all");
    }
}

static void test_other_body(void **state)
{
    (void)state;
    begin(4, ACTION(ON));
    assert_int_equal(find(4, ACTION(OFF)), JOURNAL_TOO_OLD);
}

static void test_new_epoch_forgets(void **state)
{
    vamt_PowerRequest b = body(ACTION(RESET));

    (void)state;
    begin(1, ACTION(RESET));
    assert_int_equal(journal_find(&j, EPOCH + 1, 1, &b, &entry), JOURNAL_NEW);
    assert_int_equal(journal_begin(&j, EPOCH + 1, 1, &b), 0);
    end(1, vamt_Status_STATUS_OK, ""); /* of the old epoch: ignored */
    restart();
    assert_int_equal(journal_find(&j, EPOCH + 1, 1, &b, &entry), JOURNAL_INTERRUPTED);
}

static void test_bounded(void **state)
{
    (void)state;
    for (uint32_t id = 1; id <= 2000; id++) {
        begin(id, ACTION(ON));
        end(id, vamt_Status_STATUS_OK, "a detail that fills the file a little more");
    }
    assert_true(j.file_len < 70000);
    restart();
    assert_int_equal(find(2000, ACTION(ON)), JOURNAL_ANSWERED);
    assert_int_equal(find(2001, ACTION(ON)), JOURNAL_NEW);
    assert_int_equal(find(1, ACTION(ON)), JOURNAL_TOO_OLD);
}

/* A file cut anywhere: whole lines count, nothing else. */
static void test_torn_file(void **state)
{
    char text[256];
    FILE *file;
    size_t len;

    (void)state;
    begin(1, ACTION(RESET));
    end(1, vamt_Status_STATUS_OK, "fine");
    begin(2, ACTION(RESET));
    file = fopen(path, "r");
    len = fread(text, 1, sizeof text, file);
    fclose(file);
    for (size_t cut = 0; cut <= len; cut++) {
        size_t lines = 0;

        for (size_t i = 0; i < cut; i++) {
            lines += text[i] == '\n';
        }
        file = fopen(path, "w");
        fwrite(text, 1, cut, file);
        fclose(file);
        restart();
        assert_int_equal(find(1, ACTION(RESET)), lines == 0   ? JOURNAL_NEW
                                                 : lines == 1 ? JOURNAL_INTERRUPTED
                                                              : JOURNAL_ANSWERED);
        assert_int_equal(find(2, ACTION(RESET)),
                         lines < 3 ? JOURNAL_NEW : JOURNAL_INTERRUPTED);
    }
}

static void test_garbage(void **state)
{
    FILE *file = fopen(path, "w");

    (void)state;
    for (int i = 0; i < 5000; i++) {
        fputc(rand() % 256, file);
    }
    fputs("\nB zz\nE 1\nB 4d 5 1 0 trailing\nE 4d 6 0 x\n", file);
    fclose(file);
    restart();
    assert_int_equal(find(5, ACTION(ON)), JOURNAL_AGAIN);
    assert_int_equal(find(6, ACTION(ON)), JOURNAL_NEW);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_killed_at_each_step, setup, teardown),
        cmocka_unit_test_setup_teardown(test_other_body, setup, teardown),
        cmocka_unit_test_setup_teardown(test_new_epoch_forgets, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(test_torn_file, setup, teardown),
        cmocka_unit_test_setup_teardown(test_garbage, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
