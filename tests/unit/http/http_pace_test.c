/* SPDX-License-Identifier: ISC */
/* http/http_session.c and http_pace.c: replies wait for the time of the latency model. */
#include "unit.h"

#include "config.h"
#include "fake_board.h"
#include "http_slow.h"
#include "latency/latency.h"

static struct fake_conn *const one = &http_slow_one;
static struct fake_conn *const two = &http_slow_two;

static void test_native_waits_for_nothing(void **state)
{
    struct latency_profile native;

    (void)state;
    latency_profile_init(&native);
    latency_use(&native);
    http_slow_ask(one, "a");
    assert_non_null(strstr(fake_conn_text(one), "0001\r\na\r\n0\r\n\r\n"));
    http_slow_ask_without_login(two);
    assert_non_null(strstr(fake_conn_text(two), "401 "));
    assert_int_equal(latency_count().replies, 0);
}

static void test_reply_waits(void **state)
{
    (void)state;
    http_slow_ask(one, "a");
    assert_int_equal(http_world.calls, 1); /* the work is done at once */
    assert_true(one->conn.deadline_us == fake_board.now_us + HTTP_SLOW_GET_MS * 1000);
    http_slow_expect(one, HTTP_SLOW_GET_MS, "HTTP/1.1 200 ");
    assert_false(one->is_closing);
    assert_int_equal(latency_count().replies, 1);
    assert_int_equal(latency_count().late, 0);
    http_slow_ask(one, "b"); /* the connection goes on */
    http_slow_expect(one, HTTP_SLOW_GET_MS, "HTTP/1.1 200 ");
    assert_int_equal(latency_count().replies, 2);
}

/* The time counts from the end of the request, not of its head. */
static void test_slow_body_costs_nothing(void **state)
{
    const char *request = http_world_request("POST", "/wsman", "", "hello");
    size_t len = strlen(request);

    (void)state;
    fake_conn_push(one, request, len - 1);
    fake_conn_wait(one, 5000);
    fake_conn_push(one, request + len - 1, 1);
    http_slow_expect(one, HTTP_SLOW_GET_MS, "HTTP/1.1 200 ");
}

/* The firmware's own work is inside the modelled time, to the microsecond. */
static void test_work_is_inside(void **state)
{
    uint64_t begin_us = fake_board.now_us;

    (void)state;
    http_world.work_us = HTTP_SLOW_GET_MS * 1000 - 1;
    http_slow_ask(one, "a");
    assert_int_equal(one->out_len, 0);
    assert_true(one->conn.deadline_us == begin_us + HTTP_SLOW_GET_MS * 1000);
    fake_board.now_us++;
    fake_conn_wait(one, 0);
    assert_int_not_equal(one->out_len, 0);
    http_world.work_us = HTTP_SLOW_GET_MS * 1000; /* just in time */
    http_slow_ask(two, "b");
    assert_int_not_equal(two->out_len, 0);
    assert_int_equal(latency_count().replies, 2);
    assert_int_equal(latency_count().late, 0);
}

static void test_two_connections_queue(void **state)
{
    (void)state;
    http_slow_ask(one, "a");
    fake_board.now_us += 40000;
    http_slow_ask(two, "b");
    http_slow_expect(one, HTTP_SLOW_GET_MS - 40, "HTTP/1.1 200 ");
    http_slow_expect(two, HTTP_SLOW_GET_MS, "HTTP/1.1 200 ");
    /* idle again: the next one does not pay for them */
    fake_board.now_us += 1000000;
    http_slow_ask(one, "c");
    http_slow_expect(one, HTTP_SLOW_GET_MS, "HTTP/1.1 200 ");
}

/* Who answers later has its place in the queue from the moment it was asked. */
static void test_pending_handler_keeps_its_place(void **state)
{
    (void)state;
    http_world.mode = HTTP_WORLD_LATER;
    http_slow_ask(one, "a");
    http_world.mode = HTTP_WORLD_ECHO;
    http_slow_ask(two, "b");
    assert_true(two->conn.deadline_us == fake_board.now_us + 2 * HTTP_SLOW_GET_MS * 1000);
    fake_conn_wait(one, 60);
    http_world_reply("now");
    assert_int_equal(one->out_len, 0);
    http_slow_expect(one, HTTP_SLOW_GET_MS - 60, "HTTP/1.1 200 ");
    http_slow_expect(two, HTTP_SLOW_GET_MS, "HTTP/1.1 200 ");
    assert_int_equal(latency_count().late, 0);
}

