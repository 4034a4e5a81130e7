/* SPDX-License-Identifier: ISC */
/*
 * NOR flash with the Intel command set (CFI command set 0001, JEDEC JESD68/JEP137), 8 bits wide,
 * as QEMU's pflash: implements hal/flash.h. Between two calls the chip is always in read-array
 * mode, where it is plain memory.
 */
#ifndef VAMT_DRIVERS_CFI_FLASH_H
#define VAMT_DRIVERS_CFI_FLASH_H

#include <stdint.h>

#include "hal/flash.h"

struct cfi_flash {
    struct flash flash;
    uintptr_t base;      /* where it is mapped, uncached */
    uint32_t buffer_len; /* bytes programmed by one command; 1: no buffer */
};

/* Look for a chip that ends at `end`, of which at most `room` bytes are mapped. Commands are
 * written to its last page: what is there must be this chip, or nothing at all. ERR_NOT_FOUND
 * (nothing there), ERR_UNSUPPORTED (a chip that this driver does not know, or that is larger
 * than `room`). */
int cfi_flash_start(struct cfi_flash *chip, uintptr_t end, uint32_t room) UTIL_MUST_CHECK;

#endif
