/* SPDX-License-Identifier: ISC */
/* The portable firmware's entry. */
#ifndef VAMT_MAIN_H
#define VAMT_MAIN_H

#include "base/util.h"

/* Called by the board's start-up code once there is a stack and initialised memory. */
void firmware_main(void) UTIL_NORETURN;

#endif
