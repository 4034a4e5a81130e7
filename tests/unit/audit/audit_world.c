/* SPDX-License-Identifier: ISC */
#include "audit/audit_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "audit/audit_log.h"
#include "base/err.h"
#include "base/log.h"
#include "base/panic.h"
#include "crypto/crypto.h"
#include "hal/board.h"
#include "store/store.h"

enum { BLOCK = 4096, BLOCKS = 128 };

struct audit_world audit_world;

uint64_t board_now_us(void)
{
    return audit_world.now_us;
}

int64_t board_wall_s(void)
{
    return audit_world.wall_s;
}

struct flash *board_flash(void)
{
    return audit_world.has_flash ? &audit_world.sim.flash : NULL;
}

int board_seed(const char *name, void *dst, size_t cap)
{
    static const char key[] =
        "00112233445566778899aabbccddeeff0123456789abcdef0011223344556677";

    if (strcmp(name, "store-key") != 0 || cap < sizeof(key) - 1) {
        return ERR_NOT_FOUND;
    }
    memcpy(dst, key, sizeof(key) - 1);
    return sizeof(key) - 1;
}

void board_uuid(uint8_t uuid[16])
{
    memset(uuid, 7, 16);
}

int board_entropy(void *dst, size_t len)
{
    if (audit_world.has_no_entropy) {
        return ERR_IO;
    }
    for (size_t i = 0; i < len; i++) {
        ((uint8_t *)dst)[i] = (uint8_t)rand();
    }
    return 0;
}

void panic_at(const char *file, int line, const char *format, ...)
{
    fprintf(stderr, "panic at %s:%d: %s\n", file, line, format);
    abort();
}

static void count_line(struct span line)
{
    const char *text = (const char *)line.ptr;

    audit_world.warnings += memmem(text, line.len, "not recorded", 12) != NULL ||
                            memmem(text, line.len, "damaged", 7) != NULL;
}

void audit_world_open(void)
{
    static const struct log_sink sink = {count_line, board_now_us};

    memset(&audit_world, 0, sizeof(audit_world));
    flash_sim_open(&audit_world.sim, BLOCK, BLOCKS, 0xff);
    audit_world.has_flash = true;
    audit_world.wall_s = 1700000000;
    log_init(&sink);
    assert_int_equal(crypto_start(), 0);
}

void audit_world_close(void)
{
    flash_sim_close(&audit_world.sim);
    audit_world.has_flash = false;
}

void audit_world_start(void)
{
    audit_world.warnings = 0;
    assert_int_equal(store_start(), 0);
    assert_int_equal(audit_start(), 0);
}

static const uint8_t *take(const uint8_t **at, const uint8_t *end, size_t len)
{
    const uint8_t *start = *at;

    assert_true((size_t)(end - start) >= len);
    *at += len;
    return start;
}

static unsigned take_be16(const uint8_t **at, const uint8_t *end)
{
    const uint8_t *p = take(at, end, 2);

    return (unsigned)p[0] * 256 + p[1];
}

static size_t take_text(const uint8_t **at, const uint8_t *end, char *text)
{
    size_t len = *take(at, end, 1);

    memcpy(text, take(at, end, len), len);
    text[len] = '\0';
    return len;
}

void audit_world_decode(struct span record, struct audit_seen *seen)
{
    const uint8_t *at = record.ptr;
    const uint8_t *end = at + record.len;
    static char text[256];

    memset(seen, 0, sizeof(*seen));
    seen->app = take_be16(&at, end);
    seen->event = take_be16(&at, end);
    seen->initiator = *take(&at, end, 1);
    if (seen->initiator == 0) {
        assert_true(take_text(&at, end, text) < sizeof(seen->user));
        strcpy(seen->user, text);
    }
    seen->time = take_be16(&at, end) << 16;
    seen->time |= take_be16(&at, end);
    seen->location = *take(&at, end, 1);
    assert_true(take_text(&at, end, text) < sizeof(seen->address));
    strcpy(seen->address, text);
    seen->data_len = take_text(&at, end, text);
    memcpy(seen->data, text, seen->data_len);
    assert_ptr_equal(at, end);
}

void audit_world_see(size_t index, struct audit_seen *seen)
{
    audit_world_decode(audit_log_at(index), seen);
}
