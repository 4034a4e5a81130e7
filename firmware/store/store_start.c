/* SPDX-License-Identifier: ISC */
/*
 * From the board's flash to a mounted store, or to a clear statement why there is none.
 *
 *     no flash ───────────────────────────────────────────────▶ NONE
 *     mounts, format record says a newer format, or littlefs
 *     itself is a newer one ──────────────────────────────────▶ NEWER, nothing is written
 *     mounts ─────────────────────────────────────────────────▶ GOOD (FRESH without records)
 *     does not mount: blank ─▶ format ────────────────────────▶ FRESH
 *                     else ──▶ format ────────────────────────▶ RUINED
 *     does not mount after that, or cannot be read ───────────▶ FAILED
 */
#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/log.h"
#include "crypto/hash.h"
#include "hal/board.h"
#include "store/record.h"
#include "store/store_priv.h"

#define LABEL_SEED "vAMT store key 1"
#define LABEL_UUID "vAMT store key of a UUID 1"

enum { SEED_CAP = 2 * STORE_KEY_LEN + 2, UUID_LEN = 16 };
/* Where littlefs keeps its name, version and size in the first metadata commit of block 0. */
#define MAGIC "littlefs"
enum {
    MAGIC_AT = 8,
    MAGIC_LEN = 8,
    VERSION_AT = 20,
    BLOCK_COUNT_AT = 28,
    SUPERBLOCK_LEN = 32
};
/* More than this is not in blocks 0 and 1 when the first start is cut off. */
enum { FIRST_FORMAT_LEN = 512 };

struct superblock {
    uint32_t version;
    uint32_t block_count;
};

/* --- the key --- */

/* The seed's 32 bytes, written as such or as hexadecimal digits. */
static bool parse_seed(struct span text, uint8_t bytes[STORE_KEY_LEN])
{
    if (text.len == STORE_KEY_LEN) {
        memcpy(bytes, text.ptr, STORE_KEY_LEN);
        return true;
    }
    text = span_trim(text);
    if (text.len != 2 * STORE_KEY_LEN) {
        return false;
    }
    for (size_t i = 0; i < STORE_KEY_LEN; i++) {
        uint64_t byte;

        if (!span_hex_to_uint(span_slice(text, 2 * i, 2), UINT8_MAX, &byte)) {
            return false;
        }
        bytes[i] = (uint8_t)byte;
    }
    return true;
}

static bool take_seed(uint8_t key[STORE_KEY_LEN])
{
    uint8_t text[SEED_CAP];
    uint8_t bytes[STORE_KEY_LEN];
    int len = board_seed("store-key", text, sizeof(text));
    bool is_good = len >= 0 && parse_seed(span_of(text, (size_t)len), bytes);

    if (is_good) {
        hash_hmac_sha256(span_of(bytes, sizeof(bytes)), span_str(LABEL_SEED), key);
    } else if (len != ERR_NOT_FOUND) {
        log_error("store", "seed store-key is not 64 hexadecimal digits");
    }
    bytes_wipe(text, sizeof(text));
    bytes_wipe(bytes, sizeof(bytes));
    return is_good;
}

static void take_key(void)
{
    uint8_t key[STORE_KEY_LEN];
    uint8_t uuid[UUID_LEN];

    if (!take_seed(key)) {
        log_warn("store", "no seed store-key: an edited NVRAM cannot be noticed");
        board_uuid(uuid);
        hash_hmac_sha256(span_of(uuid, sizeof(uuid)), span_str(LABEL_UUID), key);
    }
    store_seal_set_key(key);
    bytes_wipe(key, sizeof(key));
}

/* --- what is on the flash --- */

/* Blank as erased, or as a new file of zeroes, or partly so: an erase was cut off. */
static bool is_blank_block(uint32_t block, uint32_t from)
{
    uint32_t block_size = store_flash_config()->block_size;
    uint8_t bytes[64];

    for (uint32_t at = from; at < block_size; at += sizeof(bytes)) {
        if (store_flash_peek(block * block_size + at, bytes, sizeof(bytes)) < 0) {
            return false;
        }
        for (size_t i = 0; i < sizeof(bytes); i++) {
            if (bytes[i] != 0 && bytes[i] != UINT8_MAX) {
                return false;
            }
        }
    }
    return true;
}

