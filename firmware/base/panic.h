/* SPDX-License-Identifier: ISC */
/*
 * Stops the firmware because of a bug of our own: a message with file and line, then the
 * board's register dump, then the board's reset or halt. Input never leads here.
 */
#ifndef VAMT_BASE_PANIC_H
#define VAMT_BASE_PANIC_H

#include "base/util.h"

#define panic(...) panic_at(__FILE__, __LINE__, __VA_ARGS__)
/* Checks an invariant of ours; stays on in release builds. No side effects inside. */
#define panic_unless(condition) \
    ((condition) ? (void)0 : panic_at(__FILE__, __LINE__, "broken: %s", #condition))

/* Provided by the board: prints file, line, message and registers, then stops. */
void panic_at(const char *file, int line, const char *format, ...) UTIL_NORETURN
    UTIL_PRINTF(3, 4);

#endif