/* A reply that takes longer than its time leaves when it is there, and is counted. */
static void test_late_handler(void **state)
{
    (void)state;
    http_world.mode = HTTP_WORLD_LATER;
    http_slow_ask(one, "a");
    fake_conn_wait(one, HTTP_SLOW_GET_MS + 250);
    http_world_reply("now");
    assert_memory_equal(fake_conn_text(one), "HTTP/1.1 200 ", 13);
    assert_int_equal(latency_count().replies, 1);
    assert_int_equal(latency_count().late, 1);
    assert_int_equal(latency_count().worst_late_us, 250000);
}

static void test_items_of_a_pull(void **state)
{
    (void)state;
    http_world.job = (struct latency_job){.op = LATENCY_OP_PULL, .items = 4};
    http_slow_ask(one, "a");
    http_slow_expect(one, HTTP_SLOW_PULL_MS + 4 * HTTP_SLOW_ITEM_MS, "HTTP/1.1 200 ");
}

/* Minutes are longer than any deadline of the other states. */
static void test_long_delay(void **state)
{
    (void)state;
    http_world.job.op = LATENCY_OP_POWER;
    http_slow_ask(one, "a");
    for (unsigned s = 1; s < HTTP_SLOW_POWER_MS / 1000; s++) {
        fake_conn_wait(one, 1000);
        assert_int_equal(one->out_len, 0);
    }
    http_slow_expect(one, 1000, "HTTP/1.1 200 ");
    fake_conn_wait(one,
                   CONFIG_HTTP_IDLE_MS - 1); /* the idle time begins with the reply */
    assert_false(one->is_closing);
    fake_conn_wait(one, 1);
    assert_true(one->is_closing);
}

static void test_pages_wait(void **state)
{
    (void)state;
    http_slow_ask_without_login(one);
    http_slow_expect(one, HTTP_SLOW_DIGEST_MS, "HTTP/1.1 401 ");
    fake_conn_push_text(two, "nonsense\r\n\r\n");
    http_slow_expect(two, HTTP_SLOW_DIGEST_MS, "HTTP/1.1 400 ");
    assert_true(two->conn.deadline_us <= fake_board.now_us + CONFIG_HTTP_DRAIN_MS * 1000);
    assert_int_equal(latency_count().replies, 2);
}

static void test_page_after_a_reply_waits(void **state)
{
    (void)state;
    fake_conn_push_text(one, http_world_request("GET", "/both", "", ""));
    http_slow_expect(one, HTTP_SLOW_GET_MS, "HTTP/1.1 200 ");
    fake_conn_clear(one);
    fake_conn_push_text(one, http_world_request("DELETE", "/both", "", ""));
    http_slow_expect(one, HTTP_SLOW_DIGEST_MS, "HTTP/1.1 405 ");
}

static void test_page_for_a_bad_body_waits(void **state)
{
    static char text[8192];

    (void)state;
    strcpy(text, http_world_request("POST", "/wsman", "", ""));
    strcpy(strstr(text, "Content-Length"), "Transfer-Encoding: chunked\r\n\r\nx");
    fake_conn_push_text(one, text);
    http_slow_expect(one, HTTP_SLOW_DIGEST_MS, "HTTP/1.1 400 ");
}

