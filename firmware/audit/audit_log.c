/* SPDX-License-Identifier: ISC */
/*
 * The ring of chunks (audit_log.h). Chunks are numbered for ever; chunk n lies in the
 * store as "audit.<n mod CHUNKS>", and the newest is the one being written. All are
 * also in memory, so reading never waits for flash.
 *
 *     first (settings)      tail                       head
 *     |  cleared: ignored   |  chunks that are there   |  being filled
 *     +---------------------+--------------------------+-----> numbers
 *
 * Clearing writes `first` = head + 1: one write of the settings record, so a cut leaves
 * all or nothing. Cleared chunks may stay in the store; they are not ours any more.
 */
#include "audit/audit_log.h"

#include <string.h>

#include "audit/audit_lock.h"
#include "audit/audit_record.h"
#include "base/err.h"
#include "base/log.h"
#include "base/panic.h"
#include "base/sbuf.h"
#include "config.h"
#include "hal/board.h"
#include "store/record.h"
#include "store/store.h"

#define SETTINGS_RECORD "audit"

/* A chunk that small lies in the directory of the store, so that writing it erases
 * little. 32 bytes are an ordinary record with its length byte. */
enum { CHUNK_CAP = 384, CHUNKS = CONFIG_AUDIT_RECORDS * 32 / CHUNK_CAP };
enum { VERSION = 1, DAY_S = 86400, SETTINGS_CAP = 32, PERCENT = 100 };
/* No log gets that far; the sums below stay in range. */
enum { NUMBER_MOST = INT32_MAX };

_Static_assert(CHUNKS >= 2, "one to fill and one to drop");

/* Records one after another, each with a length byte before. */
struct chunk {
    uint32_t number; /* 0: none */
    size_t used;
    size_t count;
    uint8_t bytes[CHUNK_CAP];
};

static struct chunk ring[CHUNKS];
static uint32_t head;      /* number of the newest chunk; 0: none yet */
static uint32_t first = 1; /* older ones are cleared */
static uint32_t last_time;
static struct audit_log_settings settings;

static struct chunk *slot(uint32_t number)
{
    return &ring[number % CHUNKS];
}

/* Chunk `number`, or NULL if it is cleared, dropped or lost. */
static struct chunk *find(uint32_t number)
{
    struct chunk *chunk = slot(number);

    return number >= first && number != 0 && chunk->number == number ? chunk : NULL;
}

/* The oldest number that can be there. */
static uint32_t tail(void)
{
    uint32_t oldest = head < CHUNKS ? 1 : head - CHUNKS + 1;

    return oldest > first ? oldest : first;
}

/* Record at `at` of a chunk whose records were counted; moves on. */
static struct span record_at(const struct chunk *chunk, size_t *at)
{
    size_t len = chunk->bytes[*at];
    struct span record = span_of(chunk->bytes + *at + 1, len);

    *at += 1 + len;
    return record;
}

/* When a record was written that was checked before. */
static uint32_t record_time(struct span record)
{
    uint32_t time = 0;
    int result = audit_record_time(record, &time);

    panic_unless(result == 0);
    return time;
}

/* Time of a chunk's last record; 0 if it has none. */
static uint32_t time_of(const struct chunk *chunk)
{
    uint32_t time = 0;
    size_t at = 0;

    while (at < chunk->used) {
        struct span record = record_at(chunk, &at);
        time = record_time(record);
    }
    return time;
}

/* ---- the store ---- */

static void name_of(uint32_t number, char name[CONFIG_STORE_NAME_CAP])
{
    struct sbuf out;

    sbuf_init(&out, name, CONFIG_STORE_NAME_CAP);
    sbuf_printf(&out, "audit.%u", (unsigned)(number % CHUNKS));
    panic_unless(sbuf_terminate(&out) == 0);
}

static int save_chunk(const struct chunk *chunk)
{
    uint8_t bytes[CHUNK_CAP + 8];
    char name[CONFIG_STORE_NAME_CAP];
    struct record_writer w;

    record_writer_init(&w, bytes, sizeof(bytes));
    record_put_u32(&w, chunk->number);
    record_put_octets(&w, span_of(chunk->bytes, chunk->used));
    name_of(chunk->number, name);
    return store_write(name, VERSION, record_done(&w)) < 0 ? ERR_IO : 0;
}

