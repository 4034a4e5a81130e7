/* SPDX-License-Identifier: ISC */
/*
 * A struct flash as the block device of littlefs. Its buffers are here too: nothing is allocated.
 */
#include "base/err.h"
#include "store/store_priv.h"

enum {
    READ_LEN = 16,    /* least that is read at once */
    PROGRAM_LEN = 16, /* each commit of littlefs is filled up to this */
    /* Commits of a pair of metadata blocks until it moves elsewhere: metadata is what wears. */
    MOVE_AFTER_ERASES = 100,
    METADATA_MAX = 16384, /* larger blocks would take long to compact */
    /* Reads allowed per operation. What the tests need stays under a tenth of it. */
    READS_BASE = 32768,
    READS_PER_BLOCK = 512
};

static struct flash *device;
static struct lfs2_config config;
static uint32_t reads;
static uint32_t reads_max;

static uint8_t read_buffer[STORE_CACHE_LEN];
static uint8_t program_buffer[STORE_CACHE_LEN];
static uint32_t lookahead_buffer[STORE_BLOCKS_MAX / 32];

/* Is this part of a block that we use? */
static bool is_inside(lfs2_block_t block, lfs2_off_t off, lfs2_size_t len)
{
    return block < config.block_count && off <= config.block_size &&
           len <= config.block_size - off;
}

static int read(const struct lfs2_config *c, lfs2_block_t block, lfs2_off_t off,
                void *dst, lfs2_size_t len)
{
    if (!is_inside(block, off, len)) {
        return LFS2_ERR_CORRUPT;
    }
    if (reads >= reads_max) {
        return LFS2_ERR_IO;
    }
    reads++;
    return device->ops->read(device, block * c->block_size + off, dst, len) < 0
               ? LFS2_ERR_IO
               : 0;
}

/* A block that cannot be written is reported as corrupt: littlefs takes another one. */
static int program(const struct lfs2_config *c, lfs2_block_t block, lfs2_off_t off,
                   const void *bytes, lfs2_size_t len)
{
    if (!is_inside(block, off, len)) {
        return LFS2_ERR_IO;
    }
    return device->ops->program(device, block * c->block_size + off,
                                span_of(bytes, len)) < 0
               ? LFS2_ERR_CORRUPT
               : 0;
}

static int erase(const struct lfs2_config *c, lfs2_block_t block)
{
    if (!is_inside(block, 0, c->block_size)) {
        return LFS2_ERR_IO;
    }
    store_wear_count(block);
    return device->ops->erase(device, block * c->block_size) < 0 ? LFS2_ERR_CORRUPT : 0;
}

static int sync(const struct lfs2_config *c)
{
    (void)c;
    if (device->ops->sync == NULL) {
        return 0;
    }
    return device->ops->sync(device) < 0 ? LFS2_ERR_IO : 0;
}

static bool is_usable(const struct flash *flash)
{
    return flash->block_size >= STORE_CACHE_LEN &&
           flash->block_size % STORE_CACHE_LEN == 0 && flash->unit_size > 0 &&
           STORE_CACHE_LEN % flash->unit_size == 0 &&
           flash->block_count >= STORE_BLOCKS_MIN;
}

int store_flash_open(struct flash *flash)
{
    if (!is_usable(flash)) {
        return ERR_UNSUPPORTED;
    }
    device = flash;
    config = (struct lfs2_config){
        .read = read,
        .prog = program,
        .erase = erase,
        .sync = sync,
        .read_size = READ_LEN,
        .prog_size = flash->unit_size > PROGRAM_LEN ? flash->unit_size : PROGRAM_LEN,
        .block_size = flash->block_size,
        .block_cycles = MOVE_AFTER_ERASES,
        .cache_size = STORE_CACHE_LEN,
        .lookahead_size = sizeof(lookahead_buffer),
        .read_buffer = read_buffer,
        .prog_buffer = program_buffer,
        .lookahead_buffer = lookahead_buffer,
        .metadata_max = (lfs2_size_t)util_min(flash->block_size, METADATA_MAX),
    };
    store_flash_set_blocks(flash->block_count);
    store_flash_begin();
    return 0;
}

const struct lfs2_config *store_flash_config(void)
{
    return &config;
}

void store_flash_set_blocks(uint32_t count)
{
    config.block_count = (lfs2_size_t)util_min(count, STORE_BLOCKS_MAX);
}

uint32_t store_flash_blocks(void)
{
    return (uint32_t)util_min(device->block_count, STORE_BLOCKS_MAX);
}

void store_flash_begin(void)
{
    reads = 0;
    reads_max = READS_BASE + READS_PER_BLOCK * config.block_count;
}

uint32_t store_flash_reads(void)
{
    return reads;
}

int store_flash_peek(uint32_t at, void *dst, uint32_t len)
{
    return device->ops->read(device, at, dst, len) < 0 ? LFS2_ERR_IO : 0;
}
