/* SPDX-License-Identifier: ISC */
/* store/: records, states, keys, formats and limits on a flash that works. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/util.h"
#include "store/store_priv.h"
#include "store_world.h"

enum { BLOCKS = 64 };

static uint8_t bytes[CONFIG_STORE_RECORD_CAP + 1];

static int open_world(void **state)
{
    (void)state;
    store_world_open(BLOCKS);
    return 0;
}

static int close_world(void **state)
{
    (void)state;
    store_world_close();
    return 0;
}

static struct store_status status(void)
{
    struct store_status s;

    store_get_status(&s);
    return s;
}

static void test_records(void **state)
{
    uint16_t version = 0;

    (void)state;
    assert_int_equal(store_world_start(), STORE_FRESH);
    assert_int_equal(store_read("one", &version, bytes, sizeof(bytes)), ERR_NOT_FOUND);
    assert_int_equal(store_write("one", 3, span_str("first")), 0);
    assert_int_equal(store_write("two", 0xfffe, span_str("")), 0);
    assert_int_equal(store_read("one", &version, bytes, sizeof(bytes)), 5);
    assert_int_equal(version, 3);
    assert_memory_equal(bytes, "first", 5);
    assert_int_equal(store_read("two", &version, bytes, 0), 0);
    assert_int_equal(version, 0xfffe);
    assert_int_equal(store_read("one", &version, bytes, 4), ERR_TOO_BIG);
    assert_int_equal(store_read("one", NULL, bytes, 5), 5);
    assert_int_equal(store_world_start(), STORE_GOOD);
    assert_int_equal(store_read("one", &version, bytes, sizeof(bytes)), 5);
    assert_int_equal(status().records, 2);
    assert_int_equal(store_remove("one"), 0);
    assert_int_equal(store_remove("one"), 0);
    assert_int_equal(store_read("one", &version, bytes, sizeof(bytes)), ERR_NOT_FOUND);
    assert_int_equal(store_world_start(), STORE_GOOD);
    assert_int_equal(store_read("one", &version, bytes, sizeof(bytes)), ERR_NOT_FOUND);
    assert_int_equal(store_read("two", &version, bytes, sizeof(bytes)), 0);
    assert_int_equal(status().records, 1);
}

static void test_all_lengths(void **state)
{
    (void)state;
    assert_int_equal(store_world_start(), STORE_FRESH);
    for (size_t len = 4; len <= CONFIG_STORE_RECORD_CAP; len += len < 600 ? 1 : 487) {
        assert_int_equal(store_world_write("name", (unsigned)len, len), 0);
        assert_int_equal(store_world_read("name"), len);
    }
    assert_int_equal(store_world_write("name", 1, CONFIG_STORE_RECORD_CAP), 0);
    assert_int_equal(store_write("name", 1, span_of(bytes, CONFIG_STORE_RECORD_CAP + 1)),
                     ERR_TOO_BIG);
    assert_int_equal(store_world_start(), STORE_GOOD);
    assert_int_equal(store_world_read("name"), 1);
}

static void test_names(void **state)
{
    static const char *const good[] = {"a", "a.b-c9", "abcdefghijklmnopqrstuvw"};
    static const char *const bad[] = {
        "",  ".",   "..",  ".format",  ".wear", "A",   "a/b",
        "/", "a b", "a_b", "\xc3\xa4", "../a",  "a\n", "abcdefghijklmnopqrstuvwx"};

    (void)state;
    assert_int_equal(store_world_start(), STORE_FRESH);
    for (size_t i = 0; i < UTIL_COUNT(good); i++) {
        assert_int_equal(store_world_write(good[i], 1, 10), 0);
        assert_int_equal(store_world_read(good[i]), 1);
    }
    for (size_t i = 0; i < UTIL_COUNT(bad); i++) {
        assert_int_equal(store_write(bad[i], 1, span_str("x")), ERR_INVALID);
        assert_int_equal(store_read(bad[i], NULL, bytes, sizeof(bytes)), ERR_NOT_FOUND);
        assert_int_equal(store_remove(bad[i]), 0);
    }
    assert_int_equal(status().records, UTIL_COUNT(good));
    assert_int_equal(store_world_start(),
                     STORE_GOOD); /* the format record is still there */
}