static int save_settings(const struct audit_log_settings *wanted, uint32_t new_first)
{
    uint8_t bytes[SETTINGS_CAP];
    struct record_writer w;

    record_writer_init(&w, bytes, sizeof(bytes));
    record_put_bool(&w, wanted->is_enabled);
    record_put_u8(&w, (uint8_t)wanted->storage);
    record_put_u8(&w, wanted->days_to_keep);
    record_put_u32(&w, new_first);
    record_put_u32(&w, last_time);
    return store_write(SETTINGS_RECORD, VERSION, record_done(&w)) < 0 ? ERR_IO : 0;
}

static bool is_storage(unsigned value)
{
    return value <= AUDIT_STORAGE_RESTRICTED;
}

/* Defaults where there is nothing; ERR_IO where there is something else. */
static int load_settings(void)
{
    uint8_t bytes[SETTINGS_CAP];
    uint16_t version;
    struct record_reader r;
    struct audit_log_settings loaded;
    uint32_t loaded_first;
    uint32_t loaded_time;
    uint8_t storage;
    int len = store_read(SETTINGS_RECORD, &version, bytes, sizeof(bytes));

    if (len < 0) {
        return len == ERR_NOT_FOUND ? 0 : ERR_IO;
    }
    record_reader_init(&r, span_of(bytes, (size_t)len));
    loaded.is_enabled = record_get_bool(&r, true);
    storage = record_get_u8(&r, AUDIT_STORAGE_ROLL_OVER);
    loaded.days_to_keep = record_get_u8(&r, 0);
    loaded_first = record_get_u32(&r, 1);
    loaded_time = record_get_u32(&r, 0);
    if (version != VERSION || !record_is_sound(&r) || !is_storage(storage) ||
        loaded_first == 0 || loaded_first > NUMBER_MOST) {
        return ERR_IO;
    }
    loaded.storage = (enum audit_storage)storage;
    settings = loaded;
    first = loaded_first;
    last_time = loaded_time;
    return 0;
}

/* Take the records of a stored chunk, if they are records. */
static bool take_records(struct chunk *chunk, struct span bytes)
{
    struct span rest = bytes;
    struct span record;
    uint32_t time;
    uint8_t len;
    size_t count = 0;

    while (rest.len > 0) {
        if (!span_take_u8(&rest, &len) || !span_take(&rest, len, &record) ||
            audit_record_time(record, &time) < 0) {
            return false;
        }
        count++;
    }
    if (count == 0 || bytes.len > CHUNK_CAP) {
        return false;
    }
    memcpy(chunk->bytes, bytes.ptr, bytes.len);
    chunk->used = bytes.len;
    chunk->count = count;
    return true;
}

/* Slot `index` of the ring from the store. False: it is damaged. */
static bool load_chunk(uint32_t index)
{
    static uint8_t bytes[CHUNK_CAP + 8];
    char name[CONFIG_STORE_NAME_CAP];
    uint16_t version;
    struct record_reader r;
    struct span records;
    uint32_t number;
    int len;

    name_of(index, name);
    len = store_read(name, &version, bytes, sizeof(bytes));
    if (len == ERR_NOT_FOUND) {
        return true;
    }
    if (len < 0 || version != VERSION) {
        return false;
    }
    record_reader_init(&r, span_of(bytes, (size_t)len));
    number = record_get_u32(&r, 0);
    records = record_get_octets(&r);
    if (!record_is_sound(&r) || number % CHUNKS != index || number == 0 ||
        number > NUMBER_MOST || !take_records(&ring[index], records)) {
        return false;
    }
    ring[index].number = number;
    head = number > head ? number : head;
    return true;
}

int audit_log_start(bool *lost)
{
    struct store_status before;
    struct store_status after;
    int result;

    memset(ring, 0, sizeof(ring));
    head = 0;
    first = 1;
    last_time = 0;
    *lost = false;
    settings = (struct audit_log_settings){.is_enabled = true,
                                           .storage = AUDIT_STORAGE_ROLL_OVER};
    store_get_status(&before);
    result = load_settings();
    for (uint32_t i = 0; i < CHUNKS; i++) {
        *lost |= !load_chunk(i);
    }
    /* Also when the chunk that would have come next was cleared: numbers never come
     * back. */
    head = head >= first ? head : first - 1;
    for (uint32_t n = tail(); n <= head && head != 0; n++) {
        *lost |= find(n) == NULL;
    }
    if (find(head) != NULL) {
        last_time = time_of(find(head));
    }
    store_get_status(&after);
    *lost |= after.damaged != before.damaged;
    return result;
}

