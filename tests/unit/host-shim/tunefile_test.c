/* SPDX-License-Identifier: ISC */
/* The file of an operator's settings: old or new after every cut, never half of one. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "tunefile.h"

enum { FILE_MAX = 16384 };

static char folder[64];
static char path[96];
static char next[104];
static struct tunefile in;
static struct tunefile out;

static int setup(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/vamt-tunefile-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/tuning", folder);
    snprintf(next, sizeof next, "%s.new", path);
    memset(&in, 0, sizeof in);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    unlink(path);
    unlink(next);
    return rmdir(folder);
}

static void set(enum tunefile_kind kind, const char *text)
{
    in.texts[kind].is_set = true;
    strcpy(in.texts[kind].text, text);
}

static void assert_same(void)
{
    assert_int_equal(tunefile_read(path, &out), 0);
    for (int i = 0; i < TUNEFILE_COUNT; i++) {
        assert_int_equal(out.texts[i].is_set, in.texts[i].is_set);
        assert_string_equal(out.texts[i].text, in.texts[i].text);
    }
}

static void write_and_compare(void)
{
    assert_int_equal(tunefile_write(path, &in), 0);
    assert_same();
    assert_int_equal(access(next, F_OK), -1);
}

static size_t slurp(const char *name, char *bytes)
{
    FILE *file = fopen(name, "r");
    size_t len;

    assert_non_null(file);
    len = fread(bytes, 1, FILE_MAX, file);
    fclose(file);
    return len;
}

static void spill(const char *name, const char *bytes, size_t len)
{
    FILE *file = fopen(name, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    fclose(file);
}

static void assert_nothing_set(void)
{
    for (int i = 0; i < TUNEFILE_COUNT; i++) {
        assert_false(out.texts[i].is_set);
        assert_string_equal(out.texts[i].text, "");
    }
}

static void test_round_trip(void **state)
{
    char longest[CONFIG_TUNING_CAP];
    struct stat st;

    (void)state;
    assert_int_equal(tunefile_read(path, &out), ERR_NOT_FOUND);
    assert_nothing_set();
    write_and_compare();
    set(TUNEFILE_FAULTS, "");
    write_and_compare();
    set(TUNEFILE_LATENCY, "name amt7\nseed 3\ncrc 0\n\n");
    write_and_compare();
    set(TUNEFILE_FAULTS, "drop");
    write_and_compare();
    memset(longest, 'a', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    set(TUNEFILE_FAULTS, longest);
    set(TUNEFILE_LATENCY, longest);
    write_and_compare();
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static void test_readable(void **state)
{
    static const char want[] =
        "vamt-tuning 1\nlatency 10\nname amt7\n\nfaults 4\ndrop\ncrc ";
    char bytes[FILE_MAX];

    (void)state;
    set(TUNEFILE_LATENCY, "name amt7\n");
    set(TUNEFILE_FAULTS, "drop");
    assert_int_equal(tunefile_write(path, &in), 0);
    assert_int_equal(slurp(path, bytes), strlen(want) + 9);
    assert_memory_equal(bytes, want, strlen(want));
}

/* The power goes while the new file is written, after any byte of it, and before its
 * rename: the old one holds, and the next command works. */
static void test_power_cut(void **state)
{
    char bytes[FILE_MAX];
    size_t len;

    (void)state;
    set(TUNEFILE_LATENCY, "name amt16\n");
    assert_int_equal(tunefile_write(path, &in), 0);
    len = slurp(path, bytes);
    set(TUNEFILE_LATENCY, "name amt7\n");
    assert_int_equal(tunefile_write(path, &in), 0);
    for (size_t cut = 0; cut <= len; cut++) {
        spill(next, bytes, cut);
        assert_same();
    }
    set(TUNEFILE_FAULTS, "hang");
    write_and_compare();
}

/* A file cut at any byte, or with any bit turned over, is none. */
static void test_damaged(void **state)
{
    char bytes[FILE_MAX];
    size_t len;

    (void)state;
    set(TUNEFILE_LATENCY, "name amt7\n");
    set(TUNEFILE_FAULTS, "drop share=10%\nhang\n");
    assert_int_equal(tunefile_write(path, &in), 0);
    len = slurp(path, bytes);
    for (size_t cut = 0; cut < len; cut++) {
        spill(path, bytes, cut);
        assert_int_equal(tunefile_read(path, &out), ERR_INVALID);
        assert_nothing_set();
    }
    for (size_t bit = 0; bit < 8 * len; bit++) {
        if (bit / 8 >= len - 9 && bit % 8 == 5) {
            continue; /* another case of a hexadecimal digit */
        }
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
        spill(path, bytes, len);
        assert_int_equal(tunefile_read(path, &out), ERR_INVALID);
        assert_nothing_set();
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
    }
    bytes[len] = '\n';
    spill(path, bytes, len + 1);
    assert_int_equal(tunefile_read(path, &out), ERR_INVALID);
}

static void test_no_room(void **state)
{
    (void)state;
    set(TUNEFILE_FAULTS, "hang");
    write_and_compare();
    assert_int_equal(mkdir(next, 0700), 0); /* in the way of the new file */
    set(TUNEFILE_FAULTS, "drop");
    assert_int_equal(tunefile_write(path, &in), ERR_IO);
    assert_int_equal(rmdir(next), 0);
    set(TUNEFILE_FAULTS, "hang");
    assert_same();
    assert_int_equal(tunefile_read(folder, &out), ERR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_round_trip, setup, teardown),
        cmocka_unit_test_setup_teardown(test_readable, setup, teardown),
        cmocka_unit_test_setup_teardown(test_power_cut, setup, teardown),
        cmocka_unit_test_setup_teardown(test_damaged, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_room, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
