/* SPDX-License-Identifier: ISC */
/* What files that must survive a power cut have in common. */
#ifndef VAMT_SHIM_KEEPFILE_H
#define VAMT_SHIM_KEEPFILE_H

#include <stddef.h>

#include "base/util.h"

/* Write all of it. 0, or ERR_IO: part of it may have been written. */
int keepfile_write(int fd, const void *bytes, size_t len) UTIL_MUST_CHECK;
/* Put the file `next`, which is complete and open as `fd`, in the place of `path`, for good: synced,
 * renamed, its folder synced. 0, or ERR_IO: `path` is as it was, `next` is gone. `fd` stays open. */
int keepfile_replace(int fd, const char *next, const char *path) UTIL_MUST_CHECK;

#endif