static void test_page_for_want_of_room_waits(void **state)
{
    static struct fake_conn more[CONFIG_HTTP_ANON_COUNT];

    (void)state;
    http_world.mode = HTTP_WORLD_LATER;
    for (unsigned i = 0; i < CONFIG_HTTP_ANON_COUNT; i++) {
        assert_int_equal(fake_conn_open(&more[i]), 0);
        fake_conn_push_text(&more[i], "POST /anon HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    fake_conn_wait(one,
                   CONFIG_NET_CONN_COUNT * HTTP_SLOW_GET_MS); /* all have been idle */
    fake_conn_push_text(one, "POST /anon HTTP/1.1\r\nHost: a\r\n\r\n");
    http_slow_expect(one, HTTP_SLOW_DIGEST_MS, "HTTP/1.1 503 ");
    for (unsigned i = 0; i < CONFIG_HTTP_ANON_COUNT; i++) {
        fake_conn_drop(&more[i]);
    }
}

/* What is late anyway does not wait, and the time of nobody's reply is not counted. */
static void test_pages_for_slow_ones_do_not_wait(void **state)
{
    (void)state;
    fake_conn_push_text(one, "POST /wsman HTTP/1.1\r\n");
    fake_conn_wait(one, CONFIG_HTTP_HEAD_MS);
    assert_memory_equal(fake_conn_text(one), "HTTP/1.1 408 ", 13);
    http_world.mode = HTTP_WORLD_LATER;
    http_world.job.op = LATENCY_OP_POWER;
    http_slow_ask(two, "a");
    fake_conn_wait(two, CONFIG_HTTP_HANDLER_MS);
    assert_memory_equal(fake_conn_text(two), "HTTP/1.1 503 ", 13);
    assert_int_equal(http_world.cancels, 1);
    assert_int_equal(latency_count().replies, 0);
}

static void test_continue_does_not_wait(void **state)
{
    const char *request = http_world_request("POST", "/wsman", "Expect: 100-continue\r\n",
                                             "body");
    size_t len = strlen(request);

    (void)state;
    fake_conn_push(one, request, len - 4);
    assert_string_equal(fake_conn_text(one), "HTTP/1.1 100 Continue\r\n\r\n");
    fake_conn_push(one, request + len - 4, 4);
    http_slow_expect(one, HTTP_SLOW_GET_MS, "HTTP/1.1 200 ");
}

static void test_overflow_waits(void **state)
{
    (void)state;
    http_world.mode = HTTP_WORLD_OVERFLOW;
    http_slow_ask(one, "a");
    http_slow_expect(one, HTTP_SLOW_GET_MS, "HTTP/1.1 500 ");
}

static void test_half_close_while_waiting(void **state)
{
    (void)state;
    http_slow_ask(one, "a");
    fake_conn_end(one);
    assert_false(one->is_closing);
    http_slow_expect(one, HTTP_SLOW_GET_MS, "HTTP/1.1 200 ");
    fake_conn_wait(one, 20);
    assert_true(one->is_closing);
    http_slow_ask_without_login(two);
    fake_conn_end(two);
    http_slow_expect(two, HTTP_SLOW_DIGEST_MS, "HTTP/1.1 401 ");
    assert_true(two->is_closing);
}

static void test_client_goes_while_waiting(void **state)
{
    (void)state;
    http_slow_ask(one, "a");
    http_slow_ask_without_login(two);
    assert_int_equal(http_slow_in_use("http_slots"), 1);
    fake_conn_drop(one);
    fake_conn_drop(two);
    assert_int_equal(http_slow_in_use("http_slots"), 0);
    assert_int_equal(http_slow_in_use("http_sessions"), 0);
    assert_int_equal(http_world.cancels, 0); /* the handler had done its part */
    assert_int_equal(latency_count().replies, 0);
}

static void test_pipelined_while_waiting(void **state)
{
    (void)state;
    http_slow_ask(one, "a");
    http_slow_ask(one, "b");
    assert_int_equal(http_world.calls, 1);
    http_slow_expect(one, HTTP_SLOW_GET_MS, "HTTP/1.1 200 ");
    assert_int_equal(http_world.calls, 2);
    http_slow_expect(one, HTTP_SLOW_GET_MS, "HTTP/1.1 200 ");
}

static void test_no_room_when_it_is_time(void **state)
{
    (void)state;
    one->room = 0;
    http_slow_ask(one, "a");
    fake_conn_wait(one, HTTP_SLOW_GET_MS);
    assert_int_equal(one->out_len, 0);
    fake_conn_wait(one, 50);
    fake_conn_make_room(one, 20);
    assert_int_equal(one->out_len, 20);
    fake_conn_wait(one, 500); /* the rest is the network's time */
    fake_conn_make_room(one, SIZE_MAX);
    assert_memory_equal(fake_conn_text(one), "HTTP/1.1 200 ", 13);
    assert_int_equal(latency_count().replies, 1);
    assert_int_equal(latency_count().worst_late_us, 50000);
}

static void test_new_profile_while_waiting(void **state)
{
    struct latency_profile native;

    (void)state;
    http_slow_ask(one, "a");
    latency_profile_init(&native);
    latency_use(&native);
    http_slow_expect(one, HTTP_SLOW_GET_MS, "HTTP/1.1 200 "); /* as it was promised */
    fake_conn_clear(one);
    http_slow_ask(one, "b");
    assert_memory_equal(fake_conn_text(one), "HTTP/1.1 200 ", 13);
}

#define checked(test) \
    cmocka_unit_test_setup_teardown(test, http_slow_open, http_slow_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        checked(test_native_waits_for_nothing),
        checked(test_reply_waits),
        checked(test_slow_body_costs_nothing),
        checked(test_work_is_inside),
        checked(test_two_connections_queue),
        checked(test_pending_handler_keeps_its_place),
        checked(test_late_handler),
        checked(test_items_of_a_pull),
        checked(test_long_delay),
        checked(test_pages_wait),
        checked(test_page_after_a_reply_waits),
        checked(test_page_for_a_bad_body_waits),
        checked(test_page_for_want_of_room_waits),
        checked(test_pages_for_slow_ones_do_not_wait),
        checked(test_continue_does_not_wait),
        checked(test_overflow_waits),
        checked(test_half_close_while_waiting),
        checked(test_client_goes_while_waiting),
        checked(test_pipelined_while_waiting),
        checked(test_no_room_when_it_is_time),
        checked(test_new_profile_while_waiting),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
