/* SPDX-License-Identifier: ISC */
/*
 * QEMU's fw_cfg: named blobs from the command line, and the machine's UUID (QEMU
 * docs/specs/fw_cfg). The DMA interface at ports 514..51B.
 *   -fw_cfg name=opt/vamt/NAME,file=FILE
 */
#ifndef VAMT_DRIVERS_FW_CFG_H
#define VAMT_DRIVERS_FW_CFG_H

#include <stddef.h>
#include <stdint.h>

#include "base/util.h"

enum { FW_CFG_UUID = 0x0002, FW_CFG_RAM_SIZE = 0x0003, FW_CFG_NAME_CAP = 56 };

/* Read the first len bytes of the item `key`. ERR_NOT_FOUND without fw_cfg, ERR_IO. */
int fw_cfg_read(uint16_t key, void *dst, size_t len) UTIL_MUST_CHECK;
/* Read the whole file `name`. Its length, ERR_NOT_FOUND, ERR_TOO_BIG (nothing is read),
 * ERR_IO. */
int fw_cfg_read_file(const char *name, void *dst, size_t cap) UTIL_MUST_CHECK;

#endif
