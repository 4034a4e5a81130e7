/* SPDX-License-Identifier: ISC */
/* The daemon's log: one line per event on stderr, with journald's priority prefix when a
 * journal reads it. Lines about one host also go to that companion's ring (the tap). */
#ifndef VAMT_SHIM_SHIMLOG_H
#define VAMT_SHIM_SHIMLOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/util.h"

enum shimlog_level {
    SHIMLOG_ERROR = 3, /* the numbers of syslog */
    SHIMLOG_WARN = 4,
    SHIMLOG_INFO = 6,
    SHIMLOG_DEBUG = 7
};

/* `verbose`: debug lines too. */
void shimlog_init(bool verbose);
/* Who else gets lines about a host (`host` is its name). Event loop thread only. */
void shimlog_set_tap(void (*tap)(const char *host, enum shimlog_level level,
                                 const char *text));
/* `host` may be NULL: about no host. Control characters are shown as '?'. */
void shimlog(enum shimlog_level level, const char *host, const char *format, ...)
    UTIL_PRINTF(3, 4);

/* At most `burst` lines per `window_ms`; the rest is only counted. */
struct shimlog_limit {
    uint64_t since_ms;
    unsigned count;
};
bool shimlog_allow(struct shimlog_limit *limit, uint64_t now_ms);

#endif
