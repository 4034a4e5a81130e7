/* SPDX-License-Identifier: ISC */
/*
 * What an operator has set for one companion (vamtctl latency, vamtctl fault), on disk,
 * so that it holds over restarts of the daemon and of the companion. TUNING.md gives the
 * file.
 */
#ifndef VAMT_SHIM_TUNEFILE_H
#define VAMT_SHIM_TUNEFILE_H

#include <stdbool.h>

#include "base/span.h"
#include "base/util.h"
#include "config.h"

enum tunefile_kind { TUNEFILE_LATENCY, TUNEFILE_FAULTS, TUNEFILE_COUNT };

struct tunefile_text {
    bool is_set;                  /* "" is a text too: no delays, no faults */
    char text[CONFIG_TUNING_CAP]; /* NUL-terminated */
};

struct tunefile {
    struct tunefile_text texts[TUNEFILE_COUNT];
};

/* The bytes of such a file. 0 or ERR_INVALID: `out` has nothing set. */
int tunefile_parse(struct span bytes, struct tunefile *out) UTIL_MUST_CHECK;
/* 0; ERR_NOT_FOUND: nothing was ever set; ERR_INVALID: the file is not one that was
 * written whole by us, ERR_IO. `out` has nothing set unless 0. */
int tunefile_read(const char *path, struct tunefile *out) UTIL_MUST_CHECK;
/* On disk before the return, the old or the new whole. 0 or ERR_IO: the old. */
int tunefile_write(const char *path, const struct tunefile *in) UTIL_MUST_CHECK;

#endif
