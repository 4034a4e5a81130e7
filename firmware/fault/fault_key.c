/* SPDX-License-Identifier: ISC */
/* Values of fault rules, read and written. */
#include "fault/fault_key.h"

#include "latency/latency_op.h"

enum { DAY_S = 86400 };
static const uint64_t time_max_us = DAY_S * 1000000ull;

/* ---- values ---- */

/* "12" or "2.5", times `unit`, rounded down. */
static bool read_scaled(struct span text, uint64_t unit, uint64_t max, uint64_t *value)
{
    enum { DIGITS_MAX = 6 };
    size_t point = span_find(text, '.');
    struct span digits = span_slice(text, point + 1, text.len);
    uint64_t fraction = 0;
    uint64_t tens = 1;

    if (!span_to_uint(span_slice(text, 0, point), max / unit, value)) {
        return false;
    }
    if (point < text.len &&
        (digits.len > DIGITS_MAX || !span_to_uint(digits, UINT32_MAX, &fraction))) {
        return false;
    }
    for (size_t i = 0; i < digits.len; i++) {
        tens *= 10;
    }
    *value = *value * unit + fraction * unit / tens;
    return *value <= max;
}

static bool read_time(struct span value, uint64_t *us)
{
    static const struct {
        const char *name;
        uint64_t us;
    } units[] = {{"us", 1}, {"ms", 1000}, {"s", 1000000}, {"min", 60000000}};
    size_t len = 0;

    while (len < value.len &&
           (value.ptr[len] == '.' || (value.ptr[len] >= '0' && value.ptr[len] <= '9'))) {
        len++;
    }
    for (size_t i = 0; i < UTIL_COUNT(units); i++) {
        if (span_equal_str(span_slice(value, len, value.len), units[i].name)) {
            return read_scaled(span_slice(value, 0, len), units[i].us, time_max_us, us) &&
                   *us > 0;
        }
    }
    return false;
}

static void write_time(uint64_t us, struct sbuf *out)
{
    bool is_whole_s = us % 1000000 == 0;
    bool is_whole_ms = us % 1000 == 0;

    sbuf_put_uint(out, is_whole_s ? us / 1000000 : is_whole_ms ? us / 1000 : us);
    sbuf_put_str(out, is_whole_s ? "s" : is_whole_ms ? "ms" : "us");
}

static bool read_number(struct span value, uint32_t min, uint32_t max, uint32_t *number)
{
    uint64_t wide;

    if (!span_to_uint(value, max, &wide) || wide < min) {
        return false;
    }
    *number = (uint32_t)wide;
    return true;
}

/* ---- keys ---- */

static bool read_share(struct span value, struct fault_rule *rule)
{
    uint64_t share;

    if (value.len == 0 || value.ptr[value.len - 1] != '%' ||
        !read_scaled(span_slice(value, 0, value.len - 1), FAULT_RULE_SHARE_ALL / 100,
                     FAULT_RULE_SHARE_ALL, &share)) {
        return false;
    }
    rule->share = (uint32_t)share;
    return share > 0;
}

static void write_share(const struct fault_rule *rule, struct sbuf *out)
{
    uint32_t unit = FAULT_RULE_SHARE_ALL / 100;
    uint32_t rest = rule->share % unit;

    sbuf_put_uint(out, rule->share / unit);
    for (uint32_t tenth = unit / 10; rest > 0; tenth /= 10) {
        sbuf_printf(out, "%s%u", tenth == unit / 10 ? "." : "", rest / tenth);
        rest %= tenth;
    }
    sbuf_put_str(out, "%");
}

static bool read_count(struct span value, struct fault_rule *rule)
{
    return read_number(value, 1, UINT32_MAX, &rule->count);
}

static void write_count(const struct fault_rule *rule, struct sbuf *out)
{
    sbuf_put_uint(out, rule->count);
}

static bool read_seed(struct span value, struct fault_rule *rule)
{
    return span_to_uint(value, UINT64_MAX, &rule->seed);
}

static void write_seed(const struct fault_rule *rule, struct sbuf *out)
{
    sbuf_put_uint(out, rule->seed);
}

static const char *const ways[] = {
    [FAULT_WAY_IN] = "in", [FAULT_WAY_OUT] = "out", [FAULT_WAY_BOTH] = "both"};

static bool read_way(struct span value, struct fault_rule *rule)
{
    for (unsigned i = FAULT_WAY_IN; i <= FAULT_WAY_BOTH; i++) {
        if (span_equal_str(value, ways[i])) {
            rule->way = (enum fault_way)i;
            return true;
        }
    }
    return false;
}

