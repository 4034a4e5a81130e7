/* SPDX-License-Identifier: ISC */
/* drivers/cfi_flash.c against a chip in memory. While the chip is not in read-array mode its
 * memory is poisoned: a driver that reads then is stopped by the address sanitizer. */
#include "unit.h"

#include <sanitizer/asan_interface.h>

#include "base/err.h"
#include "drivers/cfi_flash.h"
#include "hal/board.h"
#include "hal/cpu.h"

enum { BLOCK = 4096, BLOCKS_MAX = 8, BUFFER_LOG2 = 8, SIZE_MAX_ = BLOCK * BLOCKS_MAX };

static uint8_t memory[SIZE_MAX_] __attribute__((aligned(BLOCK)));

static struct {
    uint32_t blocks;
    uint8_t query[64];
    uint8_t command; /* 0xFF: memory */
    uint8_t status;
    uint32_t left; /* bytes that a buffered program waits for, and its count */
    int waits;     /* 0: nothing, 1: the count, 2: bytes, 3: to be confirmed */
    uint32_t buffer_at;
    uint8_t buffer[256];
    uint32_t buffered;
    bool is_absent;
    bool is_locked;    /* every change fails */
    bool is_stuck;     /* never ready */
    int fail_changes;  /* the next ones say that all is well and change nothing */
    bool is_weak;      /* the next erase leaves a bit in the last word of the block */
    int forget_status; /* the next reads of status give memory: a migration */
    unsigned programs, erases, outside;
} chip;
static uint64_t now_us;

uint64_t board_now_us(void)
{
    return now_us += 10000;
}

static uint8_t *base(void)
{
    return memory + SIZE_MAX_ - chip.blocks * BLOCK;
}

static void set_mode(uint8_t command)
{
    chip.command = command;
    if (command == 0xFF) {
        ASAN_UNPOISON_MEMORY_REGION(memory, sizeof(memory));
    } else {
        ASAN_POISON_MEMORY_REGION(memory, sizeof(memory));
    }
}

static bool may_change(void)
{
    if (chip.is_locked) {
        chip.status |= 0x12;
        return false;
    }
    return chip.fail_changes == 0 || chip.fail_changes-- == 0;
}

static void program_at(uint32_t at, uint8_t value)
{
    ASAN_UNPOISON_MEMORY_REGION(memory, sizeof(memory));
    base()[at] &= value;
    set_mode(chip.command);
}

/* The parts of a buffered program. True if this write was one. */
static bool take_buffered(uint32_t at, uint8_t value)
{
    switch (chip.waits) {
    case 1:
        chip.left = value + 1u;
        assert_true(chip.left <= 1u << chip.query[0x2A]);
        chip.buffer_at = at;
        chip.buffered = 0;
        chip.waits = 2;
        return true;
    case 2:
        assert_int_equal(at, chip.buffer_at + chip.buffered);
        assert_int_equal(at >> chip.query[0x2A], chip.buffer_at >> chip.query[0x2A]);
        chip.buffer[chip.buffered++] = value;
        chip.waits = chip.buffered == chip.left ? 3 : 2;
        return true;
    case 3:
        chip.waits = 0;
        assert_int_equal(value, 0xD0);
        chip.programs++;
        if (may_change()) {
            for (uint32_t i = 0; i < chip.buffered; i++) {
                program_at(chip.buffer_at + i, chip.buffer[i]);
            }
        }
        return true;
    default:
        return false;
    }
}

static void take_second(uint32_t at, uint8_t value)
{
    if (chip.command == 0x40) {
        chip.programs++;
        if (may_change()) {
            program_at(at, value);
        }
    } else {
        assert_int_equal(value, 0xD0);
        assert_int_equal(at % BLOCK, 0);
        chip.erases++;
        if (may_change()) {
            ASAN_UNPOISON_MEMORY_REGION(memory, sizeof(memory));
            memset(base() + at, 0xFF, BLOCK);
            base()[at + BLOCK - 1] = chip.is_weak ? 0xFE : 0xFF;
            chip.is_weak = false;
        }
    }
    chip.waits = 0;
    set_mode(0x70);
}

