/* SPDX-License-Identifier: ISC */
/*
 * Whole files on littlefs. It replaces a file's content when the file is closed, in one commit;
 * only a file that is new appears before, empty. So an empty file is no file.
 */
#include <string.h>

#include "base/err.h"
#include "store/store_priv.h"

static lfs2_t fs;
static bool is_mounted;
static lfs2_file_t file;
static uint8_t file_buffer[STORE_CACHE_LEN];
static const struct lfs2_file_config file_config = {.buffer = file_buffer};

int store_file_mount(void)
{
    int result = lfs2_mount(&fs, store_flash_config());

    is_mounted = result == 0;
    return result;
}

bool store_file_is_mounted(void)
{
    return is_mounted;
}

int store_file_format(void)
{
    return lfs2_format(&fs, store_flash_config());
}

int store_file_grow(uint32_t blocks)
{
    int result = lfs2_fs_grow(&fs, blocks);

    if (result == 0) {
        store_flash_set_blocks(blocks);
    }
    return result;
}

static int error_of(int result)
{
    switch (result) {
    case LFS2_ERR_NOENT:
        return ERR_NOT_FOUND;
    case LFS2_ERR_NOSPC:
        return ERR_FULL;
    case LFS2_ERR_FBIG:
        return ERR_TOO_BIG;
    case LFS2_ERR_CORRUPT:
    case LFS2_ERR_ISDIR:
    case LFS2_ERR_NOTDIR:
    case LFS2_ERR_INVAL:
        return ERR_INVALID;
    default:
        return ERR_IO;
    }
}

static int read_open(void *dst, size_t cap)
{
    lfs2_soff_t size = lfs2_file_size(&fs, &file);
    lfs2_ssize_t got;

    if (size < 0 || (size_t)size > cap) {
        return size < 0 ? (int)size : LFS2_ERR_FBIG;
    }
    got = lfs2_file_read(&fs, &file, dst, (lfs2_size_t)size);
    if (got < 0) {
        return (int)got;
    }
    return got == size ? (int)size : LFS2_ERR_CORRUPT;
}

int store_file_read(const char *name, void *dst, size_t cap)
{
    int result = lfs2_file_opencfg(&fs, &file, name, LFS2_O_RDONLY, &file_config);

    if (result == 0) {
        result = read_open(dst, cap);
        (void)lfs2_file_close(&fs, &file); /* nothing to write: cannot fail */
    }
    return result < 0 ? error_of(result) : result;
}

/* Littlefs keeps a small file inside its directory: no block of its own. */
uint32_t store_file_blocks(size_t len)
{
    const struct lfs2_config *config = store_flash_config();

    if (len <= util_min(config->cache_size, config->block_size / 8)) {
        return 0;
    }
    return (uint32_t)((len + config->block_size - 1) / config->block_size);
}

static int write_new(const char *name, struct span bytes)
{
    lfs2_ssize_t written;
    int closed;
    int result = lfs2_file_opencfg(
        &fs, &file, name, LFS2_O_WRONLY | LFS2_O_CREAT | LFS2_O_TRUNC, &file_config);

    if (result < 0) {
        return result;
    }
    written = lfs2_file_write(&fs, &file, bytes.ptr, (lfs2_size_t)bytes.len);
    closed = lfs2_file_close(&fs, &file); /* commits; not after a failed write */
    return written < 0 ? (int)written : closed;
}

/* What littlefs holds in memory may not be what is on flash after a failure. */
static int mount_again(int why)
{
    (void)lfs2_unmount(&fs);
    store_flash_begin();
    if (store_file_mount() < 0) {
        store_fail();
    }
    return why;
}

int store_file_write(const char *name, struct span bytes)
{
    int result = write_new(name, bytes);

    if (result == 0) {
        return 0;
    }
    return mount_again(result == LFS2_ERR_NOSPC ? ERR_FULL : ERR_IO);
}

int store_file_remove(const char *name)
{
    int result = lfs2_remove(&fs, name);

    if (result == 0 || result == LFS2_ERR_NOENT) {
        return 0;
    }
    return mount_again(ERR_IO);
}

int store_file_usage(uint32_t *records, uint32_t *blocks)
{
    lfs2_ssize_t size = lfs2_fs_size(&fs);
    struct lfs2_info info;
    lfs2_dir_t dir;
    uint32_t count = 0;
    int result;

    if (size < 0 || lfs2_dir_open(&fs, &dir, "/") < 0) {
        return ERR_IO;
    }
    while ((result = lfs2_dir_read(&fs, &dir, &info)) > 0) {
        if (info.type == LFS2_TYPE_REG && info.size > 0 && info.name[0] != '.') {
            count++;
        }
    }
    (void)lfs2_dir_close(&fs, &dir);
    if (result < 0) {
        return ERR_IO;
    }
    *records = count;
    *blocks = (uint32_t)size;
    return 0;
}
