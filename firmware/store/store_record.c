/* SPDX-License-Identifier: ISC */
/*
 * Records on a mounted store: one file each, sealed. Every call stands alone; there is nothing to
 * be lost between them but counters.
 */
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "store/store_priv.h"

static uint32_t writes;
static uint32_t damaged;
static uint32_t used_blocks;
static uint32_t records;
static bool is_usage_known;

void store_record_init(void)
{
    writes = 0;
    damaged = 0;
    used_blocks = 0;
    records = 0;
    is_usage_known = false;
}

int store_record_load(const char *name, struct store_seal *seal)
{
    int len;

    store_flash_begin();
    len = store_file_read(name, store_seal_buffer(), STORE_FILE_CAP);
    if (len == 0) {
        return ERR_NOT_FOUND;
    }
    if (len == ERR_TOO_BIG) { /* no record of ours is */
        return ERR_INVALID;
    }
    if (len < 0) {
        return len;
    }
    return store_seal_open(name, (size_t)len, seal);
}

int store_record_save(const char *name, uint16_t version, struct span content)
{
    struct store_seal seal = {.name = name,
                              .version = version,
                              .erases = store_wear_total() +
                                        store_file_blocks(STORE_HEADER_LEN + content.len),
                              .content = content};

    store_flash_begin();
    is_usage_known = false;
    return store_file_write(name, store_seal_close(&seal));
}

static int view(const char *name, uint16_t *version, struct span *content)
{
    struct store_seal seal;
    int result = store_record_load(name, &seal);

    if (result == ERR_NOT_FOUND) {
        return result;
    }
    if (result < 0) {
        log_error("store", "record %s is damaged or was edited, and is not used", name);
        damaged++;
        store_found_damage();
        return ERR_NOT_FOUND;
    }
    store_wear_heard(seal.erases);
    *version = seal.version;
    *content = seal.content;
    return 0;
}

static bool is_there(const char *name, uint16_t version, struct span content)
{
    struct store_seal seal;

    return store_record_load(name, &seal) == 0 && seal.version == version &&
           span_equal(seal.content, content);
}

/* The table is worth less than the record before it: if there is no room for it, so be it. */
static void save_wear(void)
{
    uint8_t table[2 * 4 + 2 * STORE_BLOCKS_MAX];
    int result;

    if (!store_wear_is_due()) {
        return;
    }
    result = store_record_save(STORE_FILE_WEAR, 1,
                               store_wear_encode(table, sizeof(table)));
    if (result < 0) {
        log_warn("store", "wear not saved: %s", err_name(result));
    }
}

static int write_record(const char *name, uint16_t version, struct span content)
{
    int result;

    if (is_there(name, version, content)) {
        return 0;
    }
    result = store_record_save(name, version, content);
    /* Littlefs checks each byte that it programs, but on damaged metadata it may have put them
     * where something else is as well. */
    if (result == 0 && !is_there(name, version, content)) {
        result = ERR_IO;
    }
    if (result < 0) {
        log_error("store", "record %s could not be written: %s", name, err_name(result));
        return result;
    }
    writes++;
    save_wear();
    return 0;
}

static int remove_record(const char *name)
{
    int result;

    store_flash_begin();
    is_usage_known = false;
    result = store_file_remove(name);
    if (result < 0) {
        log_error("store", "record %s could not be removed", name);
        return result;
    }
    save_wear();
    return 0;
}

static void measure(void)
{
    store_flash_begin();
    if (store_file_usage(&records, &used_blocks) < 0) {
        log_warn("store", "usage is not known");
    }
    is_usage_known = true; /* also if not: asking again would not help */
}

static void get_status(struct store_status *status)
{
    const struct lfs2_config *config = store_flash_config();

    if (!is_usage_known) {
        measure();
    }
    status->size = config->block_count * config->block_size;
    status->used = used_blocks * config->block_size;
    status->records = records;
    status->writes = writes;
    status->damaged = damaged;
    status->erases = store_wear_total();
    status->erases_worst = store_wear_worst();
}

const struct store_engine store_record_engine = {.view = view,
                                                 .write = write_record,
                                                 .remove = remove_record,
                                                 .get_status = get_status};
