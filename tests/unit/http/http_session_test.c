/* SPDX-License-Identifier: ISC */
/* http/http_session.c: requests and replies on one healthy connection. */
#include "unit.h"

#include "base/pool.h"
#include "config.h"
#include "fake_board.h"
#include "http_world.h"

static struct fake_conn c;

static int set_up(void **state)
{
    (void)state;
    http_world_start();
    assert_int_equal(fake_conn_open(&c), 0);
    return 0;
}

/* After every test all pools are empty. */
static int tear_down(void **state)
{
    (void)state;
    fake_conn_drop(&c);
    for (const struct pool *p = pool_first(); p != NULL; p = p->next) {
        assert_int_equal(p->in_use, 0);
    }
    return 0;
}

static void assert_reply(const char *status, const char *end)
{
    const char *reply = fake_conn_text(&c);
    size_t len = strlen(end);

    assert_memory_equal(reply, status, strlen(status));
    assert_true(strlen(reply) >= len);
    assert_string_equal(reply + strlen(reply) - len, end);
}

static void test_post_with_login(void **state)
{
    (void)state;
    fake_conn_push_text(&c, http_world_request("POST", "/wsman", "", "<Envelope/>"));
    assert_reply("HTTP/1.1 200 OK\r\nDate: ",
                 "Transfer-Encoding: chunked\r\n\r\n000B\r\n<Envelope/>\r\n0\r\n\r\n");
    assert_false(c.is_closing);
}

static void test_byte_by_byte(void **state)
{
    const char *request = http_world_request("POST", "/wsman", "", "hello");

    (void)state;
    for (const char *at = request; *at != '\0'; at++) {
        assert_int_equal(c.out_len, 0);
        fake_conn_push(&c, at, 1);
    }
    assert_reply("HTTP/1.1 200 ", "0005\r\nhello\r\n0\r\n\r\n");
}

static void test_chunked_request(void **state)
{
    static char text[8192];
    char *at;

    (void)state;
    strcpy(text, http_world_request("POST", "/wsman", "", ""));
    at = strstr(text, "Content-Length: 0");
    assert_non_null(at);
    strcpy(at, "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x\r\nde\r\n0\r\n\r\n");
    fake_conn_push_text(&c, text);
    assert_reply("HTTP/1.1 200 ", "0005\r\nabcde\r\n0\r\n\r\n");
}

static void test_keep_alive_and_pipelining(void **state)
{
    static char text[16384] = "";
    const char *reply;

    (void)state;
    http_world.mode = HTTP_WORLD_LATER;
    strcat(text, http_world_request("POST", "/wsman", "", "one"));
    strcat(text, http_world_request("POST", "/wsman", "", "two"));
    strcat(text, http_world_request("GET", "/both?x=1", "", ""));
    fake_conn_push_text(&c, text);
    assert_int_equal(http_world.calls, 1); /* one at a time */
    assert_true(span_equal_str(http_world.kept->body, "one"));
    http_world_reply("1");
    fake_conn_push(&c, "", 0);
    assert_int_equal(http_world.calls, 2);
    assert_true(span_equal_str(http_world.kept->body, "two"));
    http_world_reply("2");
    fake_conn_push(&c, "", 0);
    assert_int_equal(http_world.calls, 3);
    assert_true(span_equal_str(http_world.kept->query, "x=1"));
    http_world_reply("");
    reply = strstr(fake_conn_text(&c), "0001\r\n1\r\n0\r\n\r\nHTTP/1.1 200 ");
    assert_non_null(reply);
    assert_non_null(strstr(reply, "0001\r\n2\r\n0\r\n\r\nHTTP/1.1 200 "));
    assert_reply("HTTP/1.1 200 ", "chunked\r\n\r\n0\r\n\r\n");
    assert_false(c.is_closing);
}

static void check_view(struct http_exchange *x)
{
    assert_true(span_equal_str(x->method, "POST"));
    assert_true(span_equal_str(x->path, "/wsman"));
    assert_true(span_equal_str(x->user, "admin"));
    assert_true(span_equal_str(http_route_header(x, "x-test"), "yes"));
    assert_null(http_route_header(x, "Content-Type").ptr);
    assert_int_equal(x->conn->local_port, 16992);
    assert_int_equal(x->arrival_us, fake_board.now_us);
}

static void test_what_a_handler_sees(void **state)
{
    (void)state;
    http_world.mode = HTTP_WORLD_LATER;
    fake_conn_push_text(&c, http_world_request("POST", "/wsman", "X-Test: yes\r\n", "b"));
    check_view(http_world.kept);
    http_world_reply("ok");
}

