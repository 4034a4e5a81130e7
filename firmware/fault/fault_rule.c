/* SPDX-License-Identifier: ISC */
/*
 * Fault rules as text, by a table of the kinds: the keys (fault_key.c) that each takes,
 * and what it means without any.
 */
#include "fault/fault_rule.h"

#include <string.h>

#include "base/err.h"
#include "fault/fault_key.h"
#include "latency/latency_op.h"

enum { WORD_CAP = 24, VALUE_CAP = 128 };

struct kind {
    const char *name;
    uint32_t keys;       /* a bit for each of fault_key_table that it takes */
    uint32_t shown_keys; /* of them: written even when they are as without */
    struct fault_rule plain;
};

#define PLAIN(k) .kind = (k), .share = FAULT_RULE_SHARE_ALL, .way = FAULT_WAY_BOTH

static const struct kind kinds[FAULT_KIND_COUNT] = {
    [FAULT_KIND_DROP] = {"drop",
                         FAULT_KEY_WAY | FAULT_KEY_CHANCE,
                         0,
                         {PLAIN(FAULT_KIND_DROP)}},
    [FAULT_KIND_DELAY] = {"delay",
                          FAULT_KEY_TIME | FAULT_KEY_WAY | FAULT_KEY_CHANCE,
                          FAULT_KEY_TIME,
                          {PLAIN(FAULT_KIND_DELAY), .time_us = 200000}},
    [FAULT_KIND_CLOSE] = {"close",
                          FAULT_KEY_AFTER | FAULT_KEY_REQUEST,
                          FAULT_KEY_AFTER,
                          {PLAIN(FAULT_KIND_CLOSE), .after = 400}},
    [FAULT_KIND_TRUNCATE] = {"truncate",
                             FAULT_KEY_AFTER | FAULT_KEY_PORT | FAULT_KEY_CHANCE,
                             FAULT_KEY_AFTER,
                             {PLAIN(FAULT_KIND_TRUNCATE), .after = 400}},
    [FAULT_KIND_STATUS] = {"status",
                           FAULT_KEY_NUMBER | FAULT_KEY_REQUEST,
                           FAULT_KEY_NUMBER,
                           {PLAIN(FAULT_KIND_STATUS), .number = 1}},
    [FAULT_KIND_SOAP] = {"soap",
                         FAULT_KEY_FAULT | FAULT_KEY_REQUEST,
                         FAULT_KEY_FAULT,
                         {PLAIN(FAULT_KIND_SOAP), .soap = "InternalError"}},
    [FAULT_KIND_HTTP] = {"http",
                         FAULT_KEY_HTTP_NUMBER | FAULT_KEY_REQUEST,
                         FAULT_KEY_HTTP_NUMBER,
                         {PLAIN(FAULT_KIND_HTTP), .number = 503}},
    [FAULT_KIND_HANG] = {"hang", FAULT_KEY_REQUEST, 0, {PLAIN(FAULT_KIND_HANG)}},
    [FAULT_KIND_ASLEEP] = {"asleep", 0, 0, {PLAIN(FAULT_KIND_ASLEEP)}},
    [FAULT_KIND_SILENCE] = {"silence",
                            FAULT_KEY_TIME | FAULT_KEY_EVERY | FAULT_KEY_COUNT,
                            0,
                            {PLAIN(FAULT_KIND_SILENCE)}},
};

const char *fault_rule_kind_name(enum fault_kind kind)
{
    return kinds[kind].name;
}

const char *fault_rule_soap_name(size_t index)
{
    static const char *const names[] = {
        "AccessDenied",
        "ActionNotSupported",
        "AlreadyExists",
        "DestinationUnreachable",
        "EncodingLimit",
        "FilterDialectRequestedUnavailable",
        "InternalError",
        "InvalidEnumerationContext",
        "InvalidMessageInformationHeader",
        "InvalidRepresentation",
        "InvalidSelectors",
        "MessageInformationHeaderRequired",
        "MustUnderstand",
        "QuotaLimit",
        "SchemaValidationError",
        "UnsupportedFeature",
    };

    return index < UTIL_COUNT(names) ? names[index] : NULL;
}

/* ---- errors ---- */

static void start_error(struct fault_rule_error *error, struct sbuf *out)
{
    memset(error->text, 0, sizeof(error->text));
    sbuf_init(out, error->text, sizeof(error->text) - 1); /* always ends in a NUL */
}

/* A word of the user's: not all of it, and nothing that does something to a terminal. */
static void put_word(struct sbuf *out, struct span word)
{
    sbuf_put_str(out, "'");
    for (size_t i = 0; i < word.len && i < WORD_CAP; i++) {
        bool is_plain = word.ptr[i] >= ' ' && word.ptr[i] < 0x7f;

        sbuf_put_u8(out, is_plain ? word.ptr[i] : (uint8_t)'?');
    }
    sbuf_put_str(out, word.len > WORD_CAP ? "...'" : "'");
}

static int fail_kind(struct fault_rule_error *error, struct span word)
{
    struct sbuf out;

    start_error(error, &out);
    if (word.len == 0) {
        sbuf_put_str(&out, "no kind of fault is given");
    } else {
        put_word(&out, word);
        sbuf_put_str(&out, " is no kind of fault (FAULT.md lists them)");
    }
    return ERR_INVALID;
}

