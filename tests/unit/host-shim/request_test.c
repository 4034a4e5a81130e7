/* SPDX-License-Identifier: ISC */
/* The control protocol's request line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "request.h"

static struct request r;

static int parse(const char *text)
{
    return request_parse(span_str(text), &r);
}

static void test_words(void **state)
{
    (void)state;
    assert_int_equal(parse("attach domain=a%20b%3dc forward=1 forward=2 empty="), 0);
    assert_string_equal(r.command, "attach");
    assert_string_equal(request_get(&r, "domain"), "a b=c");
    assert_string_equal(request_get(&r, "forward"), "1");
    assert_string_equal(request_get(&r, "empty"), "");
    assert_null(request_get(&r, "none"));
    assert_int_equal(r.count, 4);
    assert_string_equal(r.values[2], "2");
}

static void test_round_trip(void **state)
{
    char text[256] = "";
    char line[1024] = "c k=";

    (void)state;
    for (int i = 1; i < 256; i++) {
        text[i - 1] = (char)i;
    }
    assert_true(request_encode(text, line + 4, sizeof line - 4));
    assert_int_equal(parse(line), 0);
    assert_string_equal(request_get(&r, "k"), text);
    assert_false(request_encode(text, line, 100));
    assert_false(request_encode("abcdefg", line, 7));
    assert_true(request_encode("abc", line, 7));
}

static void test_malformed(void **state)
{
    static const char *const bad[] = {
        "",      " ",         "a b",      "a  k=v",   "k=v",      "a =v",   "a k=%",
        "a k=%1", "a k=%zz", "a k=%00", "a k=\tx", "a k=\x80", "%00",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (parse(bad[i]) == 0) {
            fail_msg("accepted: '%s'", bad[i]);
        }
    }
}

static void test_limits(void **state)
{
    static char line[REQUEST_LINE_CAP + 8];
    size_t len = 1;

    (void)state;
    memset(line, 'x', sizeof line);
    assert_int_equal(request_parse(span_of(line, REQUEST_LINE_CAP), &r), ERR_TOO_BIG);
    assert_int_equal(request_parse(span_of(line, REQUEST_LINE_CAP - 1), &r), 0);
    for (int i = 0; i <= REQUEST_PAIRS_MAX; i++) {
        len += (size_t)snprintf(line + len, sizeof line - len, " k=v");
    }
    assert_int_equal(request_parse(span_of(line, len), &r), ERR_TOO_BIG);
    assert_int_equal(request_parse(span_of(line, len - 4), &r), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