static void write_way(const struct fault_rule *rule, struct sbuf *out)
{
    sbuf_put_str(out, ways[rule->way]);
}

static bool read_how_long(struct span value, struct fault_rule *rule)
{
    return read_time(value, &rule->time_us);
}

static void write_how_long(const struct fault_rule *rule, struct sbuf *out)
{
    write_time(rule->time_us, out);
}

static bool read_every(struct span value, struct fault_rule *rule)
{
    return read_time(value, &rule->every_us);
}

static void write_every(const struct fault_rule *rule, struct sbuf *out)
{
    write_time(rule->every_us, out);
}

static bool read_after(struct span value, struct fault_rule *rule)
{
    return read_number(value, 0, UINT32_MAX, &rule->after);
}

static void write_after(const struct fault_rule *rule, struct sbuf *out)
{
    sbuf_put_uint(out, rule->after);
}

static bool read_port(struct span value, struct fault_rule *rule)
{
    uint32_t port;

    if (!read_number(value, 1, UINT16_MAX, &port)) {
        return false;
    }
    rule->port = (uint16_t)port;
    return true;
}

static void write_port(const struct fault_rule *rule, struct sbuf *out)
{
    sbuf_put_uint(out, rule->port);
}

static bool read_status(struct span value, struct fault_rule *rule)
{
    return read_number(value, 1, UINT32_MAX, &rule->number);
}

static bool read_http(struct span value, struct fault_rule *rule)
{
    return read_number(value, 400, 599, &rule->number);
}

static void write_the_number(const struct fault_rule *rule, struct sbuf *out)
{
    sbuf_put_uint(out, rule->number);
}

static bool read_soap(struct span value, struct fault_rule *rule)
{
    const char *name;

    for (size_t i = 0; (name = fault_rule_soap_name(i)) != NULL; i++) {
        if (span_equal_nocase(value, name)) {
            return span_copy_str(span_str(name), rule->soap, sizeof(rule->soap)) > 0;
        }
    }
    return false;
}

static void write_soap(const struct fault_rule *rule, struct sbuf *out)
{
    sbuf_put_str(out, rule->soap);
}

/* A list with commas. What a Pull brings is no request of its own. */
static bool read_op(struct span value, struct fault_rule *rule)
{
    while (value.len > 0) {
        size_t len = span_find(value, ',');
        int op = latency_op_find(span_slice(value, 0, len));

        if (op < 0 || op == LATENCY_OP_PULL_ITEM || len + 1 == value.len) {
            return false;
        }
        rule->op_mask |= 1u << op;
        value = span_slice(value, len + 1, value.len);
    }
    return rule->op_mask != 0;
}

static void write_op(const struct fault_rule *rule, struct sbuf *out)
{
    const char *comma = "";

    for (unsigned i = 0; i < LATENCY_OP_COUNT; i++) {
        if ((rule->op_mask & 1u << i) != 0) {
            sbuf_printf(out, "%s%s", comma, latency_op_name((enum latency_op)i));
            comma = ",";
        }
    }
}

static bool is_name_byte(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_';
}

static bool read_class(struct span value, struct fault_rule *rule)
{
    for (size_t i = 0; i < value.len; i++) {
        if (!is_name_byte(value.ptr[i])) {
            return false;
        }
    }
    return span_copy_str(value, rule->class_name, sizeof(rule->class_name)) > 0;
}

static void write_class(const struct fault_rule *rule, struct sbuf *out)
{
    sbuf_put_str(out, rule->class_name);
}

/* In the order of the bits. */
const struct fault_key fault_key_table[FAULT_KEYS] = {
    {"number", "1 to 4294967295", read_status, write_the_number},
    {"number", "400 to 599", read_http, write_the_number},
    {"fault", "a fault of FAULT.md, e.g. AccessDenied", read_soap, write_soap},
    {"time", "a time up to a day, e.g. 200ms or 1.5s", read_how_long, write_how_long},
    {"every", "a time up to a day, e.g. 60s", read_every, write_every},
    {"way", "in, out or both", read_way, write_way},
    {"port", "1 to 65535", read_port, write_port},
    {"after", "bytes, 0 to 4294967295", read_after, write_after},
    {"op", "operations of FAULT.md with commas, e.g. get,pull", read_op, write_op},
    {"class", "a class, e.g. CIM_Processor", read_class, write_class},
    {"share", "0.0001% to 100%", read_share, write_share},
    {"count", "1 to 4294967295", read_count, write_count},
    {"seed", "0 to 18446744073709551615", read_seed, write_seed},
};
