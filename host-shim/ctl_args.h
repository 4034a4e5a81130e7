/* SPDX-License-Identifier: ISC */
/* vamtctl's arguments → one request line. */
#ifndef VAMT_SHIM_CTL_ARGS_H
#define VAMT_SHIM_CTL_ARGS_H

#include <stddef.h>

/* Ends the program with a message (exit code 2, or 0 for --help) if there is nothing to
 * send. `socket` (SHIMPATH_CAP bytes) is overwritten by --socket; `line` ends in '\n'. */
void ctl_args_read(int argc, char **argv, char *socket, char *line, size_t cap);

#endif
