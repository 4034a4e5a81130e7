/* SPDX-License-Identifier: ISC */
/* Log lines to stderr, see shimlog.h. */
#include "shimlog.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_CAP = 512, LIMIT_BURST = 5, LIMIT_WINDOW_MS = 10000 };

static bool is_verbose;
static bool is_journal;
static void (*tap)(const char *, enum shimlog_level, const char *);

void shimlog_init(bool verbose)
{
    is_verbose = verbose;
    is_journal = getenv("JOURNAL_STREAM") != NULL;
}

void shimlog_set_tap(void (*fn)(const char *, enum shimlog_level, const char *))
{
    tap = fn;
}

static const char *level_word(enum shimlog_level level)
{
    switch (level) {
    case SHIMLOG_ERROR:
        return "error: ";
    case SHIMLOG_WARN:
        return "warning: ";
    case SHIMLOG_DEBUG:
        return "debug: ";
    case SHIMLOG_INFO:
        break;
    }
    return "";
}

void shimlog(enum shimlog_level level, const char *host, const char *format, ...)
{
    char text[LINE_CAP];
    va_list args;

    if (level == SHIMLOG_DEBUG && !is_verbose) {
        return;
    }
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    for (char *p = text; *p != '\0'; p++) {
        if ((unsigned char)*p < ' ' || *p == 0x7f) {
            *p = '?';
        }
    }
    if (is_journal) {
        fprintf(stderr, "<%d>%s%s%s\n", (int)level, host ? host : "", host ? ": " : "",
                text);
    } else {
        fprintf(stderr, "vamtd: %s%s%s%s\n", level_word(level), host ? host : "",
                host ? ": " : "", text);
    }
    if (host != NULL && tap != NULL) {
        tap(host, level, text);
    }
}

bool shimlog_allow(struct shimlog_limit *limit, uint64_t now_ms)
{
    if (limit->count == 0 || now_ms - limit->since_ms >= LIMIT_WINDOW_MS) {
        limit->since_ms = now_ms;
        limit->count = 0;
    }
    limit->count++;
    return limit->count <= LIMIT_BURST;
}
