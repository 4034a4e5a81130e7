/* SPDX-License-Identifier: ISC */
/* http/http_session.c and http_pace.c: injected faults, in replies and in HTTP's own
 * pages. */
#include "unit.h"

#include "fake_board.h"
#include "fault/fault.h"
#include "http_slow.h"
#include "latency/latency.h"

static struct fake_conn *const one = &http_slow_one;
static struct fake_conn *const two = &http_slow_two;

static void use_fault(const char *text)
{
    struct fault_rule_error error;
    unsigned line;

    assert_int_equal(fault_use(span_str(text), &line, &error), 0);
}

static void suffer(enum http_fault_kind kind, uint32_t number)
{
    http_world.fault = (struct http_fault){.kind = kind, .number = number};
}

static void test_page_instead_of_the_reply(void **state)
{
    (void)state;
    suffer(HTTP_FAULT_PAGE, 503);
    http_slow_ask(one, "a");
    http_slow_expect(one, HTTP_SLOW_GET_MS, "HTTP/1.1 503 Service Unavailable\r\n");
    assert_non_null(strstr(fake_conn_text(one), "</html>"));
    assert_true(one->is_closing);
    suffer(HTTP_FAULT_NONE, 0);
    http_slow_ask(two, "a");
    http_slow_expect(two, HTTP_SLOW_GET_MS, "HTTP/1.1 200 ");
}

static void test_close_in_the_middle(void **state)
{
    (void)state;
    suffer(HTTP_FAULT_CLOSE, 40);
    http_slow_ask(one, "a");
    http_slow_expect(one, HTTP_SLOW_GET_MS, "HTTP/1.1 200 ");
    assert_int_equal(one->out_len, 40);
    assert_true(one->is_closing);
    assert_false(one->is_aborted);
    assert_null(strstr(fake_conn_text(one), "Connection: close")); /* nobody knew */
    assert_int_equal(http_slow_in_use("http_slots"), 0);
}

static void test_close_before_the_first_byte(void **state)
{
    (void)state;
    suffer(HTTP_FAULT_CLOSE, 0);
    http_slow_ask(one, "a");
    fake_conn_wait(one, HTTP_SLOW_GET_MS);
    assert_int_equal(one->out_len, 0);
    assert_true(one->is_closing);
}

/* More bytes than the reply has: all of it, and then a close that was not announced. */
static void test_close_after_the_reply(void **state)
{
    (void)state;
    suffer(HTTP_FAULT_CLOSE, 100000);
    http_slow_ask(one, "a");
    http_slow_expect(one, HTTP_SLOW_GET_MS, "HTTP/1.1 200 ");
    assert_non_null(strstr(fake_conn_text(one), "0001\r\na\r\n0\r\n\r\n"));
    assert_true(one->is_closing);
}

static void test_hang(void **state)
{
    (void)state;
    suffer(HTTP_FAULT_HANG, 0);
    http_slow_ask(one, "a");
    assert_int_equal(http_slow_in_use("http_slots"), 0);
    assert_true(one->conn.deadline_us == UINT64_MAX);
    fake_conn_wait(one, 24 * 3600 * 1000);
    assert_int_equal(one->out_len, 0);
    assert_false(one->is_closing);
    fake_conn_push_text(one, "more"); /* stays unread */
    assert_int_equal(one->in_len, 4);
    http_slow_ask(two, "b");
    assert_int_equal(two->out_len, 0);
    fake_conn_end(one);
    assert_true(one->is_closing);
    assert_int_equal(one->out_len, 0);
}

/* Nobody waits in the queue behind a request that is never answered. */
static void test_hang_takes_no_time(void **state)
{
    (void)state;
    suffer(HTTP_FAULT_HANG, 0);
    http_slow_ask(one, "a");
    suffer(HTTP_FAULT_NONE, 0);
    http_slow_ask(two, "b");
    http_slow_expect(two, HTTP_SLOW_GET_MS, "HTTP/1.1 200 ");
}

