/* SPDX-License-Identifier: ISC */
/* fault/fault.h as far as net/ asks it, decided by the test. */
#ifndef FAULT_DOUBLE_H
#define FAULT_DOUBLE_H

#include <stdbool.h>
#include <stdint.h>

#include "fault/fault.h"

struct fault_double {
    unsigned drop_every[4]; /* by way: each n-th frame is lost; 0: none */
    uint64_t delay_us[4];   /* by way: the next frames are late by this; 0: not */
    unsigned asked[4];      /* by way: how often */
    uint16_t cut_port;      /* connections to it are cut ... */
    uint32_t cut_after;     /* ... after so many bytes */
    unsigned cut_asked;
};
extern struct fault_double fault_double;

#endif
