/* SPDX-License-Identifier: ISC */
/* http/http_head.c: what clients send is read, what is ambiguous is refused. */
#include "unit.h"

#include "base/err.h"
#include "base/util.h"
#include "http/http_head.h"

static uint8_t buffer[8192];
static struct http_head head;

static int parse(const char *text)
{
    size_t taken = 0;

    http_head_init(&head, buffer, sizeof(buffer));
    return http_head_push(&head, span_str(text), &taken);
}

#define assert_span(span, text) assert_true(span_equal_str(span, text))

/* MeshCommander's request, typed from the wire facts. */
static const char mc[] = "POST /wsman HTTP/1.1\r\n"
                         "Authorization: Digest username=\"admin\",realm=\"x\"\r\n"
                         "Host: 192.0.2.1:16992\r\n"
                         "Content-Length: 5\r\n\r\n";

static void assert_mc(void)
{
    assert_span(head.method, "POST");
    assert_span(head.target, "/wsman");
    assert_span(head.path, "/wsman");
    assert_int_equal(head.query.len, 0);
    assert_int_equal(head.minor, 1);
    assert_int_equal(head.framing, HTTP_FRAMING_LENGTH);
    assert_int_equal(head.length, 5);
    assert_true(head.keep_alive);
    assert_false(head.expects_continue);
    assert_span(http_head_find(&head, "host", NULL), "192.0.2.1:16992");
    assert_null(http_head_find(&head, "Content-Type", NULL).ptr);
}

static void test_whole_and_byte_by_byte(void **state)
{
    size_t taken;

    (void)state;
    assert_int_equal(parse(mc), 1);
    assert_mc();
    http_head_reset(&head);
    assert_true(http_head_is_empty(&head));
    for (size_t i = 0; i < sizeof(mc) - 1; i++) {
        int wanted = i == sizeof(mc) - 2;

        assert_int_equal(http_head_push(&head, span_of(mc + i, 1), &taken), wanted);
        assert_int_equal(taken, 1);
        assert_false(http_head_is_empty(&head));
    }
    assert_mc();
}

static void test_bytes_after_the_head_stay(void **state)
{
    size_t taken;

    (void)state;
    http_head_init(&head, buffer, sizeof(buffer));
    assert_int_equal(
        http_head_push(&head, span_str("GET / HTTP/1.0\r\n\r\nrest"), &taken), 1);
    assert_int_equal(taken, 18);
    assert_false(head.keep_alive);
}

static void test_tolerated(void **state)
{
    (void)state;
    assert_int_equal(parse("\r\n\r\nGET / HTTP/1.1\nhOST:\n\n"), 1);
    assert_int_equal(parse("GET http://a:16992/x?y=z?w HTTP/1.1\r\nHost: a\r\n\r\n"), 1);
    assert_span(head.path, "/x");
    assert_span(head.query, "y=z?w");
    assert_int_equal(parse("GET HTTPS://a?q HTTP/1.1\r\nHost: a\r\n\r\n"), 1);
    assert_span(head.path, "/");
    assert_span(head.query, "q");
    assert_int_equal(parse("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"), 1);
    assert_span(head.path, "*");
    assert_int_equal(parse("GET / HTTP/1.7\r\nHost: \t a b \t\r\n\r\n"), 1);
    assert_int_equal(head.minor, 1);
    assert_span(http_head_find(&head, "Host", NULL), "a b");
    assert_int_equal(parse("GET / HTTP/1.1\r\nHost: a\r\nX: \xc3\xa4\t\r\n\r\n"), 1);
    assert_int_equal(
        parse("POST / HTTP/1.1\r\nHost: a\r\ntransfer-encoding: Chunked\r\n\r\n"), 1);
    assert_int_equal(head.framing, HTTP_FRAMING_CHUNKED);
    assert_int_equal(
        parse("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\n"
              "Connection: TE, Close\r\nContent-Length: 99999999999999999999999\r\n\r\n"),
        1);
    assert_true(head.expects_continue);
    assert_false(head.keep_alive);
    assert_int_equal(head.length, UINT64_MAX);
    assert_int_equal(parse("GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n"), 1);
    assert_false(head.expects_continue);
}

