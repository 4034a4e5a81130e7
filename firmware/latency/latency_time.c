/* SPDX-License-Identifier: ISC */
/* Times as decimal numbers with a unit, without floating point. */
#include "latency/latency_time.h"

#include <stdbool.h>

#include "base/err.h"

enum { DECIMALS_MOST = 6 };

struct unit {
    const char *name;
    uint32_t us;
    unsigned decimals; /* that a microsecond needs */
};

enum { UNIT_US, UNIT_MS, UNIT_S, UNIT_MIN };

/* Profiles are not written in minutes. */
static const struct unit units[] = {[UNIT_US] = {"us", 1, 0},
                                    [UNIT_MS] = {"ms", 1000, 3},
                                    [UNIT_S] = {"s", 1000000, 6},
                                    [UNIT_MIN] = {"min", 60000000, 0}};

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

static const struct unit *find_unit(struct span name)
{
    for (size_t i = 0; i < UTIL_COUNT(units); i++) {
        if (span_equal_str(name, units[i].name)) {
            return &units[i];
        }
    }
    return NULL;
}

/* "12" or "12.5" in `unit` as microseconds. */
static int parse_number(struct span word, const struct unit *unit, uint32_t *us,
                        const char **why)
{
    size_t dot = span_find(word, '.');
    struct span fraction = span_slice(word, dot + 1, word.len);
    uint64_t whole;
    uint64_t part = 0;
    uint64_t scale = 1;

    *why = "is no number";
    if (dot < word.len && (fraction.len == 0 || fraction.len > DECIMALS_MOST)) {
        *why = "takes 1 to 6 decimals after a point";
        return ERR_INVALID;
    }
    if ((dot < word.len && !span_to_uint(fraction, UINT32_MAX, &part)) ||
        !span_to_uint(span_slice(word, 0, dot), UINT64_MAX, &whole)) {
        return ERR_INVALID;
    }
    for (size_t i = 0; i < fraction.len; i++) {
        scale *= 10;
    }
    if (part * unit->us % scale != 0) {
        *why = "is finer than 1 us";
        return ERR_INVALID;
    }
    part = part * unit->us / scale;
    if (whole > LATENCY_TIME_MOST_US / unit->us ||
        whole * unit->us + part > LATENCY_TIME_MOST_US) {
        *why = "is longer than 10 min";
        return ERR_INVALID;
    }
    *us = (uint32_t)(whole * unit->us + part);
    return 0;
}

/* Take the unit off the end. */
static const struct unit *take_unit(struct span *text)
{
    size_t end = text->len;

    while (end > 0 && text->ptr[end - 1] >= 'a' && text->ptr[end - 1] <= 'z') {
        end--;
    }
    const struct unit *unit = find_unit(span_slice(*text, end, text->len - end));
    *text = span_slice(*text, 0, end);
    return unit;
}

int latency_time_parse(struct span text, uint32_t *us, size_t cap, const char **why)
{
    const struct unit *unit;
    size_t count = 0;

    text = span_trim(text);
    unit = take_unit(&text);
    if (unit == NULL) {
        *why = "ends in a unit: us, ms, s or min";
        return ERR_INVALID;
    }
    for (text = span_trim(text); text.len > 0; text = span_trim(text)) {
        size_t len = 0;

        while (len < text.len && !is_blank(text.ptr[len])) {
            if (!is_digit(text.ptr[len]) && text.ptr[len] != '.') {
                *why = "takes numbers and one unit after the last";
                return ERR_INVALID;
            }
            len++;
        }
        if (count == cap) {
            *why = "has too many numbers";
            return ERR_INVALID;
        }
        if (parse_number(span_slice(text, 0, len), unit, &us[count], why) != 0) {
            return ERR_INVALID;
        }
        count++;
        text = span_slice(text, len, text.len - len);
    }
    if (count == 0) {
        *why = "has no number";
        return ERR_INVALID;
    }
    return (int)count;
}

/* The number with as many decimals as it needs. */
static void write_number(uint32_t us, const struct unit *unit, struct sbuf *out)
{
    uint8_t decimals[DECIMALS_MOST];
    uint32_t part = us % unit->us;
    unsigned len = unit->decimals;

    sbuf_put_uint(out, us / unit->us);
    for (unsigned i = len; i > 0; i--) {
        decimals[i - 1] = (uint8_t)('0' + part % 10);
        part /= 10;
    }
    while (len > 0 && decimals[len - 1] == '0') {
        len--;
    }
    if (len > 0) {
        sbuf_put_str(out, ".");
        sbuf_put(out, span_of(decimals, len));
    }
}

void latency_time_write(const uint32_t *us, size_t count, struct sbuf *out)
{
    uint32_t last = us[count - 1];
    const struct unit *unit = last >= units[UNIT_S].us    ? &units[UNIT_S]
                              : last >= units[UNIT_MS].us ? &units[UNIT_MS]
                                                          : &units[UNIT_US];

    for (size_t i = 0; i < count; i++) {
        write_number(us[i], unit, out);
        sbuf_put_str(out, " ");
    }
    sbuf_put_str(out, unit->name);
}