static void test_fault_closes(void **state)
{
    (void)state;
    http_world.mode = HTTP_WORLD_FAULT;
    fake_conn_push_text(&c, http_world_request("POST", "/wsman", "", "x"));
    assert_reply("HTTP/1.1 400 Bad Request\r\nDate: ",
                 "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                 "0005\r\nfault\r\n0\r\n\r\n");
    assert_true(c.is_closing);
}

static void test_connection_close_and_http_1_0(void **state)
{
    static char text[8192];

    (void)state;
    fake_conn_push_text(
        &c, http_world_request("POST", "/wsman", "Connection: close\r\n", "x"));
    assert_reply("HTTP/1.1 200 ", "Connection: close\r\n\r\n0001\r\nx\r\n0\r\n\r\n");
    assert_true(c.is_closing);
    fake_conn_drop(&c);
    assert_int_equal(fake_conn_open(&c), 0);
    strcpy(text, http_world_request("POST", "/wsman", "", "old"));
    strstr(text, "HTTP/1.1")[7] = '0';
    fake_conn_push_text(&c, text);
    assert_reply("HTTP/1.1 200 ", "Content-Length: 3\r\nConnection: close\r\n\r\nold");
    assert_true(c.is_closing);
}

static void test_expect_continue(void **state)
{
    static char text[8192];
    char *body;

    (void)state;
    strcpy(text,
           http_world_request("POST", "/wsman", "Expect: 100-continue\r\n", "body"));
    body = strstr(text, "\r\n\r\n") + 4;
    fake_conn_push(&c, text, (size_t)(body - text));
    assert_string_equal(fake_conn_text(&c), "HTTP/1.1 100 Continue\r\n\r\n");
    fake_conn_clear(&c);
    fake_conn_push_text(&c, body);
    assert_reply("HTTP/1.1 200 ", "0004\r\nbody\r\n0\r\n\r\n");
    fake_conn_clear(&c);
    /* Not before the login: the body need not come at all. */
    fake_conn_push_text(&c, "POST /wsman HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
                            "Content-Length: 5\r\n\r\n");
    assert_reply("HTTP/1.1 401 ", "</html>");
    assert_null(strstr(fake_conn_text(&c), "100 Continue"));
}

static void test_large_bodies_and_small_send_buffer(void **state)
{
    static char body[CONFIG_HTTP_BODY_CAP];
    size_t turns = 0;

    (void)state;
    memset(body, 'b', sizeof(body) - 1);
    body[60000] = '\0';
    c.room = 100;
    fake_conn_push_text(&c, http_world_request("POST", "/wsman", "", body));
    while (c.room == 0) {
        fake_conn_make_room(&c, 1000);
        fake_conn_wait(&c, CONFIG_HTTP_WRITE_MS - 1); /* slow, but it moves */
        turns++;
        assert_true(turns < 100);
    }
    assert_reply("HTTP/1.1 200 ", "b\r\n0\r\n\r\n");
    assert_true(c.out_len > 60000);
    assert_non_null(strstr(fake_conn_text(&c), "\r\n\r\nEA60\r\nbbb"));
    assert_false(c.is_closing || c.is_aborted);
}

static void test_reply_sizes(void **state)
{
    (void)state;
    http_world.mode = HTTP_WORLD_FULL;
    fake_conn_push_text(&c, http_world_request("POST", "/wsman", "", ""));
    assert_non_null(strstr(fake_conn_text(&c), "\r\n\r\nFFFF\r\nxxx"));
    assert_reply("HTTP/1.1 200 ", "x\r\n0\r\n\r\n");
    fake_conn_clear(&c);
    http_world.mode = HTTP_WORLD_OVERFLOW;
    fake_conn_push_text(&c, http_world_request("POST", "/wsman", "", ""));
    assert_reply("HTTP/1.1 500 ", "</html>");
    assert_true(c.is_closing);
}

static void test_half_closed_client_gets_its_reply(void **state)
{
    (void)state;
    http_world.mode = HTTP_WORLD_LATER;
    fake_conn_push_text(&c, http_world_request("POST", "/wsman", "", "x"));
    fake_conn_end(&c);
    assert_false(c.is_closing);
    http_world_reply("late");
    assert_reply("HTTP/1.1 200 ", "0004\r\nlate\r\n0\r\n\r\n");
    fake_conn_wait(&c, 100);
    assert_true(c.is_closing);
}

static void test_client_gone_cancels_once(void **state)
{
    (void)state;
    http_world.mode = HTTP_WORLD_LATER;
    fake_conn_push_text(&c, http_world_request("POST", "/wsman", "", "x"));
    fake_conn_drop(&c);
    assert_int_equal(http_world.cancels, 1);
    assert_null(http_world.kept);
}

int main(void)
{
#define SESSION_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        SESSION_TEST(test_post_with_login),
        SESSION_TEST(test_byte_by_byte),
        SESSION_TEST(test_chunked_request),
        SESSION_TEST(test_keep_alive_and_pipelining),
        SESSION_TEST(test_what_a_handler_sees),
        SESSION_TEST(test_fault_closes),
        SESSION_TEST(test_connection_close_and_http_1_0),
        SESSION_TEST(test_expect_continue),
        SESSION_TEST(test_large_bodies_and_small_send_buffer),
        SESSION_TEST(test_reply_sizes),
        SESSION_TEST(test_half_closed_client_gets_its_reply),
        SESSION_TEST(test_client_gone_cancels_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