/* ---- growing ---- */

/* May the oldest chunk go? */
static bool can_drop(const struct chunk *oldest)
{
    if (audit_lock_is_held(AUDIT_LOCK_LOG)) {
        return false;
    }
    if (settings.storage == AUDIT_STORAGE_RESTRICTED) {
        return (int64_t)time_of(oldest) + (int64_t)settings.days_to_keep * DAY_S <=
               board_wall_s();
    }
    return settings.storage == AUDIT_STORAGE_ROLL_OVER;
}

static bool fits(const struct chunk *chunk, size_t len)
{
    return chunk != NULL && 1 + len <= CHUNK_CAP - chunk->used;
}

/* The chunk whose place the next one needs, or NULL. */
static struct chunk *in_the_way(void)
{
    return head < CHUNKS ? NULL : find(head + 1 - CHUNKS);
}

static void add(struct chunk *chunk, struct span record)
{
    chunk->bytes[chunk->used] = (uint8_t)record.len;
    memcpy(chunk->bytes + chunk->used + 1, record.ptr, record.len);
    chunk->used += 1 + record.len;
    chunk->count++;
}

/* Begin the next chunk with this record. On failure the old one in its place stays. */
static int begin(struct span record)
{
    static struct chunk next;
    const struct chunk *oldest = in_the_way();
    int result;

    if (oldest != NULL && !can_drop(oldest)) {
        return ERR_FULL;
    }
    next = (struct chunk){.number = head + 1};
    add(&next, record);
    result = save_chunk(&next);
    if (result == 0) {
        *slot(next.number) = next;
        head = next.number;
    }
    return result;
}

/* Into the newest chunk. */
static int extend(struct chunk *chunk, struct span record)
{
    size_t used = chunk->used;
    int result;

    add(chunk, record);
    result = save_chunk(chunk);
    if (result < 0) {
        chunk->used = used;
        chunk->count--;
    }
    return result;
}

int audit_log_append(struct span record)
{
    struct chunk *newest = find(head);
    int result;

    panic_unless(record.len <= AUDIT_RECORD_CAP);
    result = fits(newest, record.len) ? extend(newest, record) : begin(record);
    if (result == 0) {
        last_time = record_time(record);
    }
    return result;
}

int audit_log_clear(void)
{
    int result = save_settings(&settings, head + 1);

    if (result == 0) {
        first = head + 1;
    }
    return result;
}

/* ---- reading ---- */

size_t audit_log_count(void)
{
    size_t count = 0;

    for (uint32_t n = tail(); n <= head; n++) {
        count += find(n) != NULL ? find(n)->count : 0;
    }
    return count;
}

struct span audit_log_at(size_t index)
{
    struct span record = span_of(NULL, 0);

    for (uint32_t n = tail(); n <= head; n++) {
        const struct chunk *chunk = find(n);
        size_t at = 0;

        if (chunk == NULL || index >= chunk->count) {
            index -= chunk != NULL ? chunk->count : 0;
            continue;
        }
        for (size_t i = 0; i <= index; i++) {
            record = record_at(chunk, &at);
        }
        return record;
    }
    return record;
}

uint32_t audit_log_last_time(void)
{
    return last_time;
}

unsigned audit_log_free_percent(void)
{
    size_t left = CHUNKS * (size_t)CHUNK_CAP;

    for (uint32_t n = tail(); n <= head; n++) {
        const struct chunk *chunk = find(n);
        /* Only the newest can still take something. */
        left -= chunk == NULL ? 0 : n == head ? chunk->used : CHUNK_CAP;
    }
    return (unsigned)(left * PERCENT / (CHUNKS * (size_t)CHUNK_CAP));
}

bool audit_log_is_full(void)
{
    const struct chunk *oldest = in_the_way();

    return oldest != NULL && !can_drop(oldest) && !fits(find(head), AUDIT_RECORD_CAP);
}

/* ---- settings ---- */

struct audit_log_settings audit_log_settings(void)
{
    return settings;
}

int audit_log_set_settings(const struct audit_log_settings *wanted)
{
    int result;

    if (!is_storage(wanted->storage)) {
        return ERR_INVALID;
    }
    result = save_settings(wanted, first);
    if (result == 0) {
        settings = *wanted;
    }
    return result;
}