static bool has_magic(uint32_t block)
{
    uint8_t bytes[SUPERBLOCK_LEN];

    return store_flash_peek(block * store_flash_config()->block_size, bytes,
                            sizeof(bytes)) == 0 &&
           memcmp(bytes + MAGIC_AT, MAGIC, MAGIC_LEN) == 0;
}

/* Was there never a store? Blocks 0 and 1 may have what is left of the first format: half an
 * erase, or the beginning of the block written. */
static bool is_blank(void)
{
    for (uint32_t block = 0; block < store_flash_blocks(); block++) {
        bool is_format = block < 2 &&
                         (!has_magic(block) || is_blank_block(block, FIRST_FORMAT_LEN));

        if (!is_format && !is_blank_block(block, 0)) {
            return false;
        }
    }
    return true;
}

/* Littlefs has said that it cannot use this superblock although its checksum is good: why? */
static bool find_superblock(struct superblock *found)
{
    uint32_t block_size = store_flash_config()->block_size;
    uint8_t bytes[SUPERBLOCK_LEN];

    for (uint32_t block = 0; block < 2; block++) {
        if (store_flash_peek(block * block_size, bytes, sizeof(bytes)) == 0 &&
            memcmp(bytes + MAGIC_AT, MAGIC, MAGIC_LEN) == 0) {
            found->version = bytes_get_le32(bytes + VERSION_AT);
            found->block_count = bytes_get_le32(bytes + BLOCK_COUNT_AT);
            return true;
        }
    }
    return false;
}

/* A flash that was made larger. The file system grows with it. */
static int mount_grown(uint32_t old_blocks)
{
    uint32_t blocks = store_flash_blocks();
    int result;

    store_flash_set_blocks(old_blocks);
    result = store_file_mount();
    if (result == 0) {
        log_info("store", "grows from %u to %u blocks", (unsigned)old_blocks,
                 (unsigned)blocks);
        result = store_file_grow(blocks);
    }
    if (result < 0) {
        store_flash_set_blocks(blocks);
    }
    return result;
}

enum mounted { MOUNTED, NOT_MOUNTED, NEWER_LITTLEFS };

static enum mounted mount(void)
{
    struct superblock found;
    int result = store_file_mount();

    if (result != LFS2_ERR_INVAL || !find_superblock(&found)) {
        return result == 0 ? MOUNTED : NOT_MOUNTED;
    }
    if (found.version > LFS2_DISK_VERSION) {
        return NEWER_LITTLEFS;
    }
    if (found.block_count >= STORE_BLOCKS_MIN &&
        found.block_count < store_flash_blocks()) {
        store_flash_begin();
        return mount_grown(found.block_count) == 0 ? MOUNTED : NOT_MOUNTED;
    }
    return NOT_MOUNTED;
}

/* --- the format record --- */

static int write_format(void)
{
    uint8_t bytes[64];
    uint8_t id[STORE_KEY_ID_LEN];
    struct record_writer w;

    store_seal_key_id(id);
    record_writer_init(&w, bytes, sizeof(bytes));
    record_put_octets(&w, span_of(id, sizeof(id)));
    record_put_text(&w, CONFIG_VERSION);
    return store_record_save(STORE_FILE_FORMAT, STORE_FORMAT, record_done(&w));
}

/* The format record does not bear our MAC. Was it another key's, or is it damaged? */
static void tell_wrong_format(void)
{
    uint8_t id[STORE_KEY_ID_LEN];
    uint8_t bytes[STORE_HEADER_LEN + 64];
    struct record_reader r;
    struct span found;
    int len;

    store_flash_begin();
    len = store_file_read(STORE_FILE_FORMAT, bytes, sizeof(bytes));
    record_reader_init(&r, span_slice(span_of(bytes, len < 0 ? 0 : (size_t)len),
                                      STORE_HEADER_LEN, sizeof(bytes)));
    found = record_get_octets(&r);
    store_seal_key_id(id);
    if (found.len == sizeof(id) && !span_equal(found, span_of(id, sizeof(id)))) {
        log_error("store", "written under another key than this device's (seed "
                           "store-key): its records are not used");
    } else {
        log_error("store", "the format record is missing, damaged or was edited");
    }
}

