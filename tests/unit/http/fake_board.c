/* SPDX-License-Identifier: ISC */
/* The double of the board. A panic ends the test program. */
#include "fake_board.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "base/panic.h"
#include "hal/board.h"

struct fake_board fake_board;

static void count_line(struct span line)
{
    (void)line;
    fake_board.log_lines++;
}

static const struct log_sink sink = {count_line, board_now_us};

void fake_board_reset(void)
{
    fake_board = (struct fake_board){
        .now_us = 5000000, .wall_s = 1676674661, .password = FAKE_BOARD_PASSWORD};
    log_init(&sink);
}

uint64_t board_now_us(void)
{
    fake_board.now_us += fake_board.tick_us;
    return fake_board.now_us;
}

int64_t board_wall_s(void)
{
    return fake_board.wall_s;
}

/* Not random at all, but different at each call. */
int board_entropy(void *dst, size_t len)
{
    uint8_t *at = dst;

    if (fake_board.has_no_entropy) {
        return ERR_IO;
    }
    fake_board.entropy_calls++;
    for (size_t i = 0; i < len; i++) {
        at[i] = (uint8_t)(i * 37 + fake_board.entropy_calls * 101);
    }
    return 0;
}

int board_seed(const char *name, void *dst, size_t cap)
{
    const char *value = NULL;
    size_t len;

    if (strcmp(name, "admin-password") == 0) {
        value = fake_board.password;
    } else if (strcmp(name, "local-password") == 0) {
        value = fake_board.local_password;
    } else if (strcmp(name, "unprovisioned") == 0 && fake_board.is_unprovisioned) {
        value = "";
    }
    if (value == NULL) {
        return ERR_NOT_FOUND;
    }
    len = strlen(value);
    if (len > cap) {
        return ERR_TOO_BIG;
    }
    memcpy(dst, value, len);
    return (int)len;
}

void board_uuid(uint8_t uuid[16])
{
    memcpy(uuid, fake_board.uuid, 16);
}

void panic_at(const char *file, int line, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fprintf(stderr, "panic at %s:%d: ", file, line);
    vfprintf(stderr, format, args);
    va_end(args);
    abort();
}