static void test_same_content_is_not_written(void **state)
{
    uint32_t operations;

    (void)state;
    assert_int_equal(store_world_start(), STORE_FRESH);
    assert_int_equal(store_world_write("name", 1, 300), 0);
    assert_int_equal(store_world_start(), STORE_GOOD);
    operations = store_world.sim.operations;
    assert_int_equal(store_world_write("name", 1, 300), 0);
    assert_int_equal(store_world.sim.operations, operations);
    assert_int_equal(status().writes, 0);
    assert_int_equal(store_write("name", 2, store_world_content("name", 1, 300)), 0);
    assert_true(store_world.sim.operations >
                operations); /* the version is content, too */
    assert_int_equal(store_world_write("name", 2, 300), 0);
    assert_int_equal(status().writes, 2);
}

/* A start on a good store writes nothing at all. */
static void test_a_start_does_not_wear(void **state)
{
    uint32_t operations;

    (void)state;
    assert_int_equal(store_world_start(), STORE_FRESH);
    assert_int_equal(store_world_write("name", 1, 300), 0);
    operations = store_world.sim.operations;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(store_world_start(), STORE_GOOD);
        assert_int_equal(store_world_read("name"), 1);
    }
    assert_int_equal(store_world.sim.operations, operations);
}

static void test_without_flash(void **state)
{
    (void)state;
    store_world.has_flash = false;
    assert_int_equal(store_world_start(), STORE_NONE);
    assert_true(store_world_logged("no flash"));
    assert_int_equal(store_write("name", 1, span_str("x")), 0);
    assert_int_equal(store_read("name", NULL, bytes, sizeof(bytes)), ERR_NOT_FOUND);
    assert_int_equal(store_remove("name"), 0);
    assert_int_equal(status().size, 0);
    store_world.has_flash = true;
}

static void test_zeroes_are_blank(void **state)
{
    (void)state;
    memset(store_world.sim.bytes, 0, flash_sim_size(&store_world.sim));
    assert_int_equal(store_world_start(), STORE_FRESH);
    assert_false(store_world_logged("error"));
    assert_int_equal(store_world_start(), STORE_GOOD);
}

static void test_a_ruined_store_is_formatted_and_says_so(void **state)
{
    (void)state;
    assert_int_equal(store_world_start(), STORE_FRESH);
    assert_int_equal(store_world_write("name", 1, 3000), 0);
    memset(store_world.sim.bytes, 0x5a, 2 * 4096); /* both copies of the root */
    assert_int_equal(store_world_start(), STORE_RUINED);
    assert_true(store_world_logged("error: ruined: formatted, factory settings hold"));
    assert_int_equal(store_world_read("name"), -1);
    assert_int_equal(store_world_write("name", 2, 100), 0);
    assert_int_equal(store_world_start(), STORE_GOOD);
    assert_int_equal(store_world_read("name"), 2);
}

static void test_noise_is_ruined(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < flash_sim_size(&store_world.sim); i++) {
        store_world.sim.bytes[i] = (uint8_t)flash_sim_random(&store_world.sim);
    }
    assert_int_equal(store_world_start(), STORE_RUINED);
    assert_int_equal(store_world_start(), STORE_GOOD);
}

/* As a newer image would leave it: the format record under the same key with a higher number. */
static void make_newer(void)
{
    static const uint8_t content[] = {0, 0, 5, 0, '9', '.', '1', '.', '0'};

    assert_int_equal(store_world_start(), STORE_FRESH);
    assert_int_equal(store_world_write("name", 1, 100), 0);
    assert_int_equal(store_record_save(STORE_FILE_FORMAT, STORE_FORMAT + 1,
                                       span_of(content, sizeof(content))),
                     0);
}

