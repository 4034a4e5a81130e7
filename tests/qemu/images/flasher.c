/* SPDX-License-Identifier: ISC */
/* Says what is in the NVRAM. With the seed "nvram" = "fill" it writes all of it first, with the
 * seed "turn" saying what; "count" makes it count for ever in the first block. */
#include <string.h>

#include "base/crc32.h"
#include "base/log.h"
#include "base/panic.h"
#include "base/util.h"
#include "hal/board.h"
#include "hal/flash.h"
#include "main.h"

enum { PIECE = 1000 }; /* fits neither a buffer nor a block */

static const struct log_sink sink = {board_console_write, board_now_us};
static uint8_t piece[PIECE];
static char mode[8];
static uint8_t turn[1];

static void make_piece(uint32_t at)
{
    for (uint32_t i = 0; i < PIECE; i++) {
        piece[i] = (uint8_t)((at + i) * 7 + (at + i) / 256 + turn[0]);
    }
}

static void fill(struct flash *flash)
{
    uint32_t size = flash->block_size * flash->block_count;
    uint64_t start_us = board_now_us();

    for (uint32_t block = 0; block < flash->block_count; block++) {
        panic_unless(flash->ops->erase(flash, block * flash->block_size) == 0);
    }
    log_info("test", "erased in %lu us", (unsigned long)(board_now_us() - start_us));
    start_us = board_now_us();
    for (uint32_t at = 0; at < size; at += PIECE) {
        make_piece(at);
        panic_unless(flash->ops->program(
                         flash, at, span_of(piece, util_min(PIECE, size - at))) == 0);
    }
    log_info("test", "programmed in %lu us", (unsigned long)(board_now_us() - start_us));
}

static void say(struct flash *flash)
{
    uint32_t size = flash->block_size * flash->block_count;
    uint64_t start_us = board_now_us();
    uint32_t crc = 0;

    for (uint32_t at = 0; at < size; at += PIECE) {
        uint32_t len = (uint32_t)util_min(PIECE, size - at);

        panic_unless(flash->ops->read(flash, at, piece, len) == 0);
        crc = crc32_update(crc, span_of(piece, len));
    }
    log_info("test", "flash %u of %u, crc %08x, read in %lu us",
             (unsigned)flash->block_count, (unsigned)flash->block_size, (unsigned)crc,
             (unsigned long)(board_now_us() - start_us));
}

/* One more byte for each number, without end: somebody will stop us in the middle. */
static void count(struct flash *flash)
{
    for (uint32_t number = 0;; number++) {
        uint32_t at = number % flash->block_size;

        if (at == 0) {
            panic_unless(flash->ops->erase(flash, 0) == 0);
        }
        panic_unless(flash->ops->program(flash, at, span_of("\x5A", 1)) == 0);
        if (number % 1024 == 0) {
            log_info("test", "counted %u", (unsigned)number);
            board_watchdog();
        }
    }
}

void firmware_main(void)
{
    struct flash *flash;

    log_init(&sink);
    board_start();
    log_info("test", "started");
    (void)!board_seed("nvram", mode, sizeof(mode) - 1);
    (void)!board_seed("turn", turn, sizeof(turn));
    flash = board_flash();
    if (flash == NULL) {
        log_info("test", "flash none");
    } else if (strcmp(mode, "count") == 0) {
        count(flash);
    } else {
        if (strcmp(mode, "fill") == 0) {
            fill(flash);
        }
        say(flash);
    }
    for (;;) {
        board_watchdog();
        board_idle(UINT64_MAX);
    }
}
