/* SPDX-License-Identifier: ISC */
/*
 * The control protocol between vamtctl and vamtd: one request per connection, a line of
 * words "command key=value ...", values percent-encoded. Answers are lines too (CONTROL.md).
 */
#ifndef VAMT_SHIM_REQUEST_H
#define VAMT_SHIM_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

/* A text of CONFIG_TUNING_CAP bytes fits, each of them percent-encoded. */
enum { REQUEST_LINE_CAP = 16384, REQUEST_PAIRS_MAX = 32 };

struct request {
    char text[REQUEST_LINE_CAP]; /* the words, decoded; what follows points into it */
    const char *command;
    size_t count;
    const char *keys[REQUEST_PAIRS_MAX];
    const char *values[REQUEST_PAIRS_MAX];
};

/* `line` without its newline. ERR_INVALID: malformed; ERR_TOO_BIG. */
int request_parse(struct span line, struct request *out);
/* First value of a key, or NULL. */
const char *request_get(const struct request *r, const char *key);
/* Percent-encode into dst (NUL-terminated). False if it does not fit. */
bool request_encode(const char *text, char *dst, size_t cap);

#endif
