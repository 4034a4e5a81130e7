/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as a list of fault rules. A line that is a rule is written as one that reads
 * the same; any other is told why in printable words. Rules in force are asked all that
 * can be asked. /
 */
#include <stdlib.h>
#include <string.h>

#include "fault/fault.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void check_error(const struct fault_rule_error *error)
{
    require(memchr(error->text, '\0', sizeof(error->text)) != NULL);
    require(error->text[0] != '\0');
    for (const char *at = error->text; *at != '\0'; at++) {
        require(*at >= ' ' && *at < 0x7f);
    }
}

static void check_line(struct span line)
{
    struct fault_rule rule;
    struct fault_rule again;
    struct fault_rule_error error;
    uint8_t text[FAULT_RULE_LINE_CAP];
    struct sbuf out;

    memset(&rule, 0, sizeof(rule));
    memset(&again, 0, sizeof(again));
    memset(&error, 0xff, sizeof(error));
    if (fault_rule_parse(line, &rule, &error) != 0) {
        check_error(&error);
        return;
    }
    require(rule.share > 0 && rule.share <= FAULT_RULE_SHARE_ALL);
    require(memchr(rule.class_name, '\0', sizeof(rule.class_name)) != NULL);
    require(memchr(rule.soap, '\0', sizeof(rule.soap)) != NULL);
    sbuf_init(&out, text, sizeof(text));
    fault_rule_write(&rule, &out);
    require(!out.overflow);
    require(fault_rule_parse(sbuf_span(&out), &again, &error) == 0);
    require(memcmp(&rule, &again, sizeof(rule)) == 0);
}

static void ask_all(void)
{
    uint64_t now_us = 0;
    uint64_t us;
    uint32_t after;

    for (unsigned n = 0; n < 50; n++) {
        struct fault_request request = {.op = (enum latency_op)(n % LATENCY_OP_COUNT),
                                        .class_name = span_str("CIM_Chip")};
        bool is_silent = fault_is_silent(now_us, &us);

        require(us > now_us);
        require(fault_is_silent(now_us, &us) == is_silent);
        now_us = us == UINT64_MAX ? now_us : us;
        (void)fault_hit_request(&request);
        require(!fault_drops_frame(FAULT_WAY_IN, &us) || us == 0);
        (void)fault_drops_frame(FAULT_WAY_OUT, &us);
        (void)fault_truncates(16992, &after);
        (void)fault_is_asleep();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = span_of(data, size);
    struct fault_rule_error error;
    unsigned line;

    fault_start();
    memset(&error, 0xff, sizeof(error));
    if (fault_use(text, &line, &error) < 0) {
        check_error(&error);
        require(line > 0 && fault_count() == 0);
    } else {
        ask_all();
    }
    while (text.len > 0) {
        size_t len = span_find(text, '\n');

        check_line(span_slice(text, 0, len));
        text = span_slice(text, len + 1, text.len);
    }
    return 0;
}