static int fail_key(struct fault_rule_error *error, const struct kind *kind,
                    struct span name)
{
    struct sbuf out;
    const char *before = "; it takes ";

    start_error(error, &out);
    sbuf_printf(&out, "%s takes no ", kind->name);
    put_word(&out, name);
    for (size_t i = 0; i < FAULT_KEYS; i++) {
        if ((kind->keys & 1u << i) != 0) {
            sbuf_printf(&out, "%s%s=", before, fault_key_table[i].name);
            before = " ";
        }
    }
    return ERR_INVALID;
}

static int fail_text(struct fault_rule_error *error, const char *name, const char *text)
{
    struct sbuf out;

    start_error(error, &out);
    sbuf_printf(&out, "%s%s", name, text);
    return ERR_INVALID;
}

static int fail_value(struct fault_rule_error *error, const struct fault_key *key)
{
    struct sbuf out;

    start_error(error, &out);
    sbuf_printf(&out, "%s= takes %s", key->name, key->takes);
    return ERR_INVALID;
}

/* ---- lines ---- */

/* False at the end of the line, or where a remark begins. */
static bool next_word(struct span *line, struct span *word)
{
    size_t len = 0;

    *line = span_trim(*line);
    if (line->len > 0 && line->ptr[0] == '#') {
        line->len = 0;
    }
    while (len < line->len && line->ptr[len] != ' ' && line->ptr[len] != '\t') {
        len++;
    }
    *word = span_slice(*line, 0, len);
    *line = span_slice(*line, len, line->len);
    return len > 0;
}

static int read_pair(struct span word, struct fault_rule *rule, uint32_t *seen,
                     struct fault_rule_error *error)
{
    const struct kind *kind = &kinds[rule->kind];
    size_t name_len = span_find(word, '=');
    struct span name = span_slice(word, 0, name_len);

    for (size_t i = 0; name_len < word.len && i < FAULT_KEYS; i++) {
        if ((kind->keys & 1u << i) == 0 ||
            !span_equal_str(name, fault_key_table[i].name)) {
            continue;
        }
        if ((*seen & 1u << i) != 0) {
            return fail_text(error, fault_key_table[i].name, "= is given twice");
        }
        *seen |= 1u << i;
        return fault_key_table[i].read(span_slice(word, name_len + 1, word.len), rule)
                   ? 0
                   : fail_value(error, &fault_key_table[i]);
    }
    return fail_key(error, kind, name);
}

/* What the keys mean together. */
static int check_rule(const struct fault_rule *rule, struct fault_rule_error *error)
{
    bool is_answer = rule->kind == FAULT_KIND_STATUS || rule->kind == FAULT_KIND_SOAP;

    if (is_answer && (rule->op_mask & 1u << LATENCY_OP_DIGEST) != 0) {
        return fail_text(error, fault_rule_kind_name(rule->kind),
                         " has no op=digest: that is a page of HTTP's own");
    }
    if (rule->kind == FAULT_KIND_SILENCE && rule->every_us != 0 &&
        (rule->time_us == 0 || rule->time_us >= rule->every_us)) {
        return fail_text(error, "", "every= needs a time= that is shorter");
    }
    if (rule->kind == FAULT_KIND_SILENCE && rule->every_us == 0 && rule->count != 0) {
        return fail_text(error, "", "count= of silence needs every=");
    }
    return 0;
}

int fault_rule_parse(struct span line, struct fault_rule *rule,
                     struct fault_rule_error *error)
{
    struct fault_rule made;
    struct span word;
    uint32_t seen = 0;
    size_t kind = 0;
    int result;

    (void)next_word(&line, &word);
    while (kind < FAULT_KIND_COUNT && !span_equal_str(word, kinds[kind].name)) {
        kind++;
    }
    if (kind == FAULT_KIND_COUNT) {
        return fail_kind(error, word);
    }
    made = kinds[kind].plain;
    while (next_word(&line, &word)) {
        result = read_pair(word, &made, &seen, error);
        if (result < 0) {
            return result;
        }
    }
    result = check_rule(&made, error);
    if (result == 0) {
        *rule = made;
    }
    return result;
}

void fault_rule_write(const struct fault_rule *rule, struct sbuf *out)
{
    const struct kind *kind = &kinds[rule->kind];

    sbuf_put_str(out, kind->name);
    for (size_t i = 0; i < FAULT_KEYS; i++) {
        uint8_t text[2][VALUE_CAP];
        struct sbuf value;
        struct sbuf plain;

        if ((kind->keys & 1u << i) == 0) {
            continue;
        }
        sbuf_init(&value, text[0], sizeof(text[0]));
        sbuf_init(&plain, text[1], sizeof(text[1]));
        fault_key_table[i].write(rule, &value);
        fault_key_table[i].write(&kind->plain, &plain);
        if ((kind->shown_keys & 1u << i) != 0 ||
            !span_equal(sbuf_span(&value), sbuf_span(&plain))) {
            sbuf_printf(out, " %s=", fault_key_table[i].name);
            sbuf_put(out, sbuf_span(&value));
        }
    }
}
