/* SPDX-License-Identifier: ISC */
/* base/log.c: one clean line per event. */
#include "unit.h"

#include "base/log.h"
#include "config.h"

static uint8_t last[CONFIG_LOG_LINE_CAP + 1];
static size_t last_len;
static unsigned forwarded;

static void take_line(struct span line)
{
    assert_true(line.len <= CONFIG_LOG_LINE_CAP);
    memcpy(last, line.ptr, line.len);
    last_len = line.len;
}

static uint64_t fixed_time(void)
{
    return 12345678;
}

static void count_line(enum log_level level, struct span line)
{
    (void)level;
    (void)line;
    forwarded++;
}

static const struct log_sink sink = {take_line, fixed_time};

static void test_line_form_and_control_characters(void **state)
{
    static const char expected[] = "[   12.345] http: warning: evil?[2Jname?\n";

    (void)state;
    log_init(&sink);
    log_warn("http", "evil%sname%c", "\x1b[2J", '\n');
    assert_int_equal(last_len, sizeof(expected) - 1);
    assert_memory_equal(last, expected, last_len);
}

static void test_levels_and_forwarding(void **state)
{
    (void)state;
    log_init(&sink);
    log_set_forward(count_line);
    last_len = 0;
    log_debug("x", "quiet");
    assert_int_equal(last_len, 0);
    log_info("x", "heard");
    log_error("x", "heard");
    assert_int_equal(forwarded, 2);
    log_set_forward(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_line_form_and_control_characters),
        cmocka_unit_test(test_levels_and_forwarding),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
