/* SPDX-License-Identifier: ISC */
/* Formats log lines and hands them to the console and to the forwarder. */
#include "base/log.h"

#include "base/sbuf.h"
#include "config.h"

static const struct log_sink *sink;
static void (*forward_line)(enum log_level level, struct span line);

void log_init(const struct log_sink *new_sink)
{
    sink = new_sink;
}

void log_set_forward(void (*forward)(enum log_level level, struct span line))
{
    forward_line = forward;
}

static void replace_controls(uint8_t *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] < ' ' || text[i] == 0x7f) {
            text[i] = '?';
        }
    }
}

void log_write(enum log_level level, const char *area, const char *format, ...)
{
    static const char *const marks[] = {"", "", "warning: ", "error: "};
    uint8_t text[CONFIG_LOG_LINE_CAP];
    struct sbuf line;
    va_list args;
    uint64_t now_ms;

    if (sink == NULL || level < CONFIG_LOG_LEVEL) {
        return;
    }
    now_ms = sink->now_us() / 1000;
    sbuf_init(&line, text, sizeof(text) - 1);
    sbuf_printf(&line, "[%5llu.%03llu] %s: %s", (unsigned long long)(now_ms / 1000),
                (unsigned long long)(now_ms % 1000), area, marks[level]);
    va_start(args, format);
    sbuf_vprintf(&line, format, args);
    va_end(args);
    replace_controls(text, line.len);
    text[line.len] = '\n';
    sink->write(span_of(text, line.len + 1));
    if (forward_line != NULL && level >= LOG_INFO) {
        forward_line(level, sbuf_span(&line));
    }
}