void cpu_mmio_write8(uintptr_t address, uint8_t value)
{
    uint32_t at = (uint32_t)(address - (uintptr_t)base());

    if (chip.is_absent) {
        return;
    }
    if (at >= chip.blocks * BLOCK) {
        chip.outside++;
        return;
    }
    if (chip.waits == 4) {
        take_second(at, value);
    } else if (!take_buffered(at, value)) {
        set_mode(value);
        chip.waits = value == 0xE8 ? 1 : value == 0x40 || value == 0x20 ? 4 : 0;
        if (value == 0x50) {
            chip.status = 0;
            set_mode(0xFF);
        }
    }
}

uint8_t cpu_mmio_read8(uintptr_t address)
{
    uint32_t at = (uint32_t)(address - (uintptr_t)base());
    bool is_memory = chip.forget_status > 0 && chip.forget_status-- > 0;

    if (chip.is_absent || at >= chip.blocks * BLOCK) {
        return 0xFF;
    }
    if (chip.command == 0xFF || is_memory) {
        uint8_t byte;

        ASAN_UNPOISON_MEMORY_REGION(memory, sizeof(memory));
        byte = base()[at];
        set_mode(chip.command);
        return byte;
    }
    if (chip.command == 0x98) {
        return (at & 0xFF) < sizeof(chip.query) ? chip.query[at & 0xFF] : 0;
    }
    return chip.status | (chip.is_stuck ? 0 : 0x80);
}

static void fresh(uint32_t blocks, uint8_t buffer_log2)
{
    memset(&chip, 0, sizeof(chip));
    chip.blocks = blocks;
    memcpy(chip.query + 0x10, "QRY\x01\0", 5);
    chip.query[0x27] = 12; /* QEMU's, for sizes that are no power of two: useless */
    chip.query[0x2A] = buffer_log2;
    chip.query[0x2C] = 1;
    chip.query[0x2D] = (uint8_t)(blocks - 1);
    chip.query[0x2F] = BLOCK / 256;
    set_mode(0xFF);
    memset(memory, 0x5A, sizeof(memory));
}

static int start(struct cfi_flash *flash)
{
    return cfi_flash_start(flash, (uintptr_t)memory + SIZE_MAX_, SIZE_MAX_);
}

static struct cfi_flash started(uint32_t blocks, uint8_t buffer_log2)
{
    struct cfi_flash flash;

    fresh(blocks, buffer_log2);
    assert_int_equal(start(&flash), 0);
    assert_int_equal(chip.command, 0xFF);
    return flash;
}

static void test_geometry_comes_from_the_blocks(void **state)
{
    struct cfi_flash flash = started(3, BUFFER_LOG2);

    (void)state;
    assert_int_equal(flash.flash.block_count, 3);
    assert_int_equal(flash.flash.block_size, BLOCK);
    assert_int_equal(flash.flash.unit_size, 1);
    assert_int_equal(flash.buffer_len, 256);
    assert_int_equal(flash.base, (uintptr_t)base());
}

static void test_no_chip(void **state)
{
    struct cfi_flash flash;

    (void)state;
    fresh(4, BUFFER_LOG2);
    chip.is_absent = true;
    assert_int_equal(start(&flash), ERR_NOT_FOUND);
    assert_int_equal(cfi_flash_start(&flash, (uintptr_t)memory + SIZE_MAX_, 4095),
                     ERR_NOT_FOUND);
}