static void test_cve_2026_34877_downgrade_is_refused(void **state)
{
    uint32_t operations;

    (void)state;
    make_newer();
    operations = store_world.sim.operations;
    assert_int_equal(store_start(), ERR_UNSUPPORTED);
    assert_int_equal(status().state, STORE_NEWER);
    assert_true(store_world_logged("newer firmware (vAMT 9.1.0, format 2;"));
    assert_int_equal(store_read("name", NULL, bytes, sizeof(bytes)), ERR_NOT_FOUND);
    assert_int_equal(store_write("name", 1, span_str("x")), ERR_IO);
    assert_int_equal(store_remove("name"), ERR_IO);
    assert_int_equal(store_world.sim.operations, operations);
}

/* Who edits the number does not know the key: then the record does not count. */
static void test_cve_2026_34877_edited_format_number(void **state)
{
    (void)state;
    assert_int_equal(store_world_start(), STORE_FRESH);
    assert_int_equal(store_world_write("name", 1, 100), 0);
    store_world.key = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";
    assert_int_equal(store_world_start(), STORE_REPAIRED);
    assert_int_equal(store_record_save(STORE_FILE_FORMAT, 9, span_str("any")), 0);
    store_world.key = STORE_WORLD_KEY;
    assert_int_equal(store_world_start(), STORE_REPAIRED);
    assert_int_equal(store_world_read("name"), 1); /* still under our key */
    assert_int_equal(store_world_start(), STORE_GOOD);
}

/* Littlefs's own version, in the superblock. The checksum is made good by a format with it. */
static void test_a_newer_littlefs_is_left_alone(void **state)
{
    uint8_t *at;
    uint32_t crc;
    uint32_t tag = 0xffffffff;
    uint32_t off = 4;
    uint32_t operations;

    (void)state;
    assert_int_equal(store_world_start(), STORE_FRESH);
    /* Rewrite block 0 as one commit: revision, superblock, checksum. FORMAT.md. */
    at = store_world.sim.bytes;
    memset(at + 4096, 0x5a, 4096);
    assert_memory_equal(at + 8, "littlefs", 8);
    at[20] = 2; /* 2.1 becomes 2.2 */
    /* The first commit ends with a CRC tag; find it by walking the tags as littlefs does. */
    for (;;) {
        uint32_t stored = (uint32_t)at[off] << 24 | (uint32_t)at[off + 1] << 16 |
                          (uint32_t)at[off + 2] << 8 | at[off + 3];
        tag ^= stored;
        if ((tag >> 20 & 0x780) == 0x500 && (tag >> 20 & 0x7ff) != 0x5ff) {
            break;
        }
        off += 4 + (tag & 0x3ff);
        assert_true(off < 4096);
    }
    crc = lfs2_crc(0xffffffff, at, off + 4);
    at[off + 4] = (uint8_t)crc;
    at[off + 5] = (uint8_t)(crc >> 8);
    at[off + 6] = (uint8_t)(crc >> 16);
    at[off + 7] = (uint8_t)(crc >> 24);
    /* What follows that commit is of the old one. */
    off += 4 + (tag & 0x3ff);
    memset(at + off, 0xff, 4096 - off);
    operations = store_world.sim.operations;
    assert_int_equal(store_start(), ERR_UNSUPPORTED);
    assert_int_equal(status().state, STORE_NEWER);
    assert_int_equal(store_world.sim.operations, operations);
}

static void test_an_older_format_is_migrated(void **state)
{
    (void)state;
    assert_int_equal(store_world_start(), STORE_FRESH);
    assert_int_equal(store_world_write("name", 1, 100), 0);
    assert_int_equal(store_record_save(STORE_FILE_FORMAT, STORE_FORMAT - 1, span_str("")),
                     0);
    assert_int_equal(store_world_start(), STORE_GOOD);
    assert_int_equal(store_world_read("name"), 1);
    struct store_seal seal;
    assert_int_equal(store_record_load(STORE_FILE_FORMAT, &seal), 0);
    assert_int_equal(seal.version, STORE_FORMAT);
}

