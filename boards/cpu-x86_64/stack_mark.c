/* SPDX-License-Identifier: ISC */
/*
 * How deep the stack has been. cpu_start leaves the unused stack zeroed, so the lowest word that
 * is not zero was in use: within a few words, and no memory is spent on a pattern.
 */
#include <stdint.h>

#include "hal/board.h"

extern const uint64_t __stack_start[];
extern const uint64_t __stack_top[];

size_t board_stack_most(size_t *size)
{
    const volatile uint64_t *at = __stack_start;

    while (at < __stack_top && *at == 0) {
        at++;
    }
    *size = (size_t)((uintptr_t)__stack_top - (uintptr_t)__stack_start);
    return (size_t)((uintptr_t)__stack_top - (uintptr_t)at);
}