static void test_unknown_chips_are_refused_and_left_as_memory(void **state)
{
    static const struct {
        uint8_t at;
        uint8_t value;
    } changes[] = {{0x13, 2}, {0x13, 0},          {0x14, 1}, {0x2A, 13},
                   {0x2B, 1}, {0x2C, 2},          {0x2C, 0}, {0x2F, 0},
                   {0x2F, 3}, {0x2D, BLOCKS_MAX}, {0x2E, 1}};

    (void)state;
    for (size_t i = 0; i < UTIL_COUNT(changes); i++) {
        struct cfi_flash flash;

        fresh(BLOCKS_MAX, BUFFER_LOG2);
        chip.query[changes[i].at] = changes[i].value;
        assert_int_equal(start(&flash), ERR_UNSUPPORTED);
        assert_int_equal(chip.command, 0xFF);
    }
}

static void test_only_the_last_page_is_written_to_when_looking(void **state)
{
    struct cfi_flash flash;

    (void)state;
    fresh(1, BUFFER_LOG2);
    assert_int_equal(start(&flash), 0);
    assert_int_equal(chip.outside, 0);
}

static void check_program(uint8_t buffer_log2, uint32_t at, uint32_t len)
{
    struct cfi_flash flash = started(2, buffer_log2);
    uint8_t bytes[2 * BLOCK];
    uint8_t want[2 * BLOCK];
    uint8_t got[2 * BLOCK];

    for (uint32_t i = 0; i < len; i++) {
        bytes[i] = (uint8_t)(i * 31 + at);
    }
    memset(base(), 0xFF, 2 * BLOCK);
    memset(want, 0xFF, sizeof(want));
    memcpy(want + at, bytes, len);
    assert_int_equal(flash.flash.ops->program(&flash.flash, at, span_of(bytes, len)), 0);
    assert_int_equal(chip.command, 0xFF);
    assert_memory_equal(base(), want, sizeof(want));
    assert_int_equal(flash.flash.ops->read(&flash.flash, 0, got, sizeof(got)), 0);
    assert_memory_equal(got, want, sizeof(want));
}

static void test_program_at_every_alignment(void **state)
{
    static const uint32_t lens[] = {0, 1, 2, 255, 256, 257, 512, 1000};

    (void)state;
    for (size_t i = 0; i < UTIL_COUNT(lens); i++) {
        for (uint32_t at = 0; at < 600; at += 37) {
            check_program(BUFFER_LOG2, at, lens[i]);
        }
    }
    check_program(BUFFER_LOG2, 0, 2 * BLOCK);
    check_program(BUFFER_LOG2, BLOCK - 1, 2);
    check_program(BUFFER_LOG2, 2 * BLOCK - 1, 1);
}

static void test_other_buffers(void **state)
{
    (void)state;
    check_program(0, 3, 700); /* none: byte by byte */
    check_program(5, 3, 700);
    check_program(11, 3, 700); /* larger than the count of a command can say */
}

static void test_buffered_program_is_one_command(void **state)
{
    (void)state;
    check_program(BUFFER_LOG2, 256, 256);
    assert_int_equal(chip.programs, 1);
}

static void test_erase_is_of_one_block(void **state)
{
    struct cfi_flash flash = started(3, BUFFER_LOG2);

    (void)state;
    assert_int_equal(flash.flash.ops->erase(&flash.flash, BLOCK), 0);
    assert_int_equal(chip.erases, 1);
    assert_int_equal(chip.command, 0xFF);
    assert_int_equal(base()[BLOCK - 1], 0x5A);
    assert_int_equal(base()[BLOCK], 0xFF);
    assert_int_equal(base()[2 * BLOCK - 1], 0xFF);
    assert_int_equal(base()[2 * BLOCK], 0x5A);
}

static void expect_io_error(struct cfi_flash *flash)
{
    static const uint8_t zeros[300];

    assert_int_equal(flash->flash.ops->erase(&flash->flash, 0), ERR_IO);
    assert_int_equal(chip.command, 0xFF);
    assert_int_equal(flash->flash.ops->program(&flash->flash, 0, span_of(zeros, 300)),
                     ERR_IO);
    assert_int_equal(chip.command, 0xFF);
    assert_int_equal(base()[0], 0x5A);
}