static void test_refused_request_lines(void **state)
{
    static const char *const bad[] = {"GET /\r\n",
                                      "GET  / HTTP/1.1\r\n",
                                      "GET / HTTP/1.1 \r\n",
                                      " GET / HTTP/1.1\r\n",
                                      "GET / http/1.1\r\n",
                                      "GET / HTTP/11\r\n",
                                      "GET / HTTP/1.\r\n",
                                      "GET / HTTP/1.10\r\n",
                                      "G@T / HTTP/1.1\r\n",
                                      "GET x HTTP/1.1\r\n",
                                      "GET /#f HTTP/1.1\r\n",
                                      "GET http:// HTTP/1.1\r\n",
                                      "GET http:///x HTTP/1.1\r\n",
                                      "CONNECT a:1 HTTP/1.1\r\n",
                                      "GET /\xc3\xa4 HTTP/1.1\r\n",
                                      "GET /\tx HTTP/1.1\r\n",
                                      "GET / HTTP/1.1\rX",
                                      "/\r\n",
                                      "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGH / HTTP/1.1\r\n",
                                      "\r\r",
                                      "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n"};

    (void)state;
    for (size_t i = 0; i < UTIL_COUNT(bad); i++) {
        assert_int_equal(parse(bad[i]), ERR_INVALID);
        assert_int_equal(head.status, 400);
    }
    assert_int_equal(parse("GET / HTTP/2.0\r\n"), ERR_UNSUPPORTED);
    assert_int_equal(head.status, 505);
}

/* Anything that two readers could frame or route differently. */
static void test_refused_fields(void **state)
{
    static const char *const bad[] = {
        "Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
        "Content-Length: 5\r\nContent-Length: 5\r\n\r\n",
        "Content-Length: 5, 5\r\n\r\n",
        "Content-Length: +5\r\n\r\n",
        "Content-Length: 0x5\r\n\r\n",
        "Content-Length: -1\r\n\r\n",
        "Content-Length:\r\n\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        "Transfer-Encoding: chunked\r\ncontent-length: 5\r\n\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
        "Content-Length : 5\r\n",
        "Transfer-Encoding\t: chunked\r\n",
        "X: a\r\n folded\r\n",
        "X: a\r\n\tfolded\r\n",
        "no colon\r\n",
        ": empty name\r\n",
        "X: a\rb\r\n",
        "X: a\x01\r\n",
        "X: a\x7f\r\n",
        "X y: a\r\n",
        "Host: again\r\n\r\n"};
    char text[256];

    (void)state;
    for (size_t i = 0; i < UTIL_COUNT(bad); i++) {
        strcpy(text, "POST / HTTP/1.1\r\nHost: a\r\n");
        strcat(text, bad[i]);
        assert_int_equal(parse(text), ERR_INVALID);
        assert_int_equal(head.status, 400);
    }
    assert_int_equal(parse("POST / HTTP/1.1\r\n\r\n"), ERR_INVALID); /* no Host */
    assert_int_equal(parse("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"),
                     ERR_INVALID);
    assert_int_equal(
        parse("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n"),
        ERR_UNSUPPORTED);
    assert_int_equal(head.status, 501);
    assert_int_equal(
        parse("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: x, chunked\r\n\r\n"),
        ERR_UNSUPPORTED);
}

static void test_nul_and_no_more_after_an_error(void **state)
{
    size_t taken;

    (void)state;
    http_head_init(&head, buffer, sizeof(buffer));
    assert_int_equal(http_head_push(&head, span_of("GET /\0 HTTP/1.1\r\n", 17), &taken),
                     ERR_INVALID);
    assert_int_equal(taken, 6);
    assert_int_equal(http_head_push(&head, span_str("GET"), &taken), ERR_INVALID);
    assert_int_equal(taken, 0);
}

static void test_limits(void **state)
{
    static const char line[] =
        "X: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n";
    size_t pushed = 0;
    int result = 0;
    size_t taken;

    (void)state;
    (void)parse("GET / HTTP/1.1\r\nHost: a\r\n");
    while (result == 0) {
        result = http_head_push(&head, span_str(line), &taken);
        pushed += taken;
        assert_true(pushed < 2 * sizeof(buffer));
    }
    assert_int_equal(result, ERR_TOO_BIG);
    assert_int_equal(head.status, 431);
    assert_true(head.len <= sizeof(buffer));
    (void)parse("GET /");
    for (pushed = 0; (result = http_head_push(&head, span_str("a"), &taken)) == 0;
         pushed++) {
    }
    assert_int_equal(result, ERR_TOO_BIG);
    assert_int_equal(pushed, sizeof(buffer) - 5);
}

static void test_tokens(void **state)
{
    (void)state;
    assert_true(http_head_has_token(span_str("a, Close ,b"), "close"));
    assert_true(http_head_has_token(span_str("close"), "close"));
    assert_false(http_head_has_token(span_str("closed, xclose"), "close"));
    assert_false(http_head_has_token(span_str(""), "close"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_and_byte_by_byte),
        cmocka_unit_test(test_bytes_after_the_head_stay),
        cmocka_unit_test(test_tolerated),
        cmocka_unit_test(test_refused_request_lines),
        cmocka_unit_test(test_refused_fields),
        cmocka_unit_test(test_nul_and_no_more_after_an_error),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_tokens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
