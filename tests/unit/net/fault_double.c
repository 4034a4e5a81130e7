/* SPDX-License-Identifier: ISC */
/* Faults that the test decides. */
#include "net/fault_double.h"

struct fault_double fault_double;

bool fault_drops_frame(enum fault_way way, uint64_t *delay_us)
{
    unsigned every = fault_double.drop_every[way];

    fault_double.asked[way]++;
    if (every > 0 && fault_double.asked[way] % every == 0) {
        return true;
    }
    *delay_us = fault_double.delay_us[way];
    return false;
}

bool fault_truncates(uint16_t local_port, uint32_t *after)
{
    fault_double.cut_asked++;
    if (fault_double.cut_port == 0 || fault_double.cut_port != local_port) {
        return false;
    }
    *after = fault_double.cut_after;
    return true;
}