static void test_cve_2026_34877_another_key(void **state)
{
    (void)state;
    assert_int_equal(store_world_start(), STORE_FRESH);
    assert_int_equal(store_world_write("small", 1, 40), 0);
    assert_int_equal(store_world_write("large", 1, 4000), 0);
    store_world.key = "f0112233445566778899aabbccddeeff0123456789abcdef0011223344556677";
    assert_int_equal(store_world_start(), STORE_REPAIRED);
    assert_true(store_world_logged("error: written under another key"));
    assert_int_equal(store_world_read("small"), -1);
    assert_int_equal(store_world_read("large"), -1);
    assert_int_equal(status().damaged, 2);
    assert_true(store_world_logged("record small is damaged or was edited"));
    /* The right key again: nothing was lost. */
    store_world.key = STORE_WORLD_KEY;
    assert_int_equal(store_world_start(), STORE_REPAIRED);
    assert_int_equal(store_world_read("small"), 1);
    assert_int_equal(store_world_read("large"), 1);
}

static void test_forms_of_the_key(void **state)
{
    (void)state;
    store_world.key = "0123456789abcdef0123456789abcdef"; /* 32 bytes as they are */
    assert_int_equal(store_world_start(), STORE_FRESH);
    assert_int_equal(store_world_write("name", 1, 40), 0);
    store_world.key =
        "3031323334353637383961626364656630313233343536373839616263646566\n";
    assert_int_equal(store_world_start(), STORE_GOOD); /* the same in hexadecimal */
    assert_int_equal(store_world_read("name"), 1);
    store_world.key = "x031323334353637383961626364656630313233343536373839616263646566";
    assert_int_equal(store_world_start(), STORE_REPAIRED);
    assert_true(store_world_logged("seed store-key is not"));
    store_world.key = "short";
    assert_int_equal(store_world_start(), STORE_GOOD); /* as without one */
    assert_true(store_world_logged("seed store-key is not"));
}

static void test_without_a_key_the_uuid_stands_in(void **state)
{
    (void)state;
    store_world.key = NULL;
    assert_int_equal(store_world_start(), STORE_FRESH);
    assert_true(store_world_logged("warning: no seed store-key"));
    assert_int_equal(store_world_write("name", 1, 40), 0);
    assert_int_equal(store_world_start(), STORE_GOOD);
    assert_int_equal(store_world_read("name"), 1);
    store_world.uuid[0] = 1;
    assert_int_equal(store_world_start(), STORE_REPAIRED);
    assert_int_equal(store_world_read("name"), -1);
}

/* Files of other records under this name, or of this name with another version. */
static void test_cve_2026_34877_edited_record(void **state)
{
    static uint8_t file[STORE_FILE_CAP];
    int len;

    (void)state;
    assert_int_equal(store_world_start(), STORE_FRESH);
    assert_int_equal(store_world_write("guest", 1, 50), 0);
    assert_int_equal(store_world_start(), STORE_GOOD);
    len = store_file_read("guest", file, sizeof(file));
    assert_int_equal(len, STORE_HEADER_LEN + 50);
    assert_int_equal(store_file_write("admin", span_of(file, (size_t)len)), 0);
    assert_int_equal(store_read("admin", NULL, bytes, sizeof(bytes)), ERR_NOT_FOUND);
    for (int i = 0; i < len; i++) { /* every byte of the file is under the MAC */
        file[i] ^= 1;
        assert_int_equal(store_file_write("guest", span_of(file, (size_t)len)), 0);
        assert_int_equal(store_read("guest", NULL, bytes, sizeof(bytes)), ERR_NOT_FOUND);
        file[i] ^= 1;
    }
    for (int cut = 1; cut < len; cut++) {
        assert_int_equal(store_file_write("guest", span_of(file, (size_t)cut)), 0);
        assert_int_equal(store_read("guest", NULL, bytes, sizeof(bytes)), ERR_NOT_FOUND);
    }
    assert_int_equal(store_file_write("guest", span_of(file, (size_t)len)), 0);
    assert_int_equal(store_world_read("guest"), 1);
    assert_int_equal(status().state, STORE_REPAIRED);
}

