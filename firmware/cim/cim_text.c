/* SPDX-License-Identifier: ISC */
/*
 * Text forms of values (DSP0230): XML Schema lexical forms, base64 without white space
 * and with zero padding bits, dates in UTC, durations without years and months (they have
 * no fixed length).
 */
#include "cim/cim_text.h"

#include "base/date.h"
#include "base/err.h"

#define MINUTE 60u
#define HOUR   (60u * MINUTE)
#define DAY    (24u * HOUR)
/* Durations beyond this are refused: a CIM interval has eight digits of days. */
#define DAYS_MAX 99999999u

struct integer_range {
    uint64_t max;     /* largest positive value */
    uint64_t min_abs; /* magnitude of the smallest value; 0: unsigned */
};

static const struct integer_range ranges[] = {
    [CIM_TYPE_UINT8] = {UINT8_MAX, 0},
    [CIM_TYPE_UINT16] = {UINT16_MAX, 0},
    [CIM_TYPE_UINT32] = {UINT32_MAX, 0},
    [CIM_TYPE_UINT64] = {UINT64_MAX, 0},
    [CIM_TYPE_SINT8] = {INT8_MAX, (uint64_t)INT8_MAX + 1},
    [CIM_TYPE_SINT16] = {INT16_MAX, (uint64_t)INT16_MAX + 1},
    [CIM_TYPE_SINT32] = {INT32_MAX, (uint64_t)INT32_MAX + 1},
    [CIM_TYPE_SINT64] = {INT64_MAX, (uint64_t)INT64_MAX + 1},
};

static bool parse_boolean(struct span text, bool *value)
{
    *value = span_equal_str(text, "true") || span_equal_str(text, "1");
    return *value || span_equal_str(text, "false") || span_equal_str(text, "0");
}

static bool parse_integer(struct span text, uint8_t type, struct cim_value *value)
{
    const struct integer_range *range = &ranges[type];
    bool is_negative = text.len > 0 && text.ptr[0] == '-';
    if (text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+')) {
        text = span_slice(text, 1, text.len);
    }
    uint64_t magnitude = 0;
    uint64_t max = is_negative ? range->min_abs : range->max;
    if (!span_to_uint(text, max, &magnitude)) {
        return false;
    }
    if (range->min_abs == 0) {
        value->kind = CIM_KIND_UINT;
        value->uint = magnitude;
        return true;
    }
    value->kind = CIM_KIND_SINT;
    /* Two's complement negation, defined for the smallest value too. */
    value->sint = is_negative ? (int64_t)(UINT64_MAX - magnitude + 1)
                              : (int64_t)magnitude;
    return true;
}

/* A number and its letter off the front of a duration; false if it is not there. */
static bool take_part(struct span *text, uint8_t letter, uint64_t max, uint64_t *value)
{
    size_t digits = 0;
    while (digits < text->len && text->ptr[digits] >= '0' && text->ptr[digits] <= '9') {
        digits++;
    }
    if (digits == text->len || text->ptr[digits] != letter) {
        return false;
    }
    if (!span_to_uint(span_slice(*text, 0, digits), max, value)) {
        return false;
    }
    *text = span_slice(*text, digits + 1, text->len);
    return true;
}

/* Seconds may have a fraction, which is dropped. */
static bool take_seconds(struct span *text, uint64_t max, uint64_t *value)
{
    size_t dot = span_find(*text, '.');
    if (dot == text->len) {
        return take_part(text, 'S', max, value);
    }
    struct span fraction = span_slice(*text, dot + 1, text->len);
    uint64_t ignored = 0;
    uint64_t nanoseconds_max = 999999999;
    if (!span_to_uint(span_slice(*text, 0, dot), max, value) ||
        !take_part(&fraction, 'S', nanoseconds_max, &ignored)) {
        return false;
    }
    *text = fraction;
    return true;
}

/* xs:duration, P[nD][T[nH][nM][nS]], at least one part, none after an empty T. */
static bool parse_interval(struct span text, uint64_t *seconds)
{
    uint64_t days = 0;
    uint64_t hours = 0;
    uint64_t minutes = 0;
    uint64_t rest = 0;
    if (span_equal_str(text, "0")) {
        *seconds = 0;
        return true;
    }
    if (text.len == 0 || text.ptr[0] != 'P') {
        return false;
    }
    text = span_slice(text, 1, text.len);
    bool has_part = take_part(&text, 'D', DAYS_MAX, &days);
    if (text.len > 0 && text.ptr[0] == 'T') {
        const uint64_t max = (uint64_t)DAYS_MAX * DAY;
        text = span_slice(text, 1, text.len);
        bool has_hours = take_part(&text, 'H', max / HOUR, &hours);
        bool has_minutes = take_part(&text, 'M', max / MINUTE, &minutes);
        bool has_seconds = take_seconds(&text, max, &rest);
        has_part = has_hours || has_minutes || has_seconds;
    }
    *seconds = days * DAY + hours * HOUR + minutes * MINUTE + rest;
    return has_part && text.len == 0;
}

