/* SPDX-License-Identifier: ISC */
/* fault/fault.c: which rule hits what, when it is over, and what the log says. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/log.h"
#include "config.h"
#include "fault/fault.h"

static char lines[64 * 1024];
static size_t lines_len;

static void keep_line(struct span line)
{
    assert_true(line.len < sizeof(lines) - lines_len);
    memcpy(lines + lines_len, line.ptr, line.len);
    lines_len += line.len;
    lines[lines_len] = '\0';
}

static uint64_t now_us(void)
{
    return 0;
}

static const struct log_sink sink = {keep_line, now_us};

static unsigned logged(const char *text)
{
    unsigned count = 0;

    for (const char *at = strstr(lines, text); at != NULL; at = strstr(at + 1, text)) {
        count++;
    }
    return count;
}

static int reset(void **state)
{
    (void)state;
    log_init(&sink);
    lines_len = 0;
    lines[0] = '\0';
    fault_start();
    return 0;
}

static unsigned bad_line;
static struct fault_rule_error error;

static void use(const char *text)
{
    if (fault_use(span_str(text), &bad_line, &error) != 0) {
        fail_msg("line %u: %s", bad_line, error.text);
    }
}

/* The kind that hits, or FAULT_KIND_COUNT. */
static enum fault_kind ask(enum latency_op op, const char *class_name)
{
    struct fault_request request = {.op = op, .class_name = span_str(class_name)};
    const struct fault_rule *rule = fault_hit_request(&request);

    return rule != NULL ? rule->kind : FAULT_KIND_COUNT;
}

static void assert_nothing(void)
{
    uint64_t us = 1;
    uint32_t after = 77;

    assert_int_equal(ask(LATENCY_OP_GET, "CIM_Chip"), FAULT_KIND_COUNT);
    assert_false(fault_drops_frame(FAULT_WAY_IN, &us));
    assert_int_equal(us, 0);
    assert_false(fault_truncates(16992, &after));
    assert_int_equal(after, 77);
    assert_false(fault_is_asleep());
    assert_false(fault_is_silent(5, &us));
    assert_true(us == UINT64_MAX);
    assert_int_equal(fault_count(), 0);
}

static void test_nothing_unless_asked(void **state)
{
    (void)state;
    assert_nothing();
    use("");
    assert_nothing();
    use("\n# a remark\n\n");
    assert_nothing();
    assert_int_equal(lines_len, 0); /* nothing changed */
    use("drop\nhang\ntruncate\nasleep\nsilence\n");
    assert_int_equal(fault_count(), 5);
    use("");
    assert_nothing();
    assert_int_equal(logged("none injected"), 1);
    use("drop\nhang\ntruncate\nasleep\nsilence\n");
    fault_start();
    assert_nothing();
}

static void test_bad_text_changes_nothing(void **state)
{
    (void)state;
    use("hang");
    assert_int_equal(
        fault_use(span_str("drop\n\n# x\nstatus number=x\n"), &bad_line, &error),
        ERR_INVALID);
    assert_int_equal(bad_line, 4);
    assert_string_equal(error.text, "number= takes 1 to 4294967295");
    assert_int_equal(fault_count(), 1);
    assert_int_equal(ask(LATENCY_OP_GET, ""), FAULT_KIND_HANG);
}

static void test_too_many_rules(void **state)
{
    char text[CONFIG_FAULT_RULES * 8 + 16] = "";

    (void)state;
    for (unsigned i = 0; i < CONFIG_FAULT_RULES; i++) {
        strcat(text, "drop\n");
    }
    use(text);
    assert_int_equal(fault_count(), CONFIG_FAULT_RULES);
    strcat(text, "hang\n");
    assert_int_equal(fault_use(span_str(text), &bad_line, &error), ERR_FULL);
    assert_int_equal(bad_line, CONFIG_FAULT_RULES + 1);
    assert_string_equal(error.text, "more than 16 rules");
    assert_int_equal(ask(LATENCY_OP_GET, ""), FAULT_KIND_COUNT);
}

static void test_which_requests(void **state)
{
    (void)state;
    use("http number=503 op=get,put class=CIM_Chip");
    assert_int_equal(ask(LATENCY_OP_GET, "CIM_Chip"), FAULT_KIND_HTTP);
    assert_int_equal(ask(LATENCY_OP_PUT, "cim_chip"), FAULT_KIND_HTTP);
    assert_int_equal(ask(LATENCY_OP_PULL, "CIM_Chip"), FAULT_KIND_COUNT);
    assert_int_equal(ask(LATENCY_OP_GET, "CIM_Processor"), FAULT_KIND_COUNT);
    assert_int_equal(ask(LATENCY_OP_GET, ""), FAULT_KIND_COUNT);
    assert_int_equal(logged("rule 1: http, hit 1: get CIM_Chip"), 1);
    assert_int_equal(logged("rule 1: http, hit 2: put cim_chip"), 1);
    assert_int_equal(logged(" hit "), 2);
    use("close");
    for (unsigned op = 0; op < LATENCY_OP_COUNT; op++) {
        assert_int_equal(ask((enum latency_op)op, ""), FAULT_KIND_CLOSE);
    }
}