static void test_locked_chip_is_an_error(void **state)
{
    struct cfi_flash flash = started(2, BUFFER_LOG2);

    (void)state;
    chip.is_locked = true;
    expect_io_error(&flash);
    assert_int_equal(chip.status, 0); /* cleared */
}

static void test_stuck_chip_is_an_error_in_bounded_time(void **state)
{
    struct cfi_flash flash = started(2, BUFFER_LOG2);
    uint64_t start_us = now_us;

    (void)state;
    chip.is_stuck = true;
    chip.is_locked = true;
    expect_io_error(&flash);
    assert_true(now_us - start_us < 60000000);
}

static void test_bit_that_cannot_be_set_is_an_error(void **state)
{
    struct cfi_flash flash = started(2, BUFFER_LOG2);

    (void)state;
    assert_int_equal(flash.flash.ops->program(&flash.flash, 0, span_of("\xA5", 1)),
                     ERR_IO);
    assert_int_equal(flash.flash.ops->program(&flash.flash, 1, span_of("\x50", 1)), 0);
}

/* The chip says "ready", and nothing happened: seen, and done again. */
static void test_lost_commands_are_repeated(void **state)
{
    struct cfi_flash flash = started(2, BUFFER_LOG2);

    (void)state;
    chip.fail_changes = 1;
    assert_int_equal(flash.flash.ops->erase(&flash.flash, 0), 0);
    assert_int_equal(chip.erases, 2);
    chip.fail_changes = 2;
    assert_int_equal(flash.flash.ops->program(&flash.flash, 7, span_of("abc", 3)), 0);
    assert_int_equal(chip.programs, 3);
    assert_memory_equal(base() + 7, "abc", 3);
    chip.fail_changes = 3;
    assert_int_equal(flash.flash.ops->erase(&flash.flash, 0), ERR_IO);
}

static void test_weak_erase_is_repeated(void **state)
{
    struct cfi_flash flash = started(2, BUFFER_LOG2);

    (void)state;
    chip.is_weak = true;
    assert_int_equal(flash.flash.ops->erase(&flash.flash, BLOCK), 0);
    assert_int_equal(chip.erases, 2);
    assert_int_equal(base()[2 * BLOCK - 1], 0xFF);
}

static void test_migration_in_a_command(void **state)
{
    (void)state;
    for (uint8_t old = 0; old < 255; old += 51) { /* ready or not, errors or none */
        for (int reads = 1; reads < 4; reads++) {
            struct cfi_flash flash = started(2, BUFFER_LOG2);

            memset(base(), old, BLOCK);
            chip.forget_status = reads;
            assert_int_equal(flash.flash.ops->erase(&flash.flash, 0), 0);
            chip.forget_status = reads;
            assert_int_equal(flash.flash.ops->program(&flash.flash, 0, span_of("xy", 2)),
                             0);
            assert_memory_equal(base(), "xy\xFF", 3);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_geometry_comes_from_the_blocks),
        cmocka_unit_test(test_no_chip),
        cmocka_unit_test(test_unknown_chips_are_refused_and_left_as_memory),
        cmocka_unit_test(test_only_the_last_page_is_written_to_when_looking),
        cmocka_unit_test(test_program_at_every_alignment),
        cmocka_unit_test(test_other_buffers),
        cmocka_unit_test(test_buffered_program_is_one_command),
        cmocka_unit_test(test_erase_is_of_one_block),
        cmocka_unit_test(test_locked_chip_is_an_error),
        cmocka_unit_test(test_stuck_chip_is_an_error_in_bounded_time),
        cmocka_unit_test(test_bit_that_cannot_be_set_is_an_error),
        cmocka_unit_test(test_lost_commands_are_repeated),
        cmocka_unit_test(test_weak_erase_is_repeated),
        cmocka_unit_test(test_migration_in_a_command),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
