/* SPDX-License-Identifier: ISC */
/* vamtctl's arguments → one request line. */
#ifndef VAMT_SHIM_CTL_ARGS_H
#define VAMT_SHIM_CTL_ARGS_H

#include <stddef.h>

#include "base/util.h"

enum { CTL_ARGS_MAX = 48 };

/* What stands behind COMMAND DOMAIN, for commands that make their own sense of it. */
struct ctl_args_rest {
    const char *words[CTL_ARGS_MAX];
    size_t word_count;
    const char *options[CTL_ARGS_MAX]; /* names, without "--" */
    const char *values[CTL_ARGS_MAX];
    size_t option_count;
};

/* Ends the program with a message (exit code 2, or 0 for --help) if there is nothing to
 * send. `socket` (SHIMPATH_CAP bytes) is overwritten by --socket; `line` ends in '\n'. */
void ctl_args_read(int argc, char **argv, char *socket, char *line, size_t cap);
/* Append " KEY=VALUE", encoded. */
void ctl_args_put(char *line, size_t cap, const char *key, const char *value);
/* Say why and end with an exit code (ATTACH_USAGE, ...). */
void ctl_args_fail(int code, const char *format, ...) UTIL_PRINTF(2, 3) UTIL_NORETURN;

#endif
