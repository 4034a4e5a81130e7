/* SPDX-License-Identifier: ISC */
/*
 * Commands, then proof: what was programmed or erased is read back as memory and compared, and
 * done again if it is not there. The status register alone is not enough: after a live migration
 * in the middle of a command QEMU gives memory where status was asked for.
 */
#include "drivers/cfi_flash.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/err.h"
#include "hal/board.h"
#include "hal/cpu.h"

enum {
    CMD_PROGRAM = 0x40,
    CMD_ERASE = 0x20,
    CMD_CLEAR_STATUS = 0x50,
    CMD_QUERY = 0x98,
    CMD_CONFIRM = 0xD0,
    CMD_BUFFER = 0xE8,
    CMD_READ_ARRAY = 0xFF,

    STATUS_READY = 0x80,

    /* Offsets in the query table. */
    QUERY_ID = 0x10, /* "QRY" */
    QUERY_COMMAND_SET = 0x13,
    QUERY_BUFFER = 0x2A,     /* log2 of bytes */
    QUERY_REGIONS = 0x2C,    /* of blocks of the same size */
    QUERY_BLOCKS = 0x2D,     /* number - 1 */
    QUERY_BLOCK_SIZE = 0x2F, /* / 256; 0: 128 */

    COMMAND_SET_INTEL = 1,
    QUERY_PAGE = 4096,
    BUFFER_MAX_LOG2 = 12,
    COMMAND_BYTES = 256, /* a program command's count is one byte */

    READY_US = 1000000,
    TRIES = 3
};

static struct cfi_flash *of(struct flash *flash)
{
    return (struct cfi_flash *)((uint8_t *)flash - offsetof(struct cfi_flash, flash));
}

static void command(uintptr_t at, uint8_t value)
{
    cpu_mmio_write8(at, value);
}

/* Until the chip is ready; not for ever. Whether it succeeded is seen in its memory. */
static void wait_ready(uintptr_t at)
{
    uint64_t until_us = board_now_us() + READY_US;

    while ((cpu_mmio_read8(at) & STATUS_READY) == 0 && board_now_us() < until_us) {
    }
}

/* Whatever the chip was doing: memory again, with no error left over. */
static void back_to_array(uintptr_t at)
{
    command(at, CMD_CLEAR_STATUS);
    command(at, CMD_READ_ARRAY);
}

static int read_array(struct flash *flash, uint32_t at, void *dst, uint32_t len)
{
    const void *from = (const void *)(of(flash)->base + at);

    memcpy(dst, from, len);
    return 0;
}

/* Through the buffer. Goes on after a bad status: a chip that has taken the command counts on
 * the rest, and would take the next commands for it. */
static void program_buffered(uintptr_t at, const uint8_t *bytes, uint32_t len)
{
    command(at, CMD_BUFFER);
    wait_ready(at);
    command(at, (uint8_t)(len - 1));
    for (uint32_t i = 0; i < len; i++) {
        cpu_mmio_write8(at + i, bytes[i]);
    }
    command(at, CMD_CONFIRM);
    wait_ready(at);
}

static void program_byte(uintptr_t at, uint8_t byte)
{
    command(at, CMD_PROGRAM);
    cpu_mmio_write8(at, byte);
    wait_ready(at);
}

/* Within one buffer of the chip. */
static int program_part(const struct cfi_flash *chip, uintptr_t at, struct span bytes)
{
    for (int i = 0; i < TRIES; i++) {
        if (chip->buffer_len > 1) {
            program_buffered(at, bytes.ptr, (uint32_t)bytes.len);
        } else {
            program_byte(at, *bytes.ptr);
        }
        back_to_array(at);
        if (memcmp((const void *)at, bytes.ptr, bytes.len) == 0) {
            return 0;
        }
    }
    return ERR_IO;
}

static int program(struct flash *flash, uint32_t at, struct span bytes)
{
    const struct cfi_flash *chip = of(flash);

    for (size_t done = 0; done < bytes.len;) {
        uint32_t part_at = at + (uint32_t)done;
        size_t room = chip->buffer_len - part_at % chip->buffer_len;
        struct span part = span_of(bytes.ptr + done, util_min(room, bytes.len - done));

        if (program_part(chip, chip->base + part_at, part) < 0) {
            return ERR_IO;
        }
        done += part.len;
    }
    return 0;
}

static bool is_erased(uintptr_t at, uint32_t len)
{
    const uint64_t *words = (const uint64_t *)at;

    for (uint32_t i = 0; i < len / sizeof(*words); i++) {
        if (words[i] != UINT64_MAX) {
            return false;
        }
    }
    return true;
}

static int erase(struct flash *flash, uint32_t at)
{
    uintptr_t block = of(flash)->base + at;

    for (int i = 0; i < TRIES; i++) {
        command(block, CMD_ERASE);
        command(block, CMD_CONFIRM);
        wait_ready(block);
        back_to_array(block);
        if (is_erased(block, flash->block_size)) {
            return 0;
        }
    }
    return ERR_IO;
}

static const struct flash_ops ops = {
    .read = read_array, .program = program, .erase = erase};

static uint32_t query16(uintptr_t page, unsigned offset)
{
    return cpu_mmio_read8(page + offset) | (uint32_t)cpu_mmio_read8(page + offset + 1)
                                               << 8;
}

/* In query mode. The device size in the table is a power of two; blocks give the true one. */
static int read_query(struct cfi_flash *chip, uintptr_t page)
{
    uint32_t buffer_log2 = query16(page, QUERY_BUFFER);
    uint32_t block_size = query16(page, QUERY_BLOCK_SIZE) * 256;

    if (cpu_mmio_read8(page + QUERY_ID) != 'Q' ||
        cpu_mmio_read8(page + QUERY_ID + 1) != 'R' ||
        cpu_mmio_read8(page + QUERY_ID + 2) != 'Y') {
        return ERR_NOT_FOUND;
    }
    if (query16(page, QUERY_COMMAND_SET) != COMMAND_SET_INTEL ||
        cpu_mmio_read8(page + QUERY_REGIONS) != 1 || block_size == 0 ||
        (block_size & (block_size - 1)) != 0 || buffer_log2 > BUFFER_MAX_LOG2) {
        return ERR_UNSUPPORTED;
    }
    chip->flash = (struct flash){.ops = &ops,
                                 .block_size = block_size,
                                 .unit_size = 1,
                                 .block_count = query16(page, QUERY_BLOCKS) + 1};
    chip->buffer_len = (uint32_t)util_min(1u << buffer_log2, COMMAND_BYTES);
    return 0;
}

int cfi_flash_start(struct cfi_flash *chip, uintptr_t end, uint32_t room)
{
    uintptr_t page = end - QUERY_PAGE;
    int result;

    if (room < QUERY_PAGE) {
        return ERR_NOT_FOUND;
    }
    back_to_array(page);
    command(page, CMD_QUERY);
    result = read_query(chip, page);
    back_to_array(page);
    if (result < 0) {
        return result;
    }
    if (chip->flash.block_count > room / chip->flash.block_size) {
        return ERR_UNSUPPORTED;
    }
    chip->base = end - chip->flash.block_count * chip->flash.block_size;
    return 0;
}