static void test_a_damaged_record_can_be_written_again(void **state)
{
    (void)state;
    assert_int_equal(store_world_start(), STORE_FRESH);
    assert_int_equal(
        store_file_write("name", span_str("no record at all: 22 bytes or more")), 0);
    assert_int_equal(store_world_read("name"), -1);
    assert_int_equal(store_world_write("name", 1, 50), 0);
    assert_int_equal(store_world_read("name"), 1);
}

static void test_a_full_store(void **state)
{
    char name[16];
    unsigned count = 0;
    int result = 0;

    (void)state;
    assert_int_equal(store_world_start(), STORE_FRESH);
    assert_int_equal(store_world_write("precious", 1, 5000), 0);
    assert_int_equal(store_world_write("small", 1, 50), 0);
    while (result == 0) {
        snprintf(name, sizeof(name), "r%u", count++);
        result = store_world_write(name, 1, 6000);
        assert_true(count < BLOCKS);
    }
    assert_int_equal(result, ERR_FULL);
    assert_int_equal(store_world_read(name), -1);
    assert_int_equal(store_world_write("precious", 2, 6000), ERR_FULL);
    assert_int_equal(store_world_read("precious"), 1);
    assert_true(store_world_logged("record precious could not be written: full"));
    for (unsigned i = 0; store_world_write(name, i, 600) == 0;
         i++) { /* to the last block */
        snprintf(name, sizeof(name), "m%u", i);
    }
    for (unsigned i = 2; i < 40; i++) { /* small ones still can be replaced, and made */
        assert_int_equal(store_world_write("small", i, 50), 0);
    }
    for (unsigned i = 0; i < 6; i++) {
        snprintf(name, sizeof(name), "s%u", i);
        assert_int_equal(store_world_write(name, i, 400), 0);
    }
    assert_int_equal(store_world_start(), STORE_GOOD);
    assert_int_equal(store_world_read("small"), 39);
    assert_int_equal(store_remove("r0"), 0);
    assert_int_equal(store_world_write("precious", 2, 6000), 0);
    assert_int_equal(store_world_read("precious"), 2);
    assert_true(status().used <= status().size);
}

/* Nothing but small records, until the directory has no room: never a broken store. */
static void test_a_store_full_of_small_records(void **state)
{
    char name[16];
    unsigned count = 0;
    int result = 0;

    (void)state;
    store_world_close();
    store_world_open(8);
    assert_int_equal(store_world_start(), STORE_FRESH);
    while (result == 0) {
        snprintf(name, sizeof(name), "r%u", count++);
        result = store_world_write(name, count, 300);
        assert_true(count < 200);
    }
    assert_int_equal(result, ERR_FULL);
    assert_true(count > 20);
    assert_int_equal(store_world_start(), STORE_GOOD);
    for (unsigned i = 0; i + 1 < count; i++) {
        snprintf(name, sizeof(name), "r%u", i);
        assert_int_equal(store_world_read(name), i + 1);
    }
    for (unsigned i = 0; i < 10; i++) {
        snprintf(name, sizeof(name), "r%u", i);
        assert_int_equal(store_remove(name), 0);
    }
    assert_int_equal(store_world_write("again", 1, 300), 0);
    assert_int_equal(store_world_read("again"), 1);
}

static void test_a_flash_that_grew(void **state)
{
    uint8_t *small = store_world.sim.bytes;

    (void)state;
    assert_int_equal(store_world_start(), STORE_FRESH);
    assert_int_equal(store_world_write("name", 1, 3000), 0);
    store_world.sim.bytes = malloc(2 * BLOCKS * 4096);
    memset(store_world.sim.bytes, 0, 2 * BLOCKS * 4096);
    memcpy(store_world.sim.bytes, small, BLOCKS * 4096);
    free(small);
    free(store_world.sim.erases);
    store_world.sim.erases = calloc(2 * BLOCKS, sizeof(uint32_t));
    store_world.sim.flash.block_count = 2 * BLOCKS;
    assert_int_equal(store_world_start(), STORE_GOOD);
    assert_true(store_world_logged("grows from 64 to 128 blocks"));
    assert_int_equal(store_world_read("name"), 1);
    assert_int_equal(status().size, 2 * BLOCKS * 4096);
    assert_int_equal(store_world_start(), STORE_GOOD);
    assert_false(store_world_logged("grows"));
    assert_int_equal(store_world_read("name"), 1);
    store_world.sim.flash.block_count = BLOCKS; /* and shrinking loses it */
    assert_int_equal(store_world_start(), STORE_RUINED);
}

