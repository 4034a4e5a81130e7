/* SPDX-License-Identifier: ISC */
/* What a fuzzer that needs no NVRAM has of hal/board.h. A fuzzer with a board of its own overrides
 * these one by one. */
#include "hal/board.h"

#include <stdlib.h>

__attribute__((weak)) struct flash *board_flash(void)
{
    return NULL;
}

__attribute__((weak)) struct nic *board_nic(void)
{
    return NULL;
}

__attribute__((weak, noreturn)) void board_reset(void)
{
    abort();
}

__attribute__((weak)) void board_watchdog(void)
{
}

__attribute__((weak)) size_t board_stack_most(size_t *size)
{
    *size = 0;
    return 0;
}
