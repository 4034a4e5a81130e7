/* SPDX-License-Identifier: ISC */
/*
 * Log lines on their way to the shim. They wait here until there is a link and room, so
 * the lines of the boot are not lost; logging never touches the link itself.
 */
#ifndef VAMT_HOST_HOST_LOG_H
#define VAMT_HOST_HOST_LOG_H

#include <stdbool.h>

#include "base/log.h"
#include "base/span.h"
#include "host/hostlink.pb.h"

/* Forget all lines. Not needed before the first use: logging starts before anything else.
 */
void host_log_init(void);
/* Keep a line (its end is cut at 255 bytes, a final newline dropped). If
 * CONFIG_HOST_LOG_CAP is used up the line is dropped and counted. */
void host_log_push(enum log_level level, struct span line);
/* Take the oldest line; after the last one, a line with the count of those dropped.
 * False: none. */
bool host_log_next(vamt_LogLine *line);

#endif
