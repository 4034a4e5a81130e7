/* SPDX-License-Identifier: ISC */
#include "pki_world.h"

#include <stdio.h>
#include <stdlib.h>

#include "unit.h"

#include "base/err.h"
#include "base/log.h"
#include "base/panic.h"
#include "crypto/crypto.h"
#include "hal/board.h"
#include "pki/pki.h"
#include "settings/tls_settings.h"

enum { RECORDS = 48 };

struct pki_world pki_world;

static struct {
    char name[CONFIG_STORE_NAME_CAP];
    uint16_t version;
    size_t len;
    uint8_t content[CONFIG_STORE_RECORD_CAP];
} records[RECORDS];

/* --- store.h ----------------------------------------------------------------------------- */

static size_t find(const char *name)
{
    for (size_t i = 0; i < RECORDS; i++) {
        if (strcmp(records[i].name, name) == 0) {
            return i;
        }
    }
    return RECORDS;
}

int store_read(const char *name, uint16_t *version, void *dst, size_t cap)
{
    size_t i = find(name);

    assert_true(name[0] != '\0' && strlen(name) < CONFIG_STORE_NAME_CAP);
    if (i == RECORDS) {
        return ERR_NOT_FOUND;
    }
    if (records[i].len > cap) {
        return ERR_TOO_BIG;
    }
    *version = records[i].version;
    memcpy(dst, records[i].content, records[i].len);
    return (int)records[i].len;
}

int store_view(const char *name, uint16_t *version, struct span *content)
{
    size_t i = find(name);

    if (i == RECORDS) {
        return ERR_NOT_FOUND;
    }
    *version = records[i].version;
    *content = span_of(records[i].content, records[i].len);
    return 0;
}

/* True: the power goes before it is done. */
static bool is_cut(void)
{
    return ++pki_world.operations == pki_world.cut_at && !pki_world.cut_after;
}

static void end_operation(void)
{
    if (pki_world.operations == pki_world.cut_at) {
        longjmp(pki_world.powerless, 1);
    }
}

int store_write(const char *name, uint16_t version, struct span content)
{
    size_t i = find(name) < RECORDS ? find(name) : find("");

    assert_non_null(content.ptr);
    assert_true(name[0] != '\0' && strlen(name) < CONFIG_STORE_NAME_CAP);
    if (pki_world.store_result < 0) {
        return pki_world.store_result;
    }
    if (content.len > CONFIG_STORE_RECORD_CAP) {
        return ERR_TOO_BIG;
    }
    assert_true(i < RECORDS);
    if (!is_cut()) {
        snprintf(records[i].name, sizeof(records[i].name), "%s", name);
        records[i].version = version;
        records[i].len = content.len;
        memcpy(records[i].content, content.ptr, content.len);
    }
    end_operation();
    return 0;
}

int store_remove(const char *name)
{
    size_t i = find(name);

    if (pki_world.store_result < 0) {
        return pki_world.store_result;
    }
    if (!is_cut() && i < RECORDS) {
        records[i].name[0] = '\0';
    }
    end_operation();
    return 0;
}

int store_start(void)
{
    return 0;
}

void store_get_status(struct store_status *status)
{
    memset(status, 0, sizeof(*status));
    status->state = pki_world.store_state;
}

const char *store_state_name(enum store_state state)
{
    (void)state;
    return "double";
}

bool pki_world_has(const char *name)
{
    return find(name) < RECORDS;
}

size_t pki_world_records(void)
{
    size_t count = 0;

    for (size_t i = 0; i < RECORDS; i++) {
        count += records[i].name[0] != '\0' ? 1 : 0;
    }
    return count;
}

void pki_world_damage(const char *name)
{
    size_t i = find(name);

    assert_true(i < RECORDS);
    records[i].name[0] = '\0'; /* as the store sees a damaged one */
}

bool pki_world_holds(struct span bytes)
{
    for (size_t i = 0; i < RECORDS; i++) {
        if (records[i].name[0] != '\0' &&
            memmem(records[i].content, records[i].len, bytes.ptr, bytes.len) != NULL) {
            return true;
        }
    }
    return false;
}

/* --- board ------------------------------------------------------------------------------- */

uint64_t board_now_us(void)
{
    pki_world.now_us += pki_world.tick_us;
    return pki_world.now_us;
}

int64_t board_wall_s(void)
{
    return pki_world.wall_s;
}

int board_entropy(void *dst, size_t len)
{
    static uint8_t next;
    uint8_t *at = dst;

    for (size_t i = 0; i < len; i++) {
        at[i] = (uint8_t)(i * 59 + next++ * 7);
    }
    return 0;
}

int board_seed(const char *name, void *dst, size_t cap)
{
    const char *value = strcmp(name, "hostname") == 0      ? pki_world.hostname
                        : strcmp(name, "plain-ports") == 0 ? pki_world.plain_ports
                                                           : NULL;

    if (value == NULL) {
        return ERR_NOT_FOUND;
    }
    if (strlen(value) > cap) {
        return ERR_TOO_BIG;
    }
    memcpy(dst, value, strlen(value));
    return (int)strlen(value);
}

void board_uuid(uint8_t uuid[16])
{
    memset(uuid, 7, 16);
}

void panic_at(const char *file, int line, const char *format, ...)
{
    fprintf(stderr, "panic at %s:%d: %s\n", file, line, format);
    abort();
}

static void drop_line(struct span line)
{
    (void)line;
}

static const struct log_sink sink = {drop_line, board_now_us};

/* --- the world --------------------------------------------------------------------------- */

void pki_world_open(void)
{
    memset(&pki_world, 0, sizeof(pki_world));
    memset(records, 0, sizeof(records));
    pki_world.wall_s = 1790000000;
    pki_world.store_state = STORE_GOOD;
    log_init(&sink);
    pki_world_start();
}

void pki_world_start(void)
{
    assert_int_equal(crypto_start(), 0);
    assert_int_equal(pki_start(), 0);
    tls_settings_start();
}

void pki_world_settle(void)
{
    for (unsigned i = 0; i < 100000; i++) {
        uint64_t due = pki_poll(pki_world.now_us);

        if (due == UINT64_MAX) {
            return;
        }
        pki_world.now_us = due > pki_world.now_us ? due : pki_world.now_us;
    }
    fail_msg("pki_poll never comes to an end");
}
