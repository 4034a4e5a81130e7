/* SPDX-License-Identifier: ISC */
/* http/http_session.c against strangers, slow clients, floods and ambiguous requests. */
#include "unit.h"

#include "base/err.h"
#include "base/pool.h"
#include "base/util.h"
#include "config.h"
#include "fake_board.h"
#include "http_world.h"

static struct fake_conn c;
static struct fake_conn many[CONFIG_NET_CONN_COUNT + 1];

static int set_up(void **state)
{
    (void)state;
    http_world_start();
    assert_int_equal(fake_conn_open(&c), 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fake_conn_drop(&c);
    for (size_t i = 0; i < UTIL_COUNT(many); i++) {
        fake_conn_drop(&many[i]);
    }
    for (const struct pool *p = pool_first(); p != NULL; p = p->next) {
        assert_int_equal(p->in_use, 0);
    }
    return 0;
}

static void assert_status(struct fake_conn *conn, const char *status)
{
    assert_memory_equal(fake_conn_text(conn), "HTTP/1.1 ", 9);
    assert_memory_equal(fake_conn_text(conn) + 9, status, 3);
}

/* Sends a request on a connection of its own and expects a page with this status. */
static void assert_answer(const char *request, const char *status)
{
    fake_conn_drop(&c);
    assert_int_equal(fake_conn_open(&c), 0);
    fake_conn_push_text(&c, request);
    assert_status(&c, status);
    assert_string_equal(fake_conn_text(&c) + c.out_len - 7, "</html>");
    if (!c.is_closing) { /* the rest of it is read over, not for ever */
        fake_conn_wait(&c, CONFIG_HTTP_DRAIN_MS);
    }
    assert_true(c.is_closing);
    assert_int_equal(http_world.calls, 0);
}

#define HOST "Host: a\r\n"

static void test_status_pages(void **state)
{
    static char big[CONFIG_HTTP_HEAD_CAP + 100];
    static const char start[] = "GET / HTTP/1.1\r\nX: ";

    (void)state;
    assert_answer("POST /wsman HTTP/1.1\r\n" HOST "\r\n", "401");
    assert_answer("POST /wsman HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n", "401");
    assert_answer("GET /wsman HTTP/1.1\r\n" HOST "\r\n", "401");
    assert_answer("GET / HTTP/1.1\r\n" HOST "\r\n", "401");
    assert_answer("BREW /pot HTTP/1.1\r\n" HOST "\r\n", "401");
    assert_answer("GET /anon HTTP/1.1\r\n" HOST "\r\n", "405");
    assert_answer("OPTIONS /anon HTTP/1.1\r\n" HOST "\r\n", "405");
    assert_non_null(strstr(fake_conn_text(&c), "\r\nAllow: POST\r\n"));
    assert_answer("POST /anon HTTP/1.1\r\n" HOST "Content-Length: 65537\r\n\r\n", "413");
    assert_answer("POST /anon HTTP/1.1\r\n" HOST
                  "Transfer-Encoding: chunked\r\n\r\n10001\r\n",
                  "413");
    assert_answer("POST /anon HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\nx",
                  "400");
    assert_answer("POST /anon HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip\r\n\r\n",
                  "501");
    assert_answer("GET / HTTP/2.0\r\n", "505");
    assert_answer("\x16\x03\x01\x02", "400"); /* TLS on the plain port */
    assert_answer("GET /\r\n", "400");
    memset(big, 'x', sizeof(big) - 1);
    memcpy(big, start, sizeof(start) - 1);
    assert_answer(big, "431");
}

static void test_method_after_login(void **state)
{
    (void)state;
    assert_answer(http_world_request("PUT", "/both", "", ""), "405");
    assert_non_null(strstr(fake_conn_text(&c), "\r\nAllow: POST, GET\r\n"));
}

/* Which pages there are is for those who have logged in. */
static void test_unknown_path_after_login(void **state)
{
    (void)state;
    assert_answer(http_world_request("GET", "/nowhere", "", ""), "404");
}

static void test_answers_to_head_have_no_body(void **state)
{
    (void)state;
    fake_conn_push_text(&c, "HEAD / HTTP/1.1\r\n" HOST "\r\n");
    assert_status(&c, "401");
    assert_string_equal(fake_conn_text(&c) + c.out_len - 4, "\r\n\r\n");
    assert_null(strstr(fake_conn_text(&c), "<html>"));
    assert_true(c.is_closing);
}

/* CVE-2017-5689 through the whole server. */
static void test_empty_response_is_401(void **state)
{
    static char text[8192];
    char *at;

    (void)state;
    strcpy(text, http_world_request("POST", "/wsman", "", "x"));
    at = strstr(text, "response=\"") + 10;
    memmove(at, at + 32, strlen(at + 32) + 1);
    assert_answer(text, "401");
}

static void test_two_authorizations_are_nobodys(void **state)
{
    static char header[4096];
    const char *good = http_world_request("POST", "/wsman", "", "");
    const char *start = strstr(good, "Authorization:");
    size_t len = (size_t)(strstr(start, "\r\n") + 2 - start);

    (void)state;
    memcpy(header, start, len);
    header[len] = '\0';
    assert_answer(http_world_request("POST", "/wsman", header, ""), "401");
}

/* The second "request" inside the ambiguous one must never be served. */
static void test_smuggling(void **state)
{
    static const char inner[] = "POST /anon HTTP/1.1\r\n" HOST
                                "Content-Length: 0\r\n\r\n";
    static const char *const framings[] = {
        "Content-Length: 0\r\nContent-Length: 60\r\n\r\n",
        "Content-Length: 60\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
        "Content-Length: 0\rX: y\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n0\n\r\n"};
    char text[512];

    (void)state;
    for (size_t i = 0; i < UTIL_COUNT(framings); i++) {
        strcpy(text, "POST /anon HTTP/1.1\r\n" HOST);
        strcat(text, framings[i]);
        strcat(text, inner);
        assert_answer(text, "400");
        assert_null(strstr(fake_conn_text(&c) + 1, "HTTP/1.1 "));
    }
}

/* The 401 goes out at once, and the body that is still coming does not reset it away. */
static void test_refused_body_is_drained(void **state)
{
    static char chunk[1000];

    (void)state;
    memset(chunk, 'x', sizeof(chunk));
    fake_conn_push_text(&c,
                        "POST /wsman HTTP/1.1\r\n" HOST "Content-Length: 60000\r\n\r\n");
    assert_status(&c, "401");
    for (int i = 0; i < 60; i++) {
        assert_false(c.is_closing);
        fake_conn_push(&c, chunk, sizeof(chunk));
    }
    assert_true(c.is_closing);
    assert_int_equal(c.in_len, 0);
    fake_conn_drop(&c);
    assert_int_equal(fake_conn_open(&c), 0);
    fake_conn_push_text(&c, "POST /wsman HTTP/1.1\r\n" HOST
                            "Content-Length: 9999999\r\n\r\n");
    assert_status(&c, "401");
    for (int i = 0; i < CONFIG_HTTP_DRAIN_CAP / 1000 + 1; i++) {
        fake_conn_push(&c, chunk, sizeof(chunk));
    }
    assert_true(c.is_closing);
}

static void test_slow_head(void **state)
{
    uint64_t waited = 0;

    (void)state;
    fake_conn_push_text(&c, "POST /wsman HTTP/1.1\r\n");
    while (c.out_len == 0) {
        fake_conn_push_text(&c, "X: y\r\n");
        fake_conn_wait(&c, 1000);
        waited += 1000;
        assert_true(waited <= CONFIG_HTTP_HEAD_MS);
    }
    assert_status(&c, "408");
    fake_conn_wait(&c, CONFIG_HTTP_DRAIN_MS);
    assert_true(c.is_closing);
}

static void test_slow_body(void **state)
{
    uint64_t waited = 0;

    (void)state;
    fake_conn_push_text(&c,
                        "POST /anon HTTP/1.1\r\n" HOST "Content-Length: 5000\r\n\r\n");
    while (c.out_len == 0) {
        fake_conn_push_text(&c, "x");
        fake_conn_wait(&c, 1000);
        waited += 1000;
        assert_true(waited <= CONFIG_HTTP_BODY_MS);
    }
    assert_status(&c, "408");
}

static void test_idle_connections_go_quietly(void **state)
{
    (void)state;
    fake_conn_wait(&c, CONFIG_HTTP_HEAD_MS); /* never said a word: sooner */
    assert_true(c.is_closing);
    assert_int_equal(c.out_len, 0);
    fake_conn_drop(&c);
    assert_int_equal(fake_conn_open(&c), 0);
    fake_conn_push_text(&c, http_world_request("POST", "/wsman", "", "x"));
    fake_conn_clear(&c);
    fake_conn_wait(&c, CONFIG_HTTP_IDLE_MS - 1);
    assert_false(c.is_closing);
    fake_conn_wait(&c, 1);
    assert_true(c.is_closing);
    assert_int_equal(c.out_len, 0);
}

static void test_client_that_does_not_read(void **state)
{
    (void)state;
    c.room = 50;
    fake_conn_push_text(&c, http_world_request("POST", "/wsman", "", "x"));
    fake_conn_wait(&c, CONFIG_HTTP_WRITE_MS - 1);
    assert_false(c.is_aborted);
    fake_conn_wait(&c, 1);
    assert_true(c.is_aborted);
}

static void test_handler_that_does_not_answer(void **state)
{
    (void)state;
    http_world.mode = HTTP_WORLD_LATER;
    fake_conn_push_text(&c, http_world_request("POST", "/wsman", "", "x"));
    fake_conn_wait(&c, CONFIG_HTTP_HANDLER_MS);
    assert_int_equal(http_world.cancels, 1);
    assert_status(&c, "503");
    assert_true(c.is_closing);
}

static void test_sixteen_clients_and_one_more(void **state)
{
    static const struct fake_conn *const last = &many[CONFIG_NET_CONN_COUNT];

    (void)state;
    fake_conn_drop(&c);
    for (size_t i = 0; i < CONFIG_NET_CONN_COUNT; i++) {
        assert_int_equal(fake_conn_open(&many[i]), 0);
    }
    assert_int_equal(fake_conn_open(&many[CONFIG_NET_CONN_COUNT]), ERR_FULL);
    assert_true(span_starts_with(last->conn.handler->refusal, "HTTP/1.1 503 "));
    for (int turn = 0; turn < 3; turn++) {
        for (size_t i = 0; i < CONFIG_NET_CONN_COUNT; i++) {
            fake_conn_clear(&many[i]);
            fake_conn_push_text(&many[i], http_world_request("POST", "/wsman", "", "x"));
            assert_status(&many[i], "200");
        }
    }
    assert_int_equal(http_world.calls, 3 * CONFIG_NET_CONN_COUNT);
    fake_conn_drop(&many[0]);
    assert_int_equal(fake_conn_open(&many[CONFIG_NET_CONN_COUNT]), 0);
}

/* Each connection can wait for its handler at the same time. */
static void test_exchanges_never_run_out(void **state)
{
    (void)state;
    http_world.mode = HTTP_WORLD_LATER;
    for (size_t i = 1; i < CONFIG_NET_CONN_COUNT; i++) { /* `c` is one, too */
        assert_int_equal(fake_conn_open(&many[i]), 0);
        fake_conn_push_text(&many[i], http_world_request("POST", "/wsman", "", "x"));
        assert_int_equal(many[i].out_len, 0);
    }
    fake_conn_push_text(&c, http_world_request("POST", "/wsman", "", "x"));
    assert_int_equal(c.out_len, 0);
    assert_int_equal(http_world.calls, CONFIG_NET_CONN_COUNT);
    http_world_reply("last");
    assert_status(&c, "200");
}

/* Strangers cannot hold the exchanges that people with a login need. */
static void test_strangers_share_a_few_exchanges(void **state)
{
    (void)state;
    for (size_t i = 0; i < CONFIG_HTTP_ANON_COUNT + 1; i++) {
        assert_int_equal(fake_conn_open(&many[i]), 0);
        fake_conn_push_text(&many[i],
                            "POST /anon HTTP/1.1\r\n" HOST "Content-Length: 9\r\n\r\n");
    }
    assert_int_equal(many[0].out_len, 0);
    assert_status(&many[CONFIG_HTTP_ANON_COUNT], "503");
    fake_conn_push_text(&c, http_world_request("POST", "/wsman", "", "x"));
    assert_status(&c, "200");
    fake_conn_push_text(&many[0], "123456789");
    assert_status(&many[0], "200");
}

static void test_replayed_request_is_stale(void **state)
{
    static char text[8192];

    (void)state;
    strcpy(text, http_world_request("POST", "/wsman", "", "x"));
    fake_conn_push_text(&c, text);
    assert_status(&c, "200");
    fake_conn_clear(&c);
    fake_conn_push_text(&c, text);
    assert_status(&c, "401");
    assert_non_null(strstr(fake_conn_text(&c), ",stale=\"true\",qop=\"auth\"\r\n"));
    assert_int_equal(http_world.calls, 1);
}

int main(void)
{
#define ABUSE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        ABUSE_TEST(test_status_pages),
        ABUSE_TEST(test_method_after_login),
        ABUSE_TEST(test_unknown_path_after_login),
        ABUSE_TEST(test_answers_to_head_have_no_body),
        ABUSE_TEST(test_empty_response_is_401),
        ABUSE_TEST(test_two_authorizations_are_nobodys),
        ABUSE_TEST(test_smuggling),
        ABUSE_TEST(test_refused_body_is_drained),
        ABUSE_TEST(test_slow_head),
        ABUSE_TEST(test_slow_body),
        ABUSE_TEST(test_idle_connections_go_quietly),
        ABUSE_TEST(test_client_that_does_not_read),
        ABUSE_TEST(test_handler_that_does_not_answer),
        ABUSE_TEST(test_sixteen_clients_and_one_more),
        ABUSE_TEST(test_exchanges_never_run_out),
        ABUSE_TEST(test_strangers_share_a_few_exchanges),
        ABUSE_TEST(test_replayed_request_is_stale),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
