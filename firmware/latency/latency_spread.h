/* SPDX-License-Identifier: ISC */
/*
 * A distribution of times as five of its quantiles; between them it is a straight line, so
 * it can be drawn from with integers, checked exactly, and measured on any device.
 */
#ifndef VAMT_LATENCY_SPREAD_H
#define VAMT_LATENCY_SPREAD_H

#include <stdint.h>

enum { LATENCY_SPREAD_POINTS = 5 };

struct latency_spread {
    /* Least, 10 %, median, 90 %, greatest; never falling. Microseconds. */
    uint32_t us[LATENCY_SPREAD_POINTS];
};

/* The quantile at `u` / 2^32: microseconds between us[0] and us[4]. */
uint32_t latency_spread_at(const struct latency_spread *spread, uint32_t u);

#endif
