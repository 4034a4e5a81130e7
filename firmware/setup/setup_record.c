/* SPDX-License-Identifier: ISC */
/* A short list, written to the store as a whole. */
#include "setup/setup_record.h"

#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "config.h"
#include "hal/board.h"
#include "store/record.h"
#include "store/store.h"

enum { VERSION = 1, RECORD_CAP = CONFIG_SETUP_RECORDS * sizeof(struct setup_record) + 8 };
_Static_assert(RECORD_CAP <= CONFIG_STORE_RECORD_CAP, "one record of the store");

static const char record_name[] = "provisioning-log";
static struct setup_record list[CONFIG_SETUP_RECORDS];
static size_t count;
static uint32_t last_id;

static bool get_octets(struct record_reader *r, uint8_t *dst, size_t cap, uint8_t *len)
{
    struct span octets = record_get_octets(r);

    if (octets.len > cap) {
        return false;
    }
    if (octets.len > 0) {
        memcpy(dst, octets.ptr, octets.len);
    }
    *len = (uint8_t)octets.len;
    return true;
}

static bool get_one(struct record_reader *r, struct setup_record *one)
{
    memset(one, 0, sizeof(*one));
    one->kind = record_get_u8(r, SETUP_RECORD_KINDS);
    one->id = record_get_u32(r, 0);
    one->time_s = (int64_t)record_get_u64(r, 0);
    record_get_text(r, one->common_name, sizeof(one->common_name));
    if (!get_octets(r, one->hash, sizeof(one->hash), &one->hash_len) ||
        !get_octets(r, one->serials, sizeof(one->serials), &one->serials_len)) {
        return false;
    }
    one->has_more_serials = record_get_bool(r, false);
    return record_is_sound(r) && one->kind < SETUP_RECORD_KINDS;
}

static void put_one(struct record_writer *w, const struct setup_record *one)
{
    record_put_u8(w, one->kind);
    record_put_u32(w, one->id);
    record_put_u64(w, (uint64_t)one->time_s);
    record_put_text(w, one->common_name);
    record_put_octets(w, span_of(one->hash, one->hash_len));
    record_put_octets(w, span_of(one->serials, one->serials_len));
    record_put_bool(w, one->has_more_serials);
}

static int save(void)
{
    uint8_t bytes[RECORD_CAP];
    struct record_writer w;

    record_writer_init(&w, bytes, sizeof(bytes));
    record_put_u32(&w, last_id);
    record_put_u8(&w, (uint8_t)count);
    for (size_t i = 0; i < count; i++) {
        put_one(&w, &list[i]);
    }
    return store_write(record_name, VERSION, record_done(&w)) < 0 ? ERR_IO : 0;
}

void setup_record_start(void)
{
    uint8_t bytes[RECORD_CAP];
    uint16_t version;
    struct record_reader r;
    size_t number;
    int len = store_read(record_name, &version, bytes, sizeof(bytes));

    count = 0;
    last_id = 0;
    if (len < 0) {
        return;
    }
    record_reader_init(&r, span_of(bytes, (size_t)len));
    last_id = record_get_u32(&r, 0);
    number = record_get_u8(&r, 0);
    while (count < number) {
        if (count == CONFIG_SETUP_RECORDS || !get_one(&r, &list[count])) {
            log_warn("setup", "provisioning records: %u of %u can be read",
                     (unsigned)count, (unsigned)number);
            return;
        }
        count++;
    }
}

int setup_record_add(const struct setup_record *record)
{
    if (count == CONFIG_SETUP_RECORDS) {
        memmove(list, list + 1, (count - 1) * sizeof(list[0]));
        count--;
    }
    list[count] = *record;
    list[count].id = ++last_id;
    list[count].time_s = board_wall_s();
    count++;
    return save();
}

size_t setup_record_count(enum setup_record_kind kind)
{
    size_t n = 0;

    for (size_t i = 0; i < count; i++) {
        n += kind == SETUP_RECORD_KINDS || list[i].kind == kind;
    }
    return n;
}

const struct setup_record *setup_record_at(enum setup_record_kind kind, size_t index)
{
    for (size_t i = 0; i < count; i++) {
        if (kind != SETUP_RECORD_KINDS && list[i].kind != kind) {
            continue;
        }
        if (index == 0) {
            return &list[i];
        }
        index--;
    }
    return NULL;
}
