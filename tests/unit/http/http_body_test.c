/* SPDX-License-Identifier: ISC */
/* http/http_body.c: Content-Length and chunked bodies, whole and byte by byte. */
#include "unit.h"

#include "base/err.h"
#include "base/util.h"
#include "http/http_body.h"

enum { CAP = 100 };

static uint8_t buffer[CAP];
static struct sbuf out;
static struct http_body body;

/* Decode a chunked body in steps; *used gets the bytes taken. */
static int decode(const char *text, size_t step, size_t *used)
{
    struct span all = span_str(text);
    int result;

    sbuf_init(&out, buffer, sizeof(buffer));
    result = http_body_init(&body, HTTP_FRAMING_CHUNKED, 0, CAP);
    *used = 0;
    while (result == 0 && *used < all.len) {
        size_t taken;

        result = http_body_push(&body, span_slice(all, *used, step), &out, &taken);
        *used += taken;
    }
    return result;
}

static void test_lengths(void **state)
{
    size_t taken;

    (void)state;
    assert_int_equal(http_body_init(&body, HTTP_FRAMING_NONE, 0, CAP), 1);
    assert_int_equal(http_body_init(&body, HTTP_FRAMING_LENGTH, 0, CAP), 1);
    assert_int_equal(http_body_init(&body, HTTP_FRAMING_LENGTH, CAP + 1, CAP),
                     ERR_TOO_BIG);
    assert_int_equal(http_body_init(&body, HTTP_FRAMING_LENGTH, UINT64_MAX, CAP),
                     ERR_TOO_BIG);
    assert_int_equal(http_body_init(&body, HTTP_FRAMING_LENGTH, 5, CAP), 0);
    sbuf_init(&out, buffer, sizeof(buffer));
    assert_int_equal(http_body_push(&body, span_str("ab"), &out, &taken), 0);
    assert_int_equal(http_body_push(&body, span_str("cdeGET"), &out, &taken), 1);
    assert_int_equal(taken, 3);
    assert_sbuf_equal(out, "abcde");
}

static void test_chunks(void **state)
{
    static const char text[] =
        "4\r\nWiki\r\n6;name=\"v;w\"\r\npedia \r\n0000E ;x\r\n"
        "in \r\n\r\nchunks.\r\n0;last\r\nTrailer: x\r\nY: \r\n\r\nGET";
    static const size_t steps[] = {1, 2, 3, 7, 1000};
    size_t used;

    (void)state;
    /* BWS before ';' is not ours to accept */
    assert_int_equal(decode(text, 1000, &used), ERR_INVALID);
    for (size_t i = 0; i < UTIL_COUNT(steps); i++) {
        static char good[sizeof(text)];

        strcpy(good, text);
        memmove(strstr(good, " ;x"), ";xy", 3);
        assert_int_equal(decode(good, steps[i], &used), 1);
        assert_int_equal(used, strlen(good) - 3);
        assert_sbuf_equal(out, "Wikipedia in \r\n\r\nchunks.");
    }
    assert_int_equal(decode("0\r\n\r\n", 1, &used), 1);
    assert_int_equal(out.len, 0);
}

static void test_refused(void **state)
{
    static const char *const bad[] = {
        "\r\n",    "g\r\n",     " 1\r\n",        "-1\r\n",  "0x1\r\n",      "1\n",
        "1\ra",    ";a\r\n",    "000000001\r\n", "1\r\nab", "1\r\na\n",     "1\r\na\rx",
        "0\r\n\n", "0\r\n\r\r", "0\r\nA: b\n",   "1;\x01",  "0\r\nA: \x7f", "0\r\nA\r\r"};
    size_t used;

    (void)state;
    for (size_t i = 0; i < UTIL_COUNT(bad); i++) {
        assert_int_equal(decode(bad[i], 1000, &used), ERR_INVALID);
        assert_int_equal(decode(bad[i], 1, &used), ERR_INVALID);
    }
}

static void test_sizes(void **state)
{
    char text[300];
    size_t used;

    (void)state;
    assert_int_equal(decode("65\r\n", 1, &used), ERR_TOO_BIG);
    assert_int_equal(decode("FFFFFFFF\r\n", 1, &used), ERR_TOO_BIG);
    strcpy(text, "64\r\n");
    memset(text + 4, 'x', 100);
    strcpy(text + 104, "\r\n1\r\n");
    assert_int_equal(decode(text, 1000, &used), ERR_TOO_BIG);
    strcpy(text + 104, "\r\n0\r\n\r\n");
    assert_int_equal(decode(text, 1000, &used), 1);
    assert_int_equal(out.len, 100);
}

static void test_endless_extras_are_bounded(void **state)
{
    static char junk[10000];
    size_t used;
    size_t taken;

    (void)state;
    memset(junk, 'a', sizeof(junk));
    assert_int_equal(decode("1;", 10, &used), 0);
    assert_int_equal(http_body_push(&body, span_of(junk, sizeof(junk)), &out, &taken),
                     ERR_INVALID);
    assert_int_equal(decode("0\r\n", 10, &used), 0);
    for (used = 0; http_body_push(&body, span_str("A: b\r\n"), &out, &taken) == 0;
         used++) {
        assert_true(used < 10000);
    }
}

static void test_discard(void **state)
{
    size_t taken;

    (void)state;
    assert_int_equal(http_body_init(&body, HTTP_FRAMING_LENGTH, 3, CAP), 0);
    assert_int_equal(http_body_push(&body, span_str("abcd"), NULL, &taken), 1);
    assert_int_equal(taken, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_chunks),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_endless_extras_are_bounded),
        cmocka_unit_test(test_discard),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
