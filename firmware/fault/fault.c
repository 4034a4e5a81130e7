/* SPDX-License-Identifier: ISC */
/* The rules in force, what each has decided, and the log of it. */
#include "fault/fault.h"

#include "base/bytes.h"
#include "base/err.h"
#include "base/log.h"
#include "base/siphash.h"
#include "config.h"

struct active {
    struct fault_rule rule;
    uint64_t asked; /* decisions so far */
    uint32_t hits;
    bool has_begun;    /* SILENCE: was asked about ... */
    uint64_t start_us; /* ... the first time then */
    bool is_silent;
    bool is_done; /* it does not come back */
};

static struct active active[CONFIG_FAULT_RULES];
static size_t active_count;

void fault_start(void)
{
    active_count = 0;
}

static bool is_nothing(struct span line)
{
    return line.len == 0 || line.ptr[0] == '#';
}

static void log_rules(void)
{
    if (active_count == 0) {
        log_info("fault", "none injected");
    }
    for (size_t i = 0; i < active_count; i++) {
        uint8_t text[FAULT_RULE_LINE_CAP];
        struct sbuf line;

        sbuf_init(&line, text, sizeof(text));
        fault_rule_write(&active[i].rule, &line);
        log_info("fault", "rule %u: %.*s", (unsigned)i + 1, (int)line.len,
                 (const char *)text);
    }
}

int fault_use(struct span text, unsigned *line, struct fault_rule_error *error)
{
    static struct fault_rule read[CONFIG_FAULT_RULES];
    struct fault_rule one;
    size_t count = 0;

    *line = 0;
    while (text.len > 0) {
        size_t len = span_find(text, '\n');
        struct span here = span_trim(span_slice(text, 0, len));

        text = span_slice(text, len + 1, text.len);
        ++*line;
        if (is_nothing(here)) {
            continue;
        }
        if (fault_rule_parse(here, &one, error) < 0) {
            return ERR_INVALID;
        }
        if (count == UTIL_COUNT(read)) {
            struct sbuf out;

            sbuf_init(&out, error->text, sizeof(error->text));
            sbuf_printf(&out, "more than %u rules", (unsigned)CONFIG_FAULT_RULES);
            (void)sbuf_terminate(&out);
            return ERR_FULL;
        }
        read[count++] = one;
    }
    for (size_t i = 0; i < count; i++) {
        active[i] = (struct active){.rule = read[i]};
    }
    if (count > 0 || active_count > 0) {
        active_count = count;
        log_rules();
    }
    return 0;
}

/* ---- decisions ---- */

static bool is_over(const struct active *a)
{
    return a->is_done || (a->rule.count != 0 && a->hits >= a->rule.count);
}

size_t fault_count(void)
{
    size_t count = 0;

    for (size_t i = 0; i < active_count; i++) {
        count += !is_over(&active[i]);
    }
    return count;
}

/* The next decision of a rule that matches. */
static bool decide(struct active *a)
{
    uint8_t key[SIPHASH_KEY_LEN] = {0};
    uint8_t number[sizeof(uint64_t)];

    bytes_put_le64(key, a->rule.seed);
    bytes_put_le64(number, a->asked++);
    if (siphash_24(key, span_of(number, sizeof(number))) % FAULT_RULE_SHARE_ALL >=
        a->rule.share) {
        return false;
    }
    a->hits++;
    return true;
}

static unsigned rule_number(const struct active *a)
{
    return (unsigned)(a - active) + 1;
}

/* ---- requests ---- */

static bool is_for_request(const struct fault_rule *rule,
                           const struct fault_request *request)
{
    switch (rule->kind) {
    case FAULT_KIND_STATUS:
    case FAULT_KIND_SOAP:
        if (request->op == LATENCY_OP_DIGEST) {
            return false;
        }
        break;
    case FAULT_KIND_CLOSE:
    case FAULT_KIND_HTTP:
    case FAULT_KIND_HANG:
        break;
    default:
        return false;
    }
    return (rule->op_mask == 0 || (rule->op_mask & 1u << request->op) != 0) &&
           (rule->class_name[0] == '\0' ||
            span_equal_nocase(request->class_name, rule->class_name));
}

