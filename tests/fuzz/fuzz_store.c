/* SPDX-License-Identifier: ISC */
/*
 * Any NVRAM at boot. The first byte says what lies below: 0 a blank flash, 1 and 2 images of stores
 * in use, 3 the input itself as an image, 4 a good store whose settings records have the input as
 * content. In 0 to 2 the rest of the input are edits of the image: offset (2 bytes, little-endian),
 * length, bytes.
 *
 * Invariants: nothing crashes, nothing reads more than the budget, no access is outside of the flash,
 * no content comes back that was not written under our key as this record, and afterwards the
 * store can be written, or says that it cannot.
 *
 * The checksum of littlefs is replaced by a constant, so that edits get past it as those of
 * somebody would who computes it anew. The MAC is the real one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/log.h"
#include "base/panic.h"
#include "base/util.h"
#include "hal/board.h"
#include "hal/flash.h"
#include "settings/boot_options.h"
#include "settings/general_settings.h"
#include "settings/power_scheme.h"
#include "settings/redir_settings.h"
#include "settings/settings.h"
#include "store/store.h"

enum { BLOCK_SIZE = 512, BLOCKS = 32, SIZE = BLOCK_SIZE * BLOCKS, NAMES = 6 };
enum { BLANK, IMAGE_SMALL, IMAGE_USED, RAW, SETTINGS };
/* More reads than this in one start would be seconds on a slow machine: store_flash.c. */
enum { READS_MAX = 8 * (32768 + 512 * BLOCKS) };

static const char *const names[NAMES] = {"a", "bb", "ccc", "general", "tls", "zz"};
static const size_t lengths[NAMES] = {5, 30, 60, 100, 700, 2500};
static uint8_t images[2][SIZE];
static uint8_t nvram[SIZE];
static uint32_t reads;

#define require(condition) require_at(condition, __LINE__)

static void require_at(bool condition, int line)
{
    if (!condition) {
        fprintf(stderr, "fuzz_store.c:%d: broken\n", line);
        abort();
    }
}

void panic_at(const char *file, int line, const char *format, ...)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, format);
    abort();
}

uint32_t lfs2_crc(uint32_t crc, const void *buffer, size_t size);

uint32_t lfs2_crc(uint32_t crc, const void *buffer, size_t size)
{
    (void)crc;
    (void)buffer;
    (void)size;
    return 0;
}

static int flash_read(struct flash *flash, uint32_t at, void *dst, uint32_t len)
{
    (void)flash;
    require(at <= SIZE && len <= SIZE - at);
    reads++;
    memcpy(dst, nvram + at, len);
    return 0;
}

static int flash_program(struct flash *flash, uint32_t at, struct span bytes)
{
    (void)flash;
    require(at <= SIZE && bytes.len <= SIZE - at);
    for (size_t i = 0; i < bytes.len; i++) {
        nvram[at + i] &= bytes.ptr[i];
    }
    return 0;
}

static int flash_erase(struct flash *flash, uint32_t at)
{
    (void)flash;
    require(at < SIZE && at % BLOCK_SIZE == 0);
    memset(nvram + at, 0xff, BLOCK_SIZE);
    return 0;
}

static const struct flash_ops ops = {
    .read = flash_read, .program = flash_program, .erase = flash_erase};
static struct flash flash = {
    .ops = &ops, .block_size = BLOCK_SIZE, .unit_size = 1, .block_count = BLOCKS};

struct flash *board_flash(void)
{
    return &flash;
}

int board_seed(const char *name, void *dst, size_t cap)
{
    if (strcmp(name, "store-key") != 0 || cap < 32) {
        return ERR_NOT_FOUND;
    }
    memset(dst, 7, 32);
    return 32;
}

void board_uuid(uint8_t uuid[16])
{
    memset(uuid, 0, 16);
}

static struct span content_of(unsigned name, uint8_t number)
{
    static uint8_t bytes[CONFIG_STORE_RECORD_CAP];

    for (size_t i = 0; i < lengths[name]; i++) {
        bytes[i] = (uint8_t)(i * 13 + number + name);
    }
    bytes[0] = number;
    return span_of(bytes, lengths[name]);
}

