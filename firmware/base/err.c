/* SPDX-License-Identifier: ISC */
/* Names of result codes, for logs only. */
#include "base/err.h"

#include "base/util.h"

static const char *const names[] = {
    "ok",      "invalid", "not found",   "full",   "too big",   "denied",
    "timeout", "closed",  "unsupported", "exists", "i/o error", "busy",
};

const char *err_name(int err)
{
    int index = err < 0 ? -err : 0;

    return index < (int)UTIL_COUNT(names) ? names[index] : "unknown";
}