const struct fault_rule *fault_hit_request(const struct fault_request *request)
{
    for (size_t i = 0; i < active_count; i++) {
        struct active *a = &active[i];

        if (is_over(a) || !is_for_request(&a->rule, request) || !decide(a)) {
            continue;
        }
        log_info("fault", "rule %u: %s, hit %u: %s%s%.*s", rule_number(a),
                 fault_rule_kind_name(a->rule.kind), a->hits,
                 latency_op_name(request->op), request->class_name.len > 0 ? " " : "",
                 (int)request->class_name.len, (const char *)request->class_name.ptr);
        return &a->rule;
    }
    return NULL;
}

/* ---- frames and connections ---- */

bool fault_drops_frame(enum fault_way way, uint64_t *delay_us)
{
    *delay_us = 0;
    for (size_t i = 0; i < active_count; i++) {
        struct active *a = &active[i];
        bool is_drop = a->rule.kind == FAULT_KIND_DROP;

        if (!is_drop && a->rule.kind != FAULT_KIND_DELAY) {
            continue;
        }
        if ((a->rule.way & way) == 0 || is_over(a) || !decide(a)) {
            continue;
        }
        if ((a->hits & (a->hits - 1)) == 0) {
            log_info("fault", "rule %u: %s, %u of %llu frames", rule_number(a),
                     fault_rule_kind_name(a->rule.kind), a->hits,
                     (unsigned long long)a->asked);
        }
        *delay_us = a->rule.time_us; /* 0 if it is dropped */
        return is_drop;
    }
    return false;
}

bool fault_truncates(uint16_t local_port, uint32_t *after)
{
    for (size_t i = 0; i < active_count; i++) {
        struct active *a = &active[i];

        if (a->rule.kind != FAULT_KIND_TRUNCATE || is_over(a) ||
            (a->rule.port != 0 && a->rule.port != local_port) || !decide(a)) {
            continue;
        }
        log_info("fault", "rule %u: truncate, hit %u: port %u after %u bytes",
                 rule_number(a), a->hits, local_port, a->rule.after);
        *after = a->rule.after;
        return true;
    }
    return false;
}

/* ---- sleep and silence ---- */

bool fault_is_asleep(void)
{
    for (size_t i = 0; i < active_count; i++) {
        if (active[i].rule.kind == FAULT_KIND_ASLEEP) {
            if (active[i].hits++ == 0) {
                log_info("fault", "rule %u: asleep", rule_number(&active[i]));
            }
            return true;
        }
    }
    return false;
}

/* Is this silence on, and when does that change? Without every= there is one period. */
static bool is_silent(struct active *a, uint64_t now_us, uint64_t *change_us)
{
    const struct fault_rule *rule = &a->rule;
    uint64_t count = rule->every_us == 0 ? 1 : rule->count;
    uint64_t period = 0;
    uint64_t begin_us;

    if (!a->has_begun) {
        a->has_begun = true;
        a->start_us = now_us;
    }
    *change_us = UINT64_MAX;
    if (rule->time_us == 0) {
        return true;
    }
    if (rule->every_us != 0) {
        period = (now_us - a->start_us) / rule->every_us;
    }
    begin_us = a->start_us + period * rule->every_us;
    if ((count == 0 || period < count) && now_us - begin_us < rule->time_us) {
        *change_us = begin_us + rule->time_us;
        return true;
    }
    if (count == 0 || period + 1 < count) {
        *change_us = begin_us + rule->every_us;
    } else {
        a->is_done = true;
    }
    return false;
}

bool fault_is_silent(uint64_t now_us, uint64_t *until_us)
{
    bool is_any = false;

    *until_us = UINT64_MAX;
    for (size_t i = 0; i < active_count; i++) {
        struct active *a = &active[i];
        uint64_t change_us;
        bool is_on;

        if (a->rule.kind != FAULT_KIND_SILENCE) {
            continue;
        }
        is_on = is_silent(a, now_us, &change_us);
        if (is_on != a->is_silent) {
            log_info("fault", "rule %u: silence %s", rule_number(a),
                     is_on ? "begins" : "ends");
            a->is_silent = is_on;
        }
        is_any = is_any || is_on;
        *until_us = change_us < *until_us ? change_us : *until_us;
    }
    return is_any;
}