/* Pages of HTTP's own are no answers of WS-Management. */
static void test_digest(void **state)
{
    (void)state;
    use("status count=1\nsoap count=1\nhttp count=1\nclose count=1\nhang count=1\ndrop");
    assert_int_equal(ask(LATENCY_OP_DIGEST, ""), FAULT_KIND_HTTP);
    assert_int_equal(ask(LATENCY_OP_DIGEST, ""), FAULT_KIND_CLOSE);
    assert_int_equal(ask(LATENCY_OP_DIGEST, ""), FAULT_KIND_HANG);
    assert_int_equal(ask(LATENCY_OP_DIGEST, ""), FAULT_KIND_COUNT);
    assert_int_equal(ask(LATENCY_OP_GET, ""), FAULT_KIND_STATUS);
    assert_int_equal(ask(LATENCY_OP_GET, ""), FAULT_KIND_SOAP);
    assert_int_equal(ask(LATENCY_OP_GET, ""), FAULT_KIND_COUNT);
}

static void test_first_rule_decides_and_ends(void **state)
{
    (void)state;
    use("status count=2\nsoap count=1\nhang");
    assert_int_equal(fault_count(), 3);
    assert_int_equal(ask(LATENCY_OP_GET, ""), FAULT_KIND_STATUS);
    assert_int_equal(ask(LATENCY_OP_GET, ""), FAULT_KIND_STATUS);
    assert_int_equal(fault_count(), 2);
    assert_int_equal(ask(LATENCY_OP_GET, ""), FAULT_KIND_SOAP);
    assert_int_equal(ask(LATENCY_OP_GET, ""), FAULT_KIND_HANG);
    assert_int_equal(ask(LATENCY_OP_GET, ""), FAULT_KIND_HANG);
    assert_int_equal(fault_count(), 1);
    use("status count=2\nsoap count=1\nhang"); /* hits from zero */
    assert_int_equal(ask(LATENCY_OP_GET, ""), FAULT_KIND_STATUS);
}

static unsigned draw_pattern(const char *text, char *pattern, unsigned count)
{
    unsigned hits = 0;

    use(text);
    for (unsigned i = 0; i < count; i++) {
        bool is_hit = ask(LATENCY_OP_GET, "") != FAULT_KIND_COUNT;

        pattern[i] = is_hit ? 'x' : '.';
        hits += is_hit;
    }
    pattern[count] = '\0';
    return hits;
}

static void test_shares_and_seeds(void **state)
{
    char first[1001];
    char second[1001];
    char third[1001];
    unsigned hits;

    (void)state;
    hits = draw_pattern("hang share=10% seed=1", first, 1000);
    assert_in_range(hits, 70, 130);
    draw_pattern("hang share=10% seed=1", second, 1000);
    assert_string_equal(first, second);
    draw_pattern("hang share=10% seed=2", third, 1000);
    assert_string_not_equal(first, third);
    /* requests that it is not for, and other rules, do not disturb it */
    use("drop share=50% seed=1\nhang op=get share=10% seed=1");
    for (unsigned i = 0; i < 1000; i++) {
        uint64_t us;

        ask(LATENCY_OP_PUT, "");
        (void)fault_drops_frame(FAULT_WAY_IN, &us);
        assert_int_equal(first[i],
                         ask(LATENCY_OP_GET, "") == FAULT_KIND_HANG ? 'x' : '.');
    }
    /* a larger share hits where a smaller one does, and elsewhere */
    draw_pattern("hang share=40% seed=1", second, 1000);
    for (unsigned i = 0; i < 1000; i++) {
        assert_true(first[i] == '.' || second[i] == 'x');
    }
}

/* Decisions are the same in all builds and versions, for test runs are repeated by seed.
 * This was calculated by another program: SipHash-2-4 of n under the seed, modulo a
 * million. */
static void test_decisions_are_fixed(void **state)
{
    char pattern[41];

    (void)state;
    draw_pattern("hang share=25% seed=42", pattern, 40);
    assert_string_equal(pattern, ".....xx..x..xx.xx....x....x..x...x.x....");
    /* the first of them is 790062 */
    draw_pattern("hang share=79.0062% seed=42", pattern, 1);
    assert_string_equal(pattern, ".");
    draw_pattern("hang share=79.0063% seed=42", pattern, 1);
    assert_string_equal(pattern, "x");
}

static void test_frames(void **state)
{
    uint64_t us = 1;

    (void)state;
    use("drop way=in count=2\ndelay time=5ms");
    assert_true(fault_drops_frame(FAULT_WAY_IN, &us));
    assert_int_equal(us, 0);
    assert_false(fault_drops_frame(FAULT_WAY_OUT, &us));
    assert_int_equal(us, 5000);
    assert_true(fault_drops_frame(FAULT_WAY_IN, &us));
    assert_false(fault_drops_frame(FAULT_WAY_IN, &us));
    assert_int_equal(us, 5000);
    use("delay way=out time=1ms\ndrop");
    assert_false(fault_drops_frame(FAULT_WAY_OUT, &us));
    assert_int_equal(us, 1000);
    assert_true(fault_drops_frame(FAULT_WAY_IN, &us));
}