/* The budget of reads (store_flash.c) grows with the flash, and what is needed with its content. */
static void test_a_large_flash_stays_far_from_the_limit(void **state)
{
    char name[16];
    uint32_t most = 0;
    uint32_t start;

    (void)state;
    store_world_close();
    store_world_open(STORE_BLOCKS_MAX);
    assert_int_equal(store_world_start(), STORE_FRESH);
    for (unsigned i = 0; i < 300; i++) {
        snprintf(name, sizeof(name), "record-%u", i % 100);
        assert_int_equal(store_world_write(name, i, i % 100 * 60 + 4), 0);
        most = store_flash_reads() > most ? store_flash_reads() : most;
    }
    start = store_world.sim.reads;
    assert_int_equal(store_world_start(), STORE_GOOD);
    start = store_world.sim.reads - start;
    print_message("# most reads in one operation: %u, in a start: %u\n", most, start);
    assert_true(most < (32768 + 512 * STORE_BLOCKS_MAX) / 4);
    assert_true(start < 32768);
}

static void test_unusable_geometry(void **state)
{
    (void)state;
    store_world.sim.flash.block_count = 4;
    assert_int_equal(store_world_start(), STORE_FAILED);
    assert_true(store_world_logged("cannot be used"));
    assert_int_equal(store_write("name", 1, span_str("x")), ERR_IO);
    store_world.sim.flash.block_count = BLOCKS;
    store_world.sim.flash.block_size = 256;
    assert_int_equal(store_world_start(), STORE_FAILED);
    store_world.sim.flash.block_size = 4096;
    store_world.sim.flash.unit_size = 1024;
    assert_int_equal(store_world_start(), STORE_FAILED);
    store_world.sim.flash.unit_size = 4;
}

static void test_a_view_needs_no_buffer(void **state)
{
    uint16_t version;
    struct span content;

    (void)state;
    assert_int_equal(store_world_start(), STORE_FRESH);
    assert_int_equal(store_view("name", &version, &content), ERR_NOT_FOUND);
    assert_int_equal(store_world_write("name", 4, 77), 0);
    assert_int_equal(store_view("name", &version, &content), 0);
    assert_int_equal(version, 1);
    assert_int_equal(store_world_number("name", content), 4);
}

static void test_names_of_states(void **state)
{
    (void)state;
    assert_string_equal(store_state_name(STORE_NONE), "none");
    assert_string_equal(store_state_name(STORE_REPAIRED), "repaired");
    assert_string_equal(store_state_name(STORE_FAILED), "failed");
    assert_string_equal(store_state_name((enum store_state)99), "?");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_records),
        TEST(test_all_lengths),
        TEST(test_names),
        TEST(test_same_content_is_not_written),
        TEST(test_a_start_does_not_wear),
        TEST(test_without_flash),
        TEST(test_zeroes_are_blank),
        TEST(test_a_ruined_store_is_formatted_and_says_so),
        TEST(test_noise_is_ruined),
        TEST(test_cve_2026_34877_downgrade_is_refused),
        TEST(test_cve_2026_34877_edited_format_number),
        TEST(test_a_newer_littlefs_is_left_alone),
        TEST(test_an_older_format_is_migrated),
        TEST(test_cve_2026_34877_another_key),
        TEST(test_forms_of_the_key),
        TEST(test_without_a_key_the_uuid_stands_in),
        TEST(test_cve_2026_34877_edited_record),
        TEST(test_a_damaged_record_can_be_written_again),
        TEST(test_a_full_store),
        TEST(test_a_store_full_of_small_records),
        TEST(test_a_flash_that_grew),
        TEST(test_a_large_flash_stays_far_from_the_limit),
        TEST(test_unusable_geometry),
        TEST(test_a_view_needs_no_buffer),
        TEST(test_names_of_states),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
