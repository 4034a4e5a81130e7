/* SPDX-License-Identifier: ISC */
/* http/http_reply.c and the route table: the exact bytes of wire facts 1.1 and 1.2. */
#include "unit.h"

#include <stdio.h>

#include "fake_board.h"
#include "fake_client.h"
#include "http/http_reply.h"
#include "http_world.h"
#include "settings/identity.h"

static char text[HTTP_REPLY_PAGE_CAP + 1];

static const char *page(unsigned status, bool is_head_only)
{
    struct http_reply_page what = {.status = status,
                                   .is_head_only = is_head_only,
                                   .wall_s = 1676674661,
                                   .allow = span_str("POST, GET")};
    struct sbuf out;

    sbuf_init(&out, text, sizeof(text));
    http_reply_put_page(&out, &what);
    assert_int_equal(sbuf_terminate(&out), 0);
    return text;
}

static void test_unauthorized(void **state)
{
    char expected[1024];
    const char *reply = page(401, false);
    char nonce[33];
    int len;

    (void)state;
    fake_client_read_nonce(reply, nonce);
    len = snprintf(expected, sizeof(expected),
                   "HTTP/1.1 401 Unauthorized\r\n"
                   "WWW-Authenticate: Digest realm=\"%s\", nonce=\"%s\",stale=\"false\","
                   "qop=\"auth\"\r\n"
                   "Content-Type: text/html\r\n"
                   "Server: Intel(R) Active Management Technology 11.8.50.3425\r\n"
                   "Content-Length: %zu\r\n"
                   "Connection: close\r\n\r\n",
                   identity_get()->realm, nonce, strlen(strstr(reply, "\r\n\r\n") + 4));
    assert_memory_equal(reply, expected, (size_t)len);
    assert_non_null(strstr(reply, "<form method=\"GET\" action=\"index.htm\">"));
    assert_non_null(
        strstr(reply, "<title>Intel&reg; Active Management Technology</title>"));
    assert_non_null(strstr(reply, "<h2 class=\"warn\">"));
}

static void test_realm(void **state)
{
    const char *realm = identity_get()->realm;
    char first[IDENTITY_REALM_LEN + 1];

    (void)state;
    assert_int_equal(strlen(realm), IDENTITY_REALM_LEN);
    assert_memory_equal(realm, "Digest:", 7);
    assert_int_equal(strspn(realm + 7, "0123456789ABCDEF"), 32);
    strcpy(first, realm);
    identity_start();
    assert_string_equal(first, identity_get()->realm);
    fake_board.uuid[15] = 1;
    identity_start();
    assert_string_not_equal(first, identity_get()->realm);
}

/* Two clients' rules for the end of a message hold for every page. */
static void test_every_page_can_be_cut(void **state)
{
    static const unsigned all[] = {400, 401, 404, 405, 408, 413, 431, 500, 501, 503, 505};

    (void)state;
    for (size_t i = 0; i < UTIL_COUNT(all); i++) {
        const char *reply = page(all[i], false);
        const char *body = strstr(reply, "\r\n\r\n") + 4;
        char status[16];
        char length[40];

        snprintf(status, sizeof(status), "HTTP/1.1 %u ", all[i]);
        assert_memory_equal(reply, status, strlen(status));
        snprintf(length, sizeof(length), "\r\nContent-Length: %zu\r\n", strlen(body));
        assert_non_null(strstr(reply, length));
        assert_memory_equal(body - 21, "\r\nConnection: close\r\n\r\n" + 2, 21);
        assert_null(strstr(reply, "0\r\n\r\n"));
        assert_string_equal(strstr(reply, "</html>"), "</html>");
        page(all[i], true);
        assert_string_equal(text + strlen(text) - 4, "\r\n\r\n");
        assert_non_null(strstr(text, length));
    }
    assert_non_null(strstr(page(405, false), "\r\nAllow: POST, GET\r\n"));
}

static void test_soap_head(void **state)
{
    struct http_reply_head head = {.status = 200,
                                   .type = HTTP_TYPE_SOAP,
                                   .body_len = 0x7c,
                                   .wall_s = 1676674661,
                                   .is_chunked = true};
    char buffer[HTTP_REPLY_HEAD_CAP];
    struct sbuf out;

    (void)state;
    sbuf_init(&out, buffer, sizeof(buffer));
    http_reply_put_head(&out, &head);
    assert_sbuf_equal(out,
                      "HTTP/1.1 200 OK\r\n"
                      "Date: Fri, 17 Feb 2023 22:57:41 GMT\r\n"
                      "Server: Intel(R) Active Management Technology 11.8.50.3425\r\n"
                      "X-Frame-Options: DENY\r\n"
                      "Content-Type: application/soap+xml; charset=UTF-8\r\n"
                      "Transfer-Encoding: chunked\r\n\r\n"
                      "007C\r\n");
    sbuf_reset(&out);
    head.status = 400;
    head.body_len = 0xffff;
    head.is_last = true;
    http_reply_put_head(&out, &head);
    assert_non_null(strstr(buffer, "\r\nTransfer-Encoding: chunked\r\n"
                                   "Connection: close\r\n\r\nFFFF\r\n"));
    sbuf_reset(&out);
    http_reply_put_tail(&out, &head);
    assert_sbuf_equal(out, "\r\n0\r\n\r\n");
    sbuf_reset(&out);
    head.body_len = 0;
    http_reply_put_tail(&out, &head);
    assert_sbuf_equal(out, "0\r\n\r\n");
}

static void test_refusal(void **state)
{
    char length[40];

    (void)state;
    snprintf(length, sizeof(length), "\r\nContent-Length: %zu\r\n",
             sizeof(HTTP_REPLY_REFUSAL_PAGE) - 1);
    assert_non_null(strstr(HTTP_REPLY_REFUSAL, length));
}

static void test_routes(void **state)
{
    const struct http_route *known;
    uint8_t buffer[HTTP_REPLY_HEAD_CAP];
    struct sbuf allow;

    (void)state;
    sbuf_init(&allow, buffer, sizeof(buffer));
    assert_non_null(http_route_find(span_str("POST"), span_str("/both"), &known, NULL));
    assert_null(http_route_find(span_str("PUT"), span_str("/both"), &known, &allow));
    assert_non_null(known);
    assert_sbuf_equal(allow, "POST, GET");
    assert_null(http_route_find(span_str("POST"), span_str("/both/"), &known, NULL));
    assert_null(known);
    assert_null(http_route_find(span_str("post"), span_str("/both"), &known, NULL));
}

static int set_up(void **state)
{
    (void)state;
    http_world_start();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_unauthorized, set_up),
        cmocka_unit_test_setup(test_realm, set_up),
        cmocka_unit_test_setup(test_every_page_can_be_cut, set_up),
        cmocka_unit_test_setup(test_soap_head, set_up),
        cmocka_unit_test_setup(test_refusal, set_up),
        cmocka_unit_test_setup(test_routes, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