static void test_fault_of_a_pending_handler(void **state)
{
    (void)state;
    http_world.mode = HTTP_WORLD_LATER;
    suffer(HTTP_FAULT_CLOSE, 20);
    http_slow_ask(one, "a");
    use_fault(""); /* what was decided stays */
    fake_conn_wait(one, HTTP_SLOW_GET_MS);
    http_world_reply("late");
    assert_int_equal(one->out_len, 20);
    assert_true(one->is_closing);
}

static void test_fault_is_for_one_request(void **state)
{
    (void)state;
    suffer(HTTP_FAULT_CLOSE, 100000);
    http_world.mode = HTTP_WORLD_LATER;
    http_slow_ask(one, "a");
    http_world.kept->fault.kind = HTTP_FAULT_NONE;
    http_world_reply("x");
    http_slow_expect(one, HTTP_SLOW_GET_MS, "HTTP/1.1 200 ");
    suffer(HTTP_FAULT_NONE, 0);
    http_world.mode = HTTP_WORLD_ECHO;
    http_slow_ask(one, "b");
    http_slow_expect(one, HTTP_SLOW_GET_MS, "HTTP/1.1 200 ");
    assert_false(one->is_closing);
}

static void test_http_fault_of_a_page(void **state)
{
    (void)state;
    use_fault("http number=502 op=digest count=1");
    http_slow_ask_without_login(one);
    http_slow_expect(one, HTTP_SLOW_DIGEST_MS, "HTTP/1.1 502 ");
    http_slow_ask_without_login(two);
    http_slow_expect(two, HTTP_SLOW_DIGEST_MS, "HTTP/1.1 401 ");
}

static void test_close_fault_of_a_page(void **state)
{
    (void)state;
    use_fault("close after=30");
    http_slow_ask_without_login(one);
    http_slow_expect(one, HTTP_SLOW_DIGEST_MS, "HTTP/1.1 401 ");
    assert_int_equal(one->out_len, 30);
    assert_true(one->is_closing);
    use_fault("");
    http_slow_ask_without_login(two);
    http_slow_expect(two, HTTP_SLOW_DIGEST_MS, "HTTP/1.1 401 ");
    assert_true(two->out_len > 30);
}

static void test_hang_fault_of_a_page(void **state)
{
    (void)state;
    use_fault("hang op=digest");
    http_slow_ask_without_login(one);
    fake_conn_push_text(two, "nonsense\r\n\r\n");
    assert_true(latency_busy_until() <= fake_board.now_us); /* nobody waits for them */
    fake_conn_wait(one, 24 * 3600 * 1000);
    assert_int_equal(one->out_len, 0);
    assert_int_equal(two->out_len, 0);
    fake_conn_end(one);
    assert_true(one->is_closing);
    fake_conn_drop(two);
    assert_int_equal(fake_conn_open(two), 0);
    use_fault("");
    http_slow_ask_without_login(two);
    http_slow_expect(two, HTTP_SLOW_DIGEST_MS, "HTTP/1.1 401 ");
}

/* Rules of other layers and of other operations leave pages alone. */
static void test_other_faults_leave_pages_alone(void **state)
{
    (void)state;
    use_fault("status\nsoap\ndrop\nhttp op=get\nclose class=CIM_Chip");
    http_slow_ask_without_login(one);
    http_slow_expect(one, HTTP_SLOW_DIGEST_MS, "HTTP/1.1 401 ");
    assert_non_null(strstr(fake_conn_text(one), "</html>"));
}

#define checked(test) \
    cmocka_unit_test_setup_teardown(test, http_slow_open, http_slow_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        checked(test_page_instead_of_the_reply),
        checked(test_close_in_the_middle),
        checked(test_close_before_the_first_byte),
        checked(test_close_after_the_reply),
        checked(test_hang),
        checked(test_hang_takes_no_time),
        checked(test_fault_of_a_pending_handler),
        checked(test_fault_is_for_one_request),
        checked(test_http_fault_of_a_page),
        checked(test_close_fault_of_a_page),
        checked(test_hang_fault_of_a_page),
        checked(test_other_faults_leave_pages_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
