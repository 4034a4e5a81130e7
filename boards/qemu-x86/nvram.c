/* SPDX-License-Identifier: ISC */
/*
 * QEMU maps unit 0 so that it ends at 4 GiB, and unit 1 so that it ends where unit 0 begins,
 * which is where our image begins: unit 0 must hold the image and nothing else. The page tables
 * map what is left of the last 2 MiB (ld/qemu-x86.ld).
 */
#include "qemu-x86/nvram.h"

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/log.h"
#include "drivers/cfi_flash.h"
#include "hal/board.h"

extern uint8_t __image_start[]; /* ld/: the first byte of unit 0 */
extern uint8_t __flash_end[];

static struct cfi_flash chip;
static bool is_present;

void nvram_start(void)
{
    uintptr_t end = (uintptr_t)__image_start;
    uintptr_t lowest = (uintptr_t)__flash_end - 2 * UTIL_MIB;
    int result = cfi_flash_start(&chip, end, (uint32_t)(end - lowest));

    is_present = result == 0;
    if (is_present) {
        log_info("board", "NVRAM: %u blocks of %u bytes",
                 (unsigned)chip.flash.block_count, (unsigned)chip.flash.block_size);
    } else {
        log_warn("board", "no NVRAM (%s): nothing outlives a reset", err_name(result));
    }
}

struct flash *board_flash(void)
{
    return is_present ? &chip.flash : NULL;
}