/* A line for each would drown the log, and the log may leave as frames. */
static void test_frames_are_logged_sparingly(void **state)
{
    uint64_t us;

    (void)state;
    use("drop share=50%");
    for (unsigned i = 0; i < 700; i++) {
        (void)fault_drops_frame(FAULT_WAY_IN, &us);
    }
    assert_int_equal(logged(" frames"), 9); /* 1, 2, 4, ... 256 */
    assert_int_equal(logged("rule 1: drop, 256 of "), 1);
}

static void test_truncation(void **state)
{
    uint32_t after = 0;

    (void)state;
    use("truncate port=16993 after=40 count=1\ntruncate after=7");
    assert_true(fault_truncates(16992, &after));
    assert_int_equal(after, 7);
    assert_true(fault_truncates(16993, &after));
    assert_int_equal(after, 40);
    assert_true(fault_truncates(16993, &after));
    assert_int_equal(after, 7);
    assert_int_equal(logged("truncate, hit 1: port 16993 after 40 bytes"), 1);
    assert_int_equal(logged("truncate, hit "), 3);
}

static void test_asleep(void **state)
{
    (void)state;
    use("asleep");
    assert_true(fault_is_asleep());
    assert_true(fault_is_asleep());
    assert_int_equal(logged("rule 1: asleep"), 2); /* the rule, and that it hits */
    assert_int_equal(fault_count(), 1);
}

static void check_silence(uint64_t at_us, bool is_silent, uint64_t until_us)
{
    uint64_t until;

    assert_int_equal(fault_is_silent(at_us, &until), is_silent);
    assert_true(until == until_us);
}

static void test_silence_for_ever(void **state)
{
    (void)state;
    use("silence");
    check_silence(1000, true, UINT64_MAX);
    check_silence(UINT64_MAX - 1, true, UINT64_MAX);
    assert_int_equal(logged("silence begins"), 1);
    assert_int_equal(fault_count(), 1);
}

static void test_silence_once(void **state)
{
    (void)state;
    use("silence time=20s");
    check_silence(5000000, true, 25000000);
    check_silence(24999999, true, 25000000);
    check_silence(25000000, false, UINT64_MAX);
    check_silence(99000000, false, UINT64_MAX);
    assert_int_equal(logged("silence begins"), 1);
    assert_int_equal(logged("silence ends"), 1);
    assert_int_equal(fault_count(), 0);
}

static void test_silence_in_periods(void **state)
{
    (void)state;
    use("silence time=20s every=60s");
    check_silence(5000000, true, 25000000);
    check_silence(25000000, false, 65000000);
    check_silence(64999999, false, 65000000);
    check_silence(65000000, true, 85000000);
    check_silence(85000000, false, 125000000);
    check_silence(5000000 + 60000000ull * 1000, true, 25000000 + 60000000ull * 1000);
    use("silence time=20s every=60s count=2");
    check_silence(7000000, true, 27000000);
    check_silence(30000000, false, 67000000);
    check_silence(67000000, true, 87000000);
    assert_int_equal(fault_count(), 1);
    check_silence(87000000, false, UINT64_MAX);
    assert_int_equal(fault_count(), 0);
    check_silence(127000000, false, UINT64_MAX);
    check_silence(200000000, false, UINT64_MAX);
}

static void test_two_silences(void **state)
{
    (void)state;
    use("silence time=10s\nsilence time=1s every=4s");
    check_silence(0, true, 1000000);
    check_silence(1000000, true, 4000000);
    check_silence(9500000, true, 10000000);
    check_silence(10000000, false, 12000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_nothing_unless_asked, reset),
        cmocka_unit_test_setup(test_bad_text_changes_nothing, reset),
        cmocka_unit_test_setup(test_too_many_rules, reset),
        cmocka_unit_test_setup(test_which_requests, reset),
        cmocka_unit_test_setup(test_digest, reset),
        cmocka_unit_test_setup(test_first_rule_decides_and_ends, reset),
        cmocka_unit_test_setup(test_shares_and_seeds, reset),
        cmocka_unit_test_setup(test_decisions_are_fixed, reset),
        cmocka_unit_test_setup(test_frames, reset),
        cmocka_unit_test_setup(test_frames_are_logged_sparingly, reset),
        cmocka_unit_test_setup(test_truncation, reset),
        cmocka_unit_test_setup(test_asleep, reset),
        cmocka_unit_test_setup(test_silence_for_ever, reset),
        cmocka_unit_test_setup(test_silence_once, reset),
        cmocka_unit_test_setup(test_silence_in_periods, reset),
        cmocka_unit_test_setup(test_two_silences, reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
