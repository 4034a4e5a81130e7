/* SPDX-License-Identifier: ISC */
/*
 * NOR flash as firmware/store sees it: erased in blocks (all bits 1), programmed in units (bits
 * only go from 1 to 0), read anywhere. Implemented by drivers/cfi_flash.c (pflash unit 1 of
 * QEMU), boards/sim (a file, or memory), and the simulators of tests/unit/store.
 */
#ifndef VAMT_HAL_FLASH_H
#define VAMT_HAL_FLASH_H

#include <stdint.h>

#include "base/span.h"
#include "base/util.h"

struct flash;

/* All are done when they return; offsets and lengths are within the flash and, for program and
 * erase, whole units. Return 0, or ERR_IO: the content of what was touched is unknown then. */
struct flash_ops {
    int (*read)(struct flash *flash, uint32_t at, void *dst, uint32_t len);
    int (*program)(struct flash *flash, uint32_t at, struct span bytes);
    int (*erase)(struct flash *flash, uint32_t at); /* one block */
    int (*sync)(struct flash *flash);               /* NULL: nothing to do */
};

struct flash {
    const struct flash_ops *ops;
    uint32_t block_size; /* bytes erased at once */
    uint32_t unit_size;  /* bytes programmed at once, and their alignment */
    uint32_t block_count;
};

#endif
