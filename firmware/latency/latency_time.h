/* SPDX-License-Identifier: ISC */
/* Times in profiles as text: "70 ms", "66 68 70 72 76 ms", "1.7 s". Integers only. */
#ifndef VAMT_LATENCY_TIME_H
#define VAMT_LATENCY_TIME_H

#include <stddef.h>
#include <stdint.h>

#include "base/sbuf.h"
#include "base/span.h"
#include "base/util.h"

enum { LATENCY_TIME_MOST_US = 600000000 }; /* 10 minutes */

/* Up to `cap` numbers with blanks between them and one unit (us, ms, s, min) after the last.
 * Decimals are taken down to the microsecond. Returns how many numbers; or ERR_INVALID, and
 * *why says what is wrong with the text (a constant). */
int latency_time_parse(struct span text, uint32_t *us, size_t cap,
                       const char **why) UTIL_MUST_CHECK;
/* `count` times with one unit, so that latency_time_parse gives them back. */
void latency_time_write(const uint32_t *us, size_t count, struct sbuf *out);

#endif
