/* SPDX-License-Identifier: ISC */
/* fault/fault_rule.c, fault_key.c: lines to rules, back, and what is said of bad ones. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "fault/fault_rule.h"
#include "latency/latency_op.h"

static struct fault_rule rule;
static struct fault_rule_error error;

static void parse(const char *line)
{
    memset(&rule, 0xee, sizeof(rule));
    if (fault_rule_parse(span_str(line), &rule, &error) != 0) {
        fail_msg("%s: %s", line, error.text);
    }
}

static const char *written(void)
{
    static char text[FAULT_RULE_LINE_CAP];
    struct sbuf out;

    sbuf_init(&out, text, sizeof(text));
    fault_rule_write(&rule, &out);
    assert_true(sbuf_terminate(&out) >= 0);
    return text;
}

static void test_kinds_without_keys(void **state)
{
    static const struct {
        const char *line;
        const char *written;
        enum fault_kind kind;
    } cases[] = {
        {"drop", "drop", FAULT_KIND_DROP},
        {"delay", "delay time=200ms", FAULT_KIND_DELAY},
        {"close", "close after=400", FAULT_KIND_CLOSE},
        {"truncate", "truncate after=400", FAULT_KIND_TRUNCATE},
        {"status", "status number=1", FAULT_KIND_STATUS},
        {"soap", "soap fault=InternalError", FAULT_KIND_SOAP},
        {"http", "http number=503", FAULT_KIND_HTTP},
        {"hang", "hang", FAULT_KIND_HANG},
        {"asleep", "asleep", FAULT_KIND_ASLEEP},
        {"silence", "silence", FAULT_KIND_SILENCE},
    };

    (void)state;
    assert_int_equal(sizeof(cases) / sizeof(cases[0]), FAULT_KIND_COUNT);
    for (size_t i = 0; i < FAULT_KIND_COUNT; i++) {
        parse(cases[i].line);
        assert_int_equal(rule.kind, cases[i].kind);
        assert_int_equal(rule.share, FAULT_RULE_SHARE_ALL);
        assert_int_equal(rule.count, 0);
        assert_int_equal(rule.seed, 0);
        assert_int_equal(rule.op_mask, 0);
        assert_string_equal(rule.class_name, "");
        assert_int_equal(rule.way, FAULT_WAY_BOTH);
        assert_string_equal(written(), cases[i].written);
        assert_string_equal(fault_rule_kind_name(rule.kind), cases[i].line);
    }
}

static void test_values(void **state)
{
    (void)state;
    parse("drop share=2.5% way=in count=7 seed=18446744073709551615");
    assert_int_equal(rule.share, 25000);
    assert_int_equal(rule.way, FAULT_WAY_IN);
    assert_int_equal(rule.count, 7);
    assert_true(rule.seed == UINT64_MAX);
    parse("delay time=1.5s way=out");
    assert_int_equal(rule.time_us, 1500000);
    assert_int_equal(rule.way, FAULT_WAY_OUT);
    parse("delay time=20us way=both");
    assert_int_equal(rule.time_us, 20);
    parse("close after=0 op=get,pull class=CIM_Processor");
    assert_int_equal(rule.after, 0);
    assert_int_equal(rule.op_mask, 1u << LATENCY_OP_GET | 1u << LATENCY_OP_PULL);
    assert_string_equal(rule.class_name, "CIM_Processor");
    parse("truncate port=16993 after=4294967295");
    assert_int_equal(rule.port, 16993);
    assert_true(rule.after == UINT32_MAX);
    parse("status number=2058 op=method");
    assert_int_equal(rule.number, 2058);
    parse("soap fault=accessdenied");
    assert_string_equal(rule.soap, "AccessDenied"); /* as WS-Management writes it */
    parse("http number=400");
    assert_int_equal(rule.number, 400);
    parse("http number=599 op=digest");
    assert_int_equal(rule.op_mask, 1u << LATENCY_OP_DIGEST);
    parse("\t silence  time=20s\tevery=1min count=3 \r\n");
    assert_int_equal(rule.time_us, 20000000);
    assert_int_equal(rule.every_us, 60000000);
    assert_int_equal(rule.count, 3);
    parse("drop share=0.0001%");
    assert_int_equal(rule.share, 1);
    parse("drop share=99.9999%");
    assert_int_equal(rule.share, 999999);
}

