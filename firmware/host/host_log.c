/* SPDX-License-Identifier: ISC */
/* Log lines waiting for the shim: records of level, length and text in a ring. */
#include "host/host_log.h"

#include "base/err.h"
#include "base/ring.h"
#include "base/sbuf.h"
#include "base/util.h"
#include "config.h"

enum { RECORD_HEAD_LEN = 2, RECORD_TEXT_CAP = 255 };

static uint8_t ring_bytes[CONFIG_HOST_LOG_CAP];
static struct ring ring = {.ptr = ring_bytes, .cap = sizeof(ring_bytes)};
static uint64_t dropped_count;

_Static_assert(sizeof(((vamt_LogLine *)0)->text) == RECORD_TEXT_CAP + 1,
               "hostlink.options and host_log.c differ");

void host_log_init(void)
{
    ring_init(&ring, ring_bytes, sizeof(ring_bytes));
    dropped_count = 0;
}

void host_log_push(enum log_level level, struct span line)
{
    uint8_t head[RECORD_HEAD_LEN];

    if (line.len > 0 && line.ptr[line.len - 1] == '\n') {
        line.len--;
    }
    line = span_slice(line, 0, RECORD_TEXT_CAP);
    if (dropped_count > 0 || sizeof(head) + line.len > ring_room(&ring)) {
        dropped_count++;
        return;
    }
    head[0] = (uint8_t)level;
    head[1] = (uint8_t)line.len;
    ring_write(&ring, span_of(head, sizeof(head)));
    ring_write(&ring, line);
}

static void put_dropped(vamt_LogLine *line)
{
    struct sbuf text;

    sbuf_init(&text, line->text, sizeof(line->text) - 1);
    sbuf_printf(&text, "host: %llu log lines dropped", (unsigned long long)dropped_count);
    line->text[text.len] = '\0';
    line->level = LOG_WARN;
    dropped_count = 0;
}

bool host_log_next(vamt_LogLine *line)
{
    uint8_t head[RECORD_HEAD_LEN];

    if (ring.len == 0) {
        if (dropped_count == 0) {
            return false;
        }
        put_dropped(line);
        return true;
    }
    (void)ring_read(&ring, head, sizeof(head));
    line->level = head[0];
    line->text[ring_read(&ring, line->text, head[1])] = '\0';
    return true;
}
