/* SPDX-License-Identifier: ISC */
/* The board of the store's tests. */
#include "store_world.h"

#include <stdio.h>
#include <stdlib.h>

#include "unit.h"

#include "base/bytes.h"
#include "base/err.h"
#include "base/log.h"
#include "base/panic.h"
#include "hal/board.h"

struct store_world store_world;

static void keep_line(struct span line)
{
    size_t len = strlen(store_world.log);
    size_t room = sizeof(store_world.log) - 1 - len;
    size_t part = line.len < room ? line.len : room;

    memcpy(store_world.log + len, line.ptr, part);
    store_world.log[len + part] = '\0';
}

uint64_t board_now_us(void)
{
    return 0;
}

struct flash *board_flash(void)
{
    return store_world.has_flash ? &store_world.sim.flash : NULL;
}

int board_seed(const char *name, void *dst, size_t cap)
{
    size_t len;

    if (strcmp(name, "store-key") != 0 || store_world.key == NULL) {
        return ERR_NOT_FOUND;
    }
    len = strlen(store_world.key);
    if (len > cap) {
        return ERR_TOO_BIG;
    }
    memcpy(dst, store_world.key, len);
    return (int)len;
}

void board_uuid(uint8_t uuid[16])
{
    memcpy(uuid, store_world.uuid, 16);
}

void panic_at(const char *file, int line, const char *format, ...)
{
    fprintf(stderr, "panic at %s:%d: %s\n", file, line, format);
    abort();
}

static const struct log_sink sink = {keep_line, board_now_us};

void store_world_open(uint32_t blocks)
{
    memset(&store_world, 0, sizeof(store_world));
    flash_sim_open(&store_world.sim, 4096, blocks, 0xff);
    store_world.has_flash = true;
    store_world.key = STORE_WORLD_KEY;
    log_init(&sink);
}

void store_world_close(void)
{
    flash_sim_close(&store_world.sim);
    store_world.has_flash = false;
}

enum store_state store_world_start(void)
{
    struct store_status status;

    store_world.log[0] = '\0';
    assert_int_equal(store_start(), 0);
    store_get_status(&status);
    return status.state;
}

bool store_world_logged(const char *text)
{
    return strstr(store_world.log, text) != NULL;
}

struct span store_world_content(const char *name, unsigned number, size_t len)
{
    static uint8_t bytes[CONFIG_STORE_RECORD_CAP];
    uint32_t state = number * 2654435761u + (uint32_t)len;

    assert_in_range(len, 4, sizeof(bytes));
    for (size_t i = 0; name[i] != '\0'; i++) {
        state = state * 31 + (uint8_t)name[i];
    }
    bytes_put_le32(bytes, number);
    for (size_t i = 4; i < len; i++) {
        state = state * 1664525 + 1013904223;
        bytes[i] = (uint8_t)(state >> 24);
    }
    return span_of(bytes, len);
}

int store_world_number(const char *name, struct span content)
{
    uint32_t number = content.len < 4 ? 0 : bytes_get_le32(content.ptr);

    if (content.len < 4 || number > INT32_MAX ||
        !span_equal(content, store_world_content(name, number, content.len))) {
        return -1;
    }
    return (int)number;
}

int store_world_write(const char *name, unsigned number, size_t len)
{
    return store_write(name, 1, store_world_content(name, number, len));
}

int store_world_read(const char *name)
{
    static uint8_t bytes[CONFIG_STORE_RECORD_CAP];
    uint16_t version;
    int len = store_read(name, &version, bytes, sizeof(bytes));
    int number;

    if (len < 0) {
        assert_int_equal(len, ERR_NOT_FOUND);
        return -1;
    }
    number = store_world_number(name, span_of(bytes, (size_t)len));
    if (number < 0) {
        fail_msg("record %s is neither old nor new", name);
    }
    return number;
}