/* What is written reads as the same rule. */
static void test_round_trip(void **state)
{
    static const char *const lines[] = {
        "drop way=in share=10% count=3 seed=9",
        "drop share=0.0001%",
        "drop share=33.3333%",
        "drop share=12.05%",
        "delay time=250us way=out",
        "delay time=1500ms",
        "delay time=86400s",
        "close after=0 op=get,pull class=CIM_Processor share=50%",
        "truncate port=16993 after=12",
        "status number=36 op=put,method",
        "soap fault=QuotaLimit op=enumerate class=CIM_Chip count=1",
        "http number=503 "
        "op=digest,identify,get,put,enumerate,association,pull,method,power",
        "hang op=power",
        "asleep",
        "silence time=20s every=60s count=2",
        "silence time=20s",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct fault_rule first;

        parse(lines[i]);
        assert_string_equal(written(), lines[i]);
        first = rule;
        parse(written());
        assert_memory_equal(&rule, &first, sizeof(rule));
    }
}

static void test_longest_line(void **state)
{
    char line[512];
    char name[FAULT_RULE_CLASS_CAP];

    (void)state;
    memset(name, 'a', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    snprintf(line, sizeof(line),
             "soap fault=FilterDialectRequestedUnavailable"
             " op=identify,get,put,enumerate,association,pull,method,power"
             " class=%s share=99.9999%% count=4294967295 seed=18446744073709551615",
             name);
    parse(line);
    assert_string_equal(written(), line);
    assert_true(strlen(line) < FAULT_RULE_LINE_CAP);
}

static const struct {
    const char *line;
    const char *error;
} bad_lines[] = {
    {"", "no kind of fault is given"},
    {" \t", "no kind of fault is given"},
    {"dropp", "'dropp' is no kind of fault (FAULT.md lists them)"},
    {"\x1b[2Jx", "'?[2Jx' is no kind of fault (FAULT.md lists them)"},
    {"abcdefghijklmnopqrstuvwxyz",
     "'abcdefghijklmnopqrstuvwx...' is no kind of fault (FAULT.md lists them)"},
    {"drop op=get", "drop takes no 'op'; it takes way= share= count= seed="},
    {"drop share", "drop takes no 'share'; it takes way= share= count= seed="},
    {"drop =1", "drop takes no ''; it takes way= share= count= seed="},
    {"delay after=1", "delay takes no 'after'; it takes time= way= share= count= seed="},
    {"hang number=1", "hang takes no 'number'; it takes op= class= share= count= seed="},
    {"asleep share=1%", "asleep takes no 'share'"},
    {"silence seed=1", "silence takes no 'seed'; it takes time= every= count="},
    {"close abcdefghijklmnopqrstuvwxyz=",
     "close takes no 'abcdefghijklmnopqrstuvwx...'; it takes after= op= class= "
     "share= "
     "count= seed="},
    {"drop share=10", "share= takes 0.0001% to 100%"},
    {"drop share=%", "share= takes 0.0001% to 100%"},
    {"drop share=", "share= takes 0.0001% to 100%"},
    {"drop share=0%", "share= takes 0.0001% to 100%"},
    {"drop share=0.00001%", "share= takes 0.0001% to 100%"},
    {"drop share=100.0001%", "share= takes 0.0001% to 100%"},
    {"drop share=101%", "share= takes 0.0001% to 100%"},
    {"drop share=-1%", "share= takes 0.0001% to 100%"},
    {"drop share=1.%", "share= takes 0.0001% to 100%"},
    {"drop share=.5%", "share= takes 0.0001% to 100%"},
    {"drop share=1.2.3%", "share= takes 0.0001% to 100%"},
    {"drop share=1% share=1%", "share= is given twice"},
    {"drop way=up", "way= takes in, out or both"},
    {"drop count=0", "count= takes 1 to 4294967295"},
    {"drop count=4294967296", "count= takes 1 to 4294967295"},
    {"drop seed=18446744073709551616", "seed= takes 0 to 18446744073709551615"},
    {"delay time=5", "time= takes a time up to a day, e.g. 200ms or 1.5s"},
    {"delay time=ms", "time= takes a time up to a day, e.g. 200ms or 1.5s"},
    {"delay time=0ms", "time= takes a time up to a day, e.g. 200ms or 1.5s"},
    {"delay time=86401s", "time= takes a time up to a day, e.g. 200ms or 1.5s"},
    {"delay time=1.1234567s", "time= takes a time up to a day, e.g. 200ms or 1.5s"},
    {"delay time=5h", "time= takes a time up to a day, e.g. 200ms or 1.5s"},
    {"close after=-1", "after= takes bytes, 0 to 4294967295"},
    {"close after=4294967296", "after= takes bytes, 0 to 4294967295"},
    {"truncate port=0", "port= takes 1 to 65535"},
    {"truncate port=65536", "port= takes 1 to 65535"},
    {"status number=0", "number= takes 1 to 4294967295"},
    {"http number=399", "number= takes 400 to 599"},
    {"http number=600", "number= takes 400 to 599"},
    {"soap fault=Nonsense", "fault= takes a fault of FAULT.md, e.g. AccessDenied"},
    {"soap fault=", "fault= takes a fault of FAULT.md, e.g. AccessDenied"},
    {"hang op=", "op= takes operations of FAULT.md with commas, e.g. get,pull"},
    {"hang op=get,", "op= takes operations of FAULT.md with commas, e.g. get,pull"},
    {"hang op=get,,put", "op= takes operations of FAULT.md with commas, e.g. get,pull"},
    {"hang op=pull-item", "op= takes operations of FAULT.md with commas, e.g. get,pull"},
    {"hang class=", "class= takes a class, e.g. CIM_Processor"},
    {"hang class=a/b", "class= takes a class, e.g. CIM_Processor"},
    {"status op=digest", "status has no op=digest: that is a page of HTTP's own"},
    {"soap op=get,digest", "soap has no op=digest: that is a page of HTTP's own"},
    {"silence every=60s", "every= needs a time= that is shorter"},
    {"silence time=60s every=60s", "every= needs a time= that is shorter"},
    {"silence time=20s count=2", "count= of silence needs every="},
};

static void test_errors(void **state)
{
    struct fault_rule before;

    (void)state;
    memset(&rule, 0x5a, sizeof(rule));
    before = rule;
    for (size_t i = 0; i < sizeof(bad_lines) / sizeof(bad_lines[0]); i++) {
        memset(&error, 0xff, sizeof(error));
        assert_int_equal(fault_rule_parse(span_str(bad_lines[i].line), &rule, &error),
                         ERR_INVALID);
        assert_string_equal(error.text, bad_lines[i].error);
    }
    assert_memory_equal(&rule, &before, sizeof(rule));
}

static void test_class_too_long(void **state)
{
    char line[128] = "hang class=";

    (void)state;
    memset(line + strlen(line), 'a', FAULT_RULE_CLASS_CAP);
    assert_int_equal(fault_rule_parse(span_str(line), &rule, &error), ERR_INVALID);
    line[strlen(line) - 1] = '\0';
    assert_int_equal(fault_rule_parse(span_str(line), &rule, &error), 0);
}

static void test_soap_names_fit(void **state)
{
    const char *name;
    size_t count = 0;

    (void)state;
    while ((name = fault_rule_soap_name(count)) != NULL) {
        assert_true(strlen(name) < FAULT_RULE_SOAP_CAP);
        count++;
    }
    assert_int_equal(count, 16);
}

static void test_remarks(void **state)
{
    (void)state;
    parse("drop way=in # out");
    assert_string_equal(written(), "drop way=in");
    parse("hang #");
    assert_int_equal(fault_rule_parse(span_str("hang op=#"), &rule, &error), ERR_INVALID);
    assert_int_equal(fault_rule_parse(span_str("# hang"), &rule, &error), ERR_INVALID);
    assert_string_equal(error.text, "no kind of fault is given");
}

/* Its examples are rules, and it names all kinds and SOAP faults. */
static void test_document(void **state)
{
    static char text[32 * 1024];
    char word[64];
    const char *name;
    char *examples;
    FILE *file = fopen("firmware/fault/FAULT.md", "r");
    size_t len;

    (void)state;
    if (file == NULL) {
        skip(); /* not run from the top of the tree */
        return;
    }
    len = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[len] = '\0';
    for (unsigned kind = 0; kind < FAULT_KIND_COUNT; kind++) {
        snprintf(word, sizeof(word), "\n| `%s` | ",
                 fault_rule_kind_name((enum fault_kind)kind));
        assert_non_null(strstr(text, word));
    }
    for (size_t i = 0; (name = fault_rule_soap_name(i)) != NULL; i++) {
        snprintf(word, sizeof(word), "`%s`", name);
        assert_non_null(strstr(text, word));
    }
    examples = strstr(text, "## Examples");
    assert_non_null(examples);
    (void)strtok(examples, "\n");
    for (char *line = strtok(NULL, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        parse(line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds_without_keys),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_longest_line),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_class_too_long),
        cmocka_unit_test(test_soap_names_fit),
        cmocka_unit_test(test_remarks),
        cmocka_unit_test(test_document),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
