/* SPDX-License-Identifier: ISC */
/*
 * The parts of the store, from the flash upwards:
 *
 *     store_flash   a struct flash as littlefs wants it, with a budget of operations
 *     store_wear    how often each block was erased
 *     store_file    whole files on littlefs: read, replace, remove
 *     store_seal    key and MAC
 *     store_record  records, and counting
 *     store         the calls of store.h
 *     store_start   mount or format. The only part that asks the board.
 */
#ifndef VAMT_STORE_STORE_PRIV_H
#define VAMT_STORE_STORE_PRIV_H

#include <lfs2.h>

#include "hal/flash.h"
#include "store/store.h"

enum {
    STORE_BLOCKS_MAX = 256, /* of a larger flash the rest stays unused */
    STORE_BLOCKS_MIN = 8,
    STORE_CACHE_LEN = 512, /* littlefs: also the largest file kept inside a directory */
    STORE_KEY_LEN = 32,
    STORE_KEY_ID_LEN = 8,
    STORE_MAC_LEN = 16
};

/* Files of the store itself; no record can have these names. */
#define STORE_FILE_FORMAT ".format"
#define STORE_FILE_WEAR   ".wear"

/* --- store_flash --- */

/* Take the flash. ERR_UNSUPPORTED: blocks too small, too few or not a multiple of the cache. */
int store_flash_open(struct flash *flash) UTIL_MUST_CHECK;
const struct lfs2_config *store_flash_config(void);
/* Blocks that littlefs uses; `count` at most those of the flash. */
void store_flash_set_blocks(uint32_t count);
uint32_t store_flash_blocks(void);
/* An operation of the store begins: it may read so often and no more. Damaged or hostile
 * metadata can make littlefs go in circles; then its reads begin to fail. */
void store_flash_begin(void);
/* Reads since then. */
uint32_t store_flash_reads(void);
/* Read raw bytes; LFS2_ERR_IO if they cannot be read. */
int store_flash_peek(uint32_t at, void *dst, uint32_t len) UTIL_MUST_CHECK;

/* --- store_wear --- */

void store_wear_init(uint32_t blocks);
void store_wear_count(uint32_t block);
uint32_t store_wear_total(void);
uint32_t store_wear_worst(void);
/* A record says that so many erases had been done when it was written. */
void store_wear_heard(uint32_t total);
/* Have so many been counted that they should be saved? */
bool store_wear_is_due(void);
/* The table, as it is in STORE_FILE_WEAR; NULL span if it does not fit. It is as good as saved
 * then. */
struct span store_wear_encode(void *dst, size_t cap);
void store_wear_decode(struct span content);

/* --- store_seal --- */

/* Content and what its MAC covers besides, in one piece of memory. */
struct store_seal {
    const char *name;
    uint16_t version;
    uint32_t erases; /* of the flash, those for this record included */
    struct span content;
};

/* What precedes the content in a file. */
enum { STORE_HEADER_LEN = STORE_MAC_LEN + 2 + 4 };
enum { STORE_FILE_CAP = STORE_HEADER_LEN + CONFIG_STORE_RECORD_CAP };

/* Take the device's key, or one that stands in for it. */
void store_seal_set_key(const uint8_t key[STORE_KEY_LEN]);
/* Tells keys apart without giving them away. */
void store_seal_key_id(uint8_t id[STORE_KEY_ID_LEN]);
/* Make the bytes of a file. They are in memory of this module until its next call. */
struct span store_seal_close(const struct store_seal *seal);
/* Where a file's bytes are to be put for store_seal_open: STORE_FILE_CAP. */
uint8_t *store_seal_buffer(void);
/* Read the file of `len` bytes in the buffer as record `name`. ERR_INVALID: cut off, or not
 * under our key. The content is in memory of this module until its next call. */
int store_seal_open(const char *name, size_t len,
                    struct store_seal *seal) UTIL_MUST_CHECK;

/* --- store_file --- */

/* 0 or an error of littlefs. */
int store_file_mount(void) UTIL_MUST_CHECK;
bool store_file_is_mounted(void);
int store_file_format(void) UTIL_MUST_CHECK;
/* The file system on flash is smaller than the flash has become. */
int store_file_grow(uint32_t blocks) UTIL_MUST_CHECK;
/* How many blocks a file of this length has for itself: each is erased to write it. */
uint32_t store_file_blocks(size_t len);
/* Copy a whole file to dst. Its length; 0: an empty one, which is none: created, then cut.
 * ERR_NOT_FOUND, ERR_INVALID (damaged, or not a file), ERR_TOO_BIG. */
int store_file_read(const char *name, void *dst, size_t cap) UTIL_MUST_CHECK;
/* Replace or create. ERR_FULL, ERR_IO; the old file stays then. */
int store_file_write(const char *name, struct span bytes) UTIL_MUST_CHECK;
/* 0 also if there is none; ERR_IO. */
int store_file_remove(const char *name) UTIL_MUST_CHECK;
/* Files with content besides those of the store itself, and blocks in use. */
int store_file_usage(uint32_t *records, uint32_t *blocks) UTIL_MUST_CHECK;

/* --- store_record --- */

extern const struct store_engine store_record_engine;
/* Start counting anew. */
void store_record_init(void);
/* A file of the store itself, or a record, without the checks of store.h. ERR_NOT_FOUND,
 * ERR_INVALID (damaged), ERR_IO; the seal's content is valid until the next call. */
int store_record_load(const char *name, struct store_seal *seal) UTIL_MUST_CHECK;
/* As store_file_write. */
int store_record_save(const char *name, uint16_t version,
                      struct span content) UTIL_MUST_CHECK;

/* --- store --- */

/* What the calls of store.h do where there is a store; names and lengths are checked. */
struct store_engine {
    int (*view)(const char *name, uint16_t *version, struct span *content);
    int (*write)(const char *name, uint16_t version, struct span content);
    int (*remove)(const char *name);
    void (*get_status)(struct store_status *status); /* all but the state */
};
void store_use(enum store_state state, const struct store_engine *engine);
/* A record was dropped: GOOD becomes REPAIRED. */
void store_found_damage(void);
/* Give up. */
void store_fail(void);

#endif
