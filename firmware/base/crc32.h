/* SPDX-License-Identifier: ISC */
/*
 * CRC-32 as in IEEE 802.3 (reflected polynomial 0xEDB88320, initial value and final xor
 * all ones). Finds damage, not tampering.
 */
#ifndef VAMT_BASE_CRC32_H
#define VAMT_BASE_CRC32_H

#include <stdint.h>

#include "base/span.h"

/* Checksum of `bytes`. */
uint32_t crc32_of(struct span bytes);
/* Go on with the checksum `crc` of what came before (0: nothing before). */
uint32_t crc32_update(uint32_t crc, struct span bytes);

#endif
