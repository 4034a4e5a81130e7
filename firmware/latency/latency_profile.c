/* SPDX-License-Identifier: ISC */
/*
 * The parser of profiles: lines of `KEY = VALUE`, where `set KEY = VALUE` may say a key
 * again. Works on a copy, so that a bad text changes nothing.
 */
#include "latency/latency_profile.h"

#include <stdarg.h>
#include <string.h>

#include "base/err.h"
#include "config.h"
#include "latency/latency_key.h"
#include "latency/latency_time.h"

enum { KEY_SHOWN = 32, MESSAGE_CAP = 320, US_PER_S = 1000000 };

struct parser {
    struct latency_profile profile;
    struct latency_profile_error error;
    uint64_t seen; /* bit n: setting n */
};

_Static_assert(LATENCY_KEY_COUNT <= 64, "one bit for each setting");

/* Characters that a terminal or a log can show. */
static void make_plain(char *text)
{
    for (; *text != '\0'; text++) {
        if (*text < ' ' || *text > '~') {
            *text = '?';
        }
    }
}

/* ERR_INVALID with this message, cut where it does not fit. */
static int UTIL_PRINTF(2, 3) refuse(struct parser *p, const char *format, ...)
{
    char text[MESSAGE_CAP];
    struct sbuf out;
    va_list args;

    sbuf_init(&out, text, sizeof(text) - 1);
    va_start(args, format);
    sbuf_vprintf(&out, format, args);
    va_end(args);
    out.len = util_min(out.len, sizeof(p->error.text) - 1);
    memcpy(p->error.text, text, out.len);
    p->error.text[out.len] = '\0';
    make_plain(p->error.text);
    return ERR_INVALID;
}

/* What operations there are, for who has mistaken one. */
static int refuse_key(struct parser *p, struct span name)
{
    char ops[MESSAGE_CAP / 2];
    struct sbuf out;
    bool is_op = span_starts_with(name, "m0.") || span_starts_with(name, "m3.");
    int shown = (int)util_min(name.len, KEY_SHOWN);

    if (!is_op) {
        return refuse(p, "'%.*s' is not a setting, see PROFILE.md", shown,
                      (const char *)name.ptr);
    }
    sbuf_init(&out, ops, sizeof(ops));
    for (unsigned i = 0; i < LATENCY_OP_COUNT; i++) {
        sbuf_printf(&out, "%s%s", i == 0 ? "" : ", ",
                    latency_op_name((enum latency_op)i));
    }
    (void)sbuf_terminate(&out);
    return refuse(p, "'%.*s' is not a setting; operations are %s", shown,
                  (const char *)name.ptr, ops);
}

static int read_name(struct parser *p, struct span value, char *name)
{
    bool is_good = value.len > 0 && value.len < LATENCY_PROFILE_NAME_CAP;

    for (size_t i = 0; i < value.len && is_good; i++) {
        uint8_t c = value.ptr[i];
        is_good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  (c >= '0' && c <= '9') || c == '-' || c == '.';
    }
    if (!is_good) {
        return refuse(p, "profile takes a name of up to %d letters, digits, '-' and '.'",
                      LATENCY_PROFILE_NAME_CAP - 1);
    }
    return span_copy_str(value, name, LATENCY_PROFILE_NAME_CAP) < 0 ? ERR_INVALID : 0;
}

static int read_seed(struct parser *p, struct span value, uint64_t *seed)
{
    if (!span_to_uint(value, UINT64_MAX, seed)) {
        return refuse(p, "seed takes a number below 2^64");
    }
    return 0;
}

static int read_flag(struct parser *p, const struct latency_key *key, struct span value,
                     bool *flag)
{
    if (!span_equal_str(value, key->yes) && !span_equal_str(value, key->no)) {
        return refuse(p, "%s takes %s or %s", key->name, key->yes, key->no);
    }
    *flag = span_equal_str(value, key->yes);
    return 0;
}

static int read_count(struct parser *p, const struct latency_key *key, struct span value,
                      uint32_t *count)
{
    uint64_t number;

    if (key->kind == LATENCY_KIND_IDLE && span_equal_str(value, "never")) {
        *count = LATENCY_PROFILE_IDLE_NEVER;
        return 0;
    }
    if (!span_to_uint(value, key->most, &number) || number < key->least) {
        return refuse(p, "%s takes %s%u to %u", key->name,
                      key->kind == LATENCY_KIND_IDLE ? "never, or minutes: " : "",
                      (unsigned)key->least, (unsigned)key->most);
    }
    *count = (uint32_t)number;
    return 0;
}

static int read_time(struct parser *p, const struct latency_key *key, struct span value,
                     uint64_t *time)
{
    const char *why;
    uint32_t us;

    if (latency_time_parse(value, &us, 1, &why) < 0) {
        return refuse(p, "%s %s; it takes one time, as 90 s", key->name, why);
    }
    if (us < key->least) {
        return refuse(p, "%s takes at least %u us", key->name, (unsigned)key->least);
    }
    *time = us;
    return 0;
}

