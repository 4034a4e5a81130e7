/* SPDX-License-Identifier: ISC */
/* Option lists of TCP segments: well formed or dropped. */
#include "lwip_guard.h"

#include <stddef.h>

enum { OPTION_END = 0, OPTION_NONE = 1 };

static uint32_t drops;

static uint8_t at(const uint8_t *part1, uint16_t len1, const uint8_t *part2,
                  uint16_t index)
{
    return part2 == NULL || index < len1 ? part1[index] : part2[index - len1];
}

bool lwip_guard_options_ok(const uint8_t *part1, uint16_t len1, const uint8_t *part2,
                           uint16_t len)
{
    uint16_t index = 0;

    while (index < len) {
        uint8_t kind = at(part1, len1, part2, index);

        if (kind == OPTION_END) {
            return true;
        }
        if (kind == OPTION_NONE) {
            index++;
            continue;
        }
        if (len - index < 2) {
            return false;
        }
        uint8_t size = at(part1, len1, part2, (uint16_t)(index + 1));
        if (size < 2 || size > len - index) {
            return false;
        }
        index = (uint16_t)(index + size);
    }
    return true;
}

err_t lwip_guard_tcp_options(const struct tcp_hdr *header, u16_t len, u16_t len1,
                             const u8_t *part2)
{
    const uint8_t *options = (const uint8_t *)header + TCP_HLEN;

    if (lwip_guard_options_ok(options, len1, part2, len)) {
        return ERR_OK;
    }
    drops++;
    return ERR_VAL;
}

uint32_t lwip_guard_drops(void)
{
    return drops;
}
