/* SPDX-License-Identifier: ISC */
/* All numbers of this interface are big-endian, in memory and at the port. */
#include "drivers/fw_cfg.h"

#include <string.h>

#include "base/err.h"
#include "hal/cpu.h"

enum {
    PORT_DMA_HIGH = 0x514,
    PORT_DMA_LOW = 0x518,

    KEY_DIRECTORY = 0x0019,
    CONTROL_ERROR = 0x01,
    CONTROL_READ = 0x02,
    CONTROL_SELECT = 0x08,
    WAIT_MAX = 100000, /* QEMU completes the transfer within the port write */

    ENTRY_LEN = 64, /* size, key, reserved, name */
    ENTRY_KEY = 4,
    ENTRY_NAME = 8,
    ENTRIES_MAX = 256,
    ENTRIES_AT_ONCE = 16
};
/* "QEMU CFG": what a read of the DMA port gives. */
static const uint32_t SIGNATURE_HIGH = 0x51454D55;

struct request {
    uint32_t control;
    uint32_t len;
    uint64_t address;
};

static uint16_t get_be16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t get_be32(const uint8_t *p)
{
    return (uint32_t)get_be16(p) << 16 | get_be16(p + 2);
}

/* Read the next len bytes of the selected item. */
static int transfer(uint32_t control, void *dst, size_t len)
{
    volatile struct request request = {
        .control = __builtin_bswap32(control | CONTROL_READ),
        .len = __builtin_bswap32((uint32_t)len),
        .address = __builtin_bswap64(cpu_dma_address(dst)),
    };
    uint64_t address = cpu_dma_address(&request);

    if (cpu_port_read32(PORT_DMA_HIGH) != __builtin_bswap32(SIGNATURE_HIGH)) {
        return ERR_NOT_FOUND;
    }
    cpu_barrier();
    cpu_port_write32(PORT_DMA_HIGH, __builtin_bswap32((uint32_t)(address >> 32)));
    cpu_port_write32(PORT_DMA_LOW, __builtin_bswap32((uint32_t)address));
    for (int i = 0; i < WAIT_MAX; i++) {
        uint32_t left = __builtin_bswap32(request.control);

        if (left == 0) {
            cpu_barrier();
            return 0;
        }
        if ((left & CONTROL_ERROR) != 0) {
            return ERR_IO;
        }
    }
    return ERR_TIMEOUT;
}

int fw_cfg_read(uint16_t key, void *dst, size_t len)
{
    return transfer((uint32_t)key << 16 | CONTROL_SELECT, dst, len);
}

/* The directory entry of a file: its key and size. */
static int find(const char *name, uint16_t *key, uint32_t *size)
{
    uint8_t entries[ENTRIES_AT_ONCE][ENTRY_LEN];
    uint8_t count_bytes[4];
    uint32_t count;
    int result = fw_cfg_read(KEY_DIRECTORY, count_bytes, sizeof(count_bytes));

    if (result < 0) {
        return result;
    }
    count = (uint32_t)util_min(get_be32(count_bytes), ENTRIES_MAX);
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *entry = entries[i % ENTRIES_AT_ONCE];

        if (i % ENTRIES_AT_ONCE == 0) {
            size_t now = util_min(count - i, ENTRIES_AT_ONCE);

            result = transfer(0, entries, now * ENTRY_LEN);
            if (result < 0) {
                return result;
            }
        }
        if (strncmp((const char *)entry + ENTRY_NAME, name, FW_CFG_NAME_CAP) == 0) {
            *size = get_be32(entry);
            *key = get_be16(entry + ENTRY_KEY);
            return 0;
        }
    }
    return ERR_NOT_FOUND;
}

int fw_cfg_read_file(const char *name, void *dst, size_t cap)
{
    uint16_t key;
    uint32_t size;
    int result = find(name, &key, &size);

    if (result < 0) {
        return result;
    }
    if (size > cap) {
        return ERR_TOO_BIG;
    }
    result = size == 0 ? 0 : fw_cfg_read(key, dst, size);
    return result < 0 ? result : (int)size;
}
