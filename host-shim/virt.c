/* SPDX-License-Identifier: ISC */
/* What all hypervisor backends share. */
#include "virt.h"

#include <stdarg.h>
#include <stdio.h>

int virt_fail(struct virt_error *error, int code, const char *format, ...)
{
    va_list args;

    error->code = code;
    va_start(args, format);
    vsnprintf(error->text, sizeof error->text, format, args);
    va_end(args);
    return code;
}