static int read_spread(struct parser *p, const struct latency_key *key, struct span value,
                       struct latency_spread *spread)
{
    struct latency_spread read;
    const char *why;
    int count = latency_time_parse(value, read.us, LATENCY_SPREAD_POINTS, &why);

    if (count < 0) {
        return refuse(p, "%s%s %s; it takes one time or five, as 66 68 70 72 76 ms",
                      key->prefix, key->name, why);
    }
    if (count != 1 && count != LATENCY_SPREAD_POINTS) {
        return refuse(p,
                      "%s%s takes one time or five (least, 10 %%, median, 90 %%, most)",
                      key->prefix, key->name);
    }
    for (unsigned i = 1; i < LATENCY_SPREAD_POINTS; i++) {
        read.us[i] = count == 1 ? read.us[0] : read.us[i];
        if (read.us[i] < read.us[i - 1]) {
            return refuse(p, "%s%s: its five times must not fall", key->prefix,
                          key->name);
        }
    }
    *spread = read;
    return 0;
}

static int read_value(struct parser *p, const struct latency_key *key, struct span value)
{
    void *field = latency_key_field(key, &p->profile);

    switch (key->kind) {
    case LATENCY_KIND_NAME:
        return read_name(p, value, field);
    case LATENCY_KIND_SEED:
        return read_seed(p, value, field);
    case LATENCY_KIND_FLAG:
        return read_flag(p, key, value, field);
    case LATENCY_KIND_IDLE:
    case LATENCY_KIND_COUNT:
        return read_count(p, key, value, field);
    case LATENCY_KIND_TIME:
        return read_time(p, key, value, field);
    case LATENCY_KIND_SPREAD:
        break;
    }
    return read_spread(p, key, value, field);
}

/* A time that was changed by hand is measured no more. */
static void note_change(struct parser *p, const struct latency_key *key)
{
    if (key->kind != LATENCY_KIND_NAME && key->kind != LATENCY_KIND_SEED &&
        key->kind != LATENCY_KIND_FLAG) {
        p->profile.is_calibrated = false;
    }
}

/* "set KEY" as against "set" as part of a key. */
static bool take_set(struct span *line)
{
    if (!span_starts_with(*line, "set ") && !span_starts_with(*line, "set\t")) {
        return false;
    }
    *line = span_trim(span_slice(*line, 4, line->len));
    return true;
}

/* One line without its comment, not empty. */
static int read_line(struct parser *p, struct span line)
{
    bool is_set = take_set(&line);
    size_t equals = span_find(line, '=');
    struct span name = span_trim(span_slice(line, 0, equals));
    struct latency_key key;
    int index;

    if (equals == line.len) {
        return refuse(p, "no '=' here; a line is KEY = VALUE");
    }
    index = latency_key_find(name);
    if (index < 0) {
        return refuse_key(p, name);
    }
    if (p->seen == 0 && (index != 0 || is_set)) {
        return refuse(p, "the first setting is profile = NAME");
    }
    key = latency_key_get((size_t)index);
    if (!is_set && (p->seen >> index & 1) != 0) {
        return refuse(p, "%s%s is given twice; to change it write set %s%s = ...",
                      key.prefix, key.name, key.prefix, key.name);
    }
    p->seen |= (uint64_t)1 << index;
    if (is_set) {
        note_change(p, &key);
    }
    return read_value(p, &key, span_trim(span_slice(line, equals + 1, line.len)));
}

static int read_lines(struct parser *p, struct span text)
{
    while (text.len > 0) {
        size_t end = span_find(text, '\n');
        struct span line = span_slice(text, 0, end);

        p->error.line++;
        if (span_find(line, '\0') < line.len) {
            return refuse(p, "a NUL byte: this is no text");
        }
        line = span_trim(span_slice(line, 0, span_find(line, '#')));
        if (line.len > 0 && read_line(p, line) != 0) {
            return ERR_INVALID;
        }
        text = span_slice(text, end + 1, text.len);
    }
    return 0;
}

void latency_profile_init(struct latency_profile *profile)
{
    *profile = (struct latency_profile){.name = "native",
                                        .idle_min = LATENCY_PROFILE_IDLE_NEVER,
                                        .minute_us = 60 * US_PER_S,
                                        .extra_us = 90 * US_PER_S,
                                        .answers_arp = true,
                                        .answers_ping = true,
                                        .wake_hold = CONFIG_NET_HOLD_COUNT,
                                        .wake_announce = 1};
}

int latency_profile_parse(struct span text, struct latency_profile *profile,
                          struct latency_profile_error *error)
{
    struct parser p = {.seen = 0};
    int result;

    latency_profile_init(&p.profile);
    if (text.len >= CONFIG_TUNING_CAP) {
        result = refuse(&p, "the text is longer than %d bytes", CONFIG_TUNING_CAP - 1);
    } else {
        result = read_lines(&p, text);
    }
    if (result != 0) {
        *error = p.error;
        return ERR_INVALID;
    }
    *profile = p.profile;
    return 0;
}
