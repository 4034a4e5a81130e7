/* SPDX-License-Identifier: ISC */
/*
 * The firmware's log: one line per event to the board's console, and a ring of the last
 * lines that `vamtctl log` shows. A line is `[seconds.millis] area: text`.
 */
#ifndef VAMT_BASE_LOG_H
#define VAMT_BASE_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/util.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* Where lines go. `write` gets one whole line with its newline; `now_us` is the board's
 * monotonic clock. Both stay valid for ever. Before log_init lines are dropped. */
struct log_sink {
    void (*write)(struct span line);
    uint64_t (*now_us)(void);
};
void log_init(const struct log_sink *sink);
/* A second receiver of each line at INFO and above (the hostlink), or NULL. It must not log. */
void log_set_forward(void (*forward)(enum log_level level, struct span line));

/* `area` is the folder that speaks: "net", "http", "host", ... Text from a peer must be
 * passed through %s only; control characters are replaced by '?'. Lines are cut at
 * CONFIG_LOG_LINE_CAP. */
void log_write(enum log_level level, const char *area, const char *format, ...)
    UTIL_PRINTF(3, 4);

#define log_debug(area, ...) log_write(LOG_DEBUG, area, __VA_ARGS__)
#define log_info(area, ...)  log_write(LOG_INFO, area, __VA_ARGS__)
#define log_warn(area, ...)  log_write(LOG_WARN, area, __VA_ARGS__)
#define log_error(area, ...) log_write(LOG_ERROR, area, __VA_ARGS__)

#endif
