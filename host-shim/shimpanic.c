/* SPDX-License-Identifier: ISC */
/* What panic() of the shared code means in the daemon: a bug of ours, so stop with a core;
 * systemd starts it again and the journal answers what was under way. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/panic.h"

void panic_at(const char *file, int line, const char *format, ...)
{
    va_list args;

    fprintf(stderr, "vamtd: panic at %s:%d: ", file, line);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    abort();
}