static int base64_digit(uint8_t c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Decode into `out`; its length or ERR_INVALID, ERR_FULL. */
static int decode_base64(struct span text, uint8_t *out, size_t cap)
{
    if (text.len % 4 != 0) {
        return ERR_INVALID;
    }
    if (text.len / 4 * 3 > cap) {
        return ERR_FULL;
    }
    size_t len = 0;
    size_t pad = 0;
    while (pad < 2 && pad < text.len && text.ptr[text.len - 1 - pad] == '=') {
        pad++;
    }
    uint32_t bits = 0;
    for (size_t i = 0; i < text.len; i++) {
        bool is_pad = i >= text.len - pad;
        int digit = is_pad ? 0 : base64_digit(text.ptr[i]);
        if (digit < 0) {
            return ERR_INVALID;
        }
        bits = bits << 6 | (uint32_t)digit;
        if (i % 4 == 3) {
            out[len] = (uint8_t)(bits >> 16);
            out[len + 1] = (uint8_t)(bits >> 8);
            out[len + 2] = (uint8_t)bits;
            len += 3;
        }
    }
    /* The bits that padding cuts off must be zero (DSP0230: one form per value). */
    for (size_t i = 0; i < pad; i++) {
        len--;
        if (out[len] != 0) {
            return ERR_INVALID;
        }
    }
    return (int)len;
}

static int parse_octets(struct cim_bag *bag, const struct cim_field *field,
                        struct span text)
{
    static uint8_t octets[CONFIG_CIM_TEXT_CAP]; /* what fits in no bag is refused */
    int len = decode_base64(text, octets, sizeof(octets));
    if (len < 0) {
        return len;
    }
    struct cim_value value = {.kind = CIM_KIND_OCTETS,
                              .bytes = span_of(octets, (size_t)len)};
    return cim_bag_add(bag, field, &value);
}

int cim_text_parse(struct cim_bag *bag, const struct cim_field *field, struct span text,
                   bool is_interval)
{
    struct cim_value value = {.kind = CIM_KIND_BOOLEAN};
    bool is_valid = false;
    if (is_interval && field->type != CIM_TYPE_DATETIME) {
        return ERR_INVALID;
    }
    switch (field->type) {
    case CIM_TYPE_BOOLEAN:
        is_valid = parse_boolean(span_trim(text), &value.boolean);
        break;
    case CIM_TYPE_STRING:
        value.kind = CIM_KIND_TEXT;
        value.bytes = text;
        is_valid = true;
        break;
    case CIM_TYPE_DATETIME:
        /* MeshCommander and others write TimeoutPeriod as a bare 0, and AMT takes it. */
        is_interval = is_interval || span_equal_str(text, "0");
        value.kind = is_interval ? CIM_KIND_INTERVAL : CIM_KIND_DATETIME;
        is_valid = is_interval ? parse_interval(span_trim(text), &value.uint)
                               : date_parse_iso(span_trim(text), &value.sint);
        break;
    case CIM_TYPE_OCTETS:
        return parse_octets(bag, field, text);
    case CIM_TYPE_REFERENCE:
    case CIM_TYPE_EMBEDDED:
        break;
    default:
        is_valid = parse_integer(span_trim(text), field->type, &value);
        break;
    }
    return is_valid ? cim_bag_add(bag, field, &value) : ERR_INVALID;
}

static void put_interval(struct sbuf *out, uint64_t seconds)
{
    uint64_t days = seconds / DAY;
    uint64_t hours = seconds % DAY / HOUR;
    uint64_t minutes = seconds % HOUR / MINUTE;
    uint64_t rest = seconds % MINUTE;
    sbuf_printf(out, "P%lluDT%lluH%lluM%lluS", (unsigned long long)days,
                (unsigned long long)hours, (unsigned long long)minutes,
                (unsigned long long)rest);
}

void cim_text_put(struct sbuf *out, const struct cim_value *value)
{
    switch (value->kind) {
    case CIM_KIND_BOOLEAN:
        sbuf_put_str(out, value->boolean ? "true" : "false");
        break;
    case CIM_KIND_UINT:
        sbuf_put_uint(out, value->uint);
        break;
    case CIM_KIND_SINT:
        sbuf_put_int(out, value->sint);
        break;
    case CIM_KIND_TEXT:
        sbuf_put(out, value->bytes);
        break;
    case CIM_KIND_OCTETS:
        sbuf_put_base64(out, value->bytes);
        break;
    case CIM_KIND_DATETIME:
        date_put_iso(out, value->sint);
        break;
    case CIM_KIND_INTERVAL:
        put_interval(out, value->uint);
        break;
    default:
        break;
    }
}