static void require_ours(unsigned name, struct span content)
{
    require(content.len == lengths[name]);
    require(span_equal(content, content_of(name, content.ptr[0])));
}

/* A store after `rounds` writes of every record, in images[which]. */
static void make_image(unsigned which, uint8_t rounds)
{
    memset(nvram, 0xff, SIZE);
    require(store_start() == 0);
    for (uint8_t number = 1; number <= rounds; number++) {
        for (unsigned i = 0; i < NAMES; i++) {
            require(store_write(names[i], 1, content_of(i, number)) == 0);
        }
        require(store_remove(names[number % 3]) == 0);
    }
    memcpy(images[which], nvram, SIZE);
}

static void edit(struct span edits)
{
    uint16_t at;
    uint8_t len;
    struct span bytes;

    while (span_take_le16(&edits, &at) && span_take_u8(&edits, &len)) {
        at %= SIZE;
        (void)span_take(&edits, util_min(util_min(len, edits.len), SIZE - at), &bytes);
        memcpy(nvram + at, bytes.ptr, bytes.len);
    }
}

static void read_all(void)
{
    uint16_t version;
    struct span content;

    for (unsigned i = 0; i < NAMES; i++) {
        if (store_view(names[i], &version, &content) == 0) {
            require_ours(i, content);
        }
    }
}

static void use_store(void)
{
    struct store_status status;
    int result = store_start();
    struct span content;

    store_get_status(&status);
    require((result == ERR_UNSUPPORTED) == (status.state == STORE_NEWER));
    require(result == 0 || result == ERR_UNSUPPORTED);
    require(status.used <= SIZE || status.state == STORE_REPAIRED ||
            status.state == STORE_GOOD);
    read_all();
    result = store_write(names[1], 1, content_of(1, 99));
    require(result == 0 || result == ERR_IO || result == ERR_FULL);
    if (result == 0) {
        require(store_view(names[1], NULL, &content) == 0);
        require(content.ptr[0] == 99);
    }
    (void)store_write(names[5], 1, content_of(5, 98));
    (void)store_remove(names[2]);
    (void)store_start();
    read_all();
}

/* Sealed content that makes no sense, as an older or newer image may leave it. */
static void use_settings(struct span input)
{
    static const char *const records[] = {"general", "redirection", "power-scheme",
                                          "boot-options"};
    uint8_t version;

    memcpy(nvram, images[0], SIZE);
    require(store_start() == 0);
    if (!span_take_u8(&input, &version) || input.len > CONFIG_STORE_RECORD_CAP) {
        return;
    }
    for (size_t i = 0; i < UTIL_COUNT(records); i++) {
        require(store_write(records[i], version % 3, input) == 0);
    }
    settings_start();
    require(strlen(general_settings_get()->host_name) < GENERAL_SETTINGS_NAME_CAP);
    require(strlen(general_settings_get()->os_fqdn) < GENERAL_SETTINGS_DOMAIN_CAP);
    require(strlen(redir_settings_get()->rfb_password) <=
            REDIR_SETTINGS_RFB_PASSWORD_LEN);
    require(power_scheme_get() <= POWER_SCHEME_S0_TO_S5);
    require(boot_options_next_device() <= _vamt_BootDevice_MAX);
    require(boot_options_get()->firmware_verbosity <= UINT8_MAX);
}

static void prepare(uint8_t kind, struct span input)
{
    memset(nvram, 0xff, SIZE);
    if (kind == RAW) {
        memcpy(nvram, input.ptr, util_min(input.len, SIZE));
        return;
    }
    if (kind != BLANK) {
        memcpy(nvram, images[kind - IMAGE_SMALL], SIZE);
    }
    edit(input);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool is_ready;
    struct span input = span_of(data, size);
    uint8_t kind;

    if (!is_ready) {
        make_image(0, 1);
        make_image(1, 5);
        is_ready = true;
    }
    if (!span_take_u8(&input, &kind) || kind > SETTINGS) {
        return -1;
    }
    if (kind == SETTINGS) {
        use_settings(input);
        return 0;
    }
    prepare(kind, input);
    reads = 0;
    use_store();
    require(reads < 20 * READS_MAX);
    return 0;
}
