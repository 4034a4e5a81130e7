/* SPDX-License-Identifier: ISC */
/* Quantiles of a distribution given by five of them. */
#include "latency/latency_spread.h"

/* Where the five points lie: 0, 10 %, 50 %, 90 %, 100 % of 2^32, rounded. */
static const uint64_t places[LATENCY_SPREAD_POINTS] = {0, 429496730, 2147483648,
                                                       3865470566, 4294967296};

uint32_t latency_spread_at(const struct latency_spread *spread, uint32_t u)
{
    unsigned i = 0;
    uint64_t rise;

    while (u >= places[i + 1]) {
        i++;
    }
    rise = spread->us[i + 1] - spread->us[i];
    return spread->us[i] +
           (uint32_t)(rise * (u - places[i]) / (places[i + 1] - places[i]));
}