static void tell_newer(const struct store_seal *seal)
{
    char version[32] = "?";
    struct record_reader r;

    record_reader_init(&r, seal->content);
    (void)record_get_octets(&r);
    record_get_text(&r, version, sizeof(version));
    log_error("store",
              "written by a newer firmware (vAMT %s, format %u; this one is %s, format "
              "%u): left untouched, nothing is served",
              version, seal->version, CONFIG_VERSION, STORE_FORMAT);
}

static void load_wear(void)
{
    struct store_seal seal;

    if (store_record_load(STORE_FILE_WEAR, &seal) == 0) {
        store_wear_decode(seal.content);
        store_wear_heard(seal.erases);
    }
}

/* It is mounted; `state` is what it will be if nothing is the matter. */
static enum store_state judge(enum store_state state)
{
    struct store_seal seal;
    int result = store_record_load(STORE_FILE_FORMAT, &seal);

    if (result == 0 && seal.version > STORE_FORMAT) {
        tell_newer(&seal);
        return STORE_NEWER;
    }
    if (result == 0 && seal.version == STORE_FORMAT) {
        load_wear();
        return state;
    }
    store_flash_begin();
    if (result == ERR_NOT_FOUND && state == STORE_GOOD && is_blank()) {
        state = STORE_FRESH; /* the first start was cut off between format and record */
    } else if (result < 0 && state == STORE_GOOD) {
        tell_wrong_format();
        state = STORE_REPAIRED;
    }
    load_wear();
    result = write_format();
    if (result < 0) {
        log_warn("store", "format record not written: %s", err_name(result));
    }
    return state;
}

/* --- start --- */

static bool format(void)
{
    store_flash_begin();
    if (store_file_format() < 0) {
        return false;
    }
    store_flash_begin();
    return store_file_mount() == 0;
}

static enum store_state open_store(void)
{
    enum mounted mounted;
    enum store_state state;

    store_flash_begin();
    mounted = mount();
    if (mounted == NEWER_LITTLEFS) {
        log_error("store", "written by a newer firmware: left untouched, nothing is "
                           "served");
        return STORE_NEWER;
    }
    if (mounted == MOUNTED) {
        return judge(STORE_GOOD);
    }
    state = is_blank() ? STORE_FRESH : STORE_RUINED;
    if (state == STORE_RUINED) {
        log_error("store", "ruined: formatted, factory settings hold");
    }
    return format() ? judge(state) : STORE_FAILED;
}

int store_start(void)
{
    struct flash *flash = board_flash();
    enum store_state state;
    struct store_status status;

    store_use(STORE_NONE, NULL);
    store_record_init();
    if (flash == NULL) {
        log_warn("store", "no flash: settings are lost at a reset");
        return 0;
    }
    if (store_flash_open(flash) < 0) {
        log_error("store", "flash of %u blocks of %u bytes cannot be used",
                  (unsigned)flash->block_count, (unsigned)flash->block_size);
        store_use(STORE_FAILED, NULL);
        return 0;
    }
    store_wear_init(store_flash_blocks());
    take_key();
    state = open_store();
    if (state == STORE_NEWER) {
        store_use(state, NULL);
        return ERR_UNSUPPORTED;
    }
    if (state == STORE_FAILED || !store_file_is_mounted()) {
        store_fail();
        return 0;
    }
    store_use(state, &store_record_engine);
    store_get_status(&status);
    log_info("store", "%s: %u records, %u of %u KiB in use", store_state_name(state),
             (unsigned)status.records, (unsigned)(status.used / UTIL_KIB),
             (unsigned)(status.size / UTIL_KIB));
    return 0;
}
