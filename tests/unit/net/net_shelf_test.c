/* SPDX-License-Identifier: ISC */
/* Order, limits and kinds of frames put aside. */
#include "net/net_shelf.h"

#include "base/util.h"
#include "unit.h"

static struct net_shelf_frame frames[4];
static struct net_shelf shelf = {.frames = frames, .cap = UTIL_COUNT(frames)};

static bool put(unsigned kind, uint64_t due_us, const char *text)
{
    struct span part = span_str(text);

    return net_shelf_put(&shelf, kind, due_us, &part, 1);
}

static void assert_next(unsigned kind, const char *text)
{
    struct net_shelf_frame *frame = net_shelf_first(&shelf, kind);

    assert_non_null(frame);
    assert_true(span_equal_str(span_of(frame->bytes, frame->len), text));
    net_shelf_drop(&shelf, frame);
}

static void test_order(void **state)
{
    (void)state;
    assert_true(put(0, 30, "late"));
    assert_true(put(0, 10, "first"));
    assert_true(put(0, 30, "later"));
    assert_true(put(0, 10, "second"));
    assert_int_equal(net_shelf_deadline(&shelf), 10);
    assert_next(0, "first");
    assert_next(0, "second");
    assert_int_equal(net_shelf_deadline(&shelf), 30);
    /* a place that became free does not go before older ones */
    assert_true(put(0, 30, "last"));
    assert_next(0, "late");
    assert_next(0, "later");
    assert_next(0, "last");
    assert_null(net_shelf_first(&shelf, 0));
    assert_true(net_shelf_deadline(&shelf) == UINT64_MAX);
}

static void test_limits(void **state)
{
    static const uint8_t bytes[NIC_FRAME_CAP];
    struct span whole = span_of(bytes, sizeof(bytes));
    struct span parts[] = {whole, span_of(bytes, 1)};

    (void)state;
    assert_false(net_shelf_put(&shelf, 0, 0, parts, 2));
    assert_false(put(0, 0, ""));
    assert_int_equal(shelf.count, 0);
    for (size_t i = 0; i < shelf.cap; i++) {
        assert_true(net_shelf_put(&shelf, 0, 0, &whole, 1));
    }
    assert_false(put(0, 0, "one more"));
    assert_int_equal(net_shelf_first(&shelf, 0)->len, sizeof(bytes));
    net_shelf_clear(&shelf);
    assert_int_equal(shelf.count, 0);
    assert_null(net_shelf_first(&shelf, 0));
}

static void test_kinds_and_pieces(void **state)
{
    struct span parts[] = {span_str("a"), span_str(""), span_str("bc")};

    (void)state;
    assert_true(put(1, 5, "one"));
    assert_true(net_shelf_put(&shelf, 2, 7, parts, UTIL_COUNT(parts)));
    assert_null(net_shelf_first(&shelf, 0));
    assert_next(2, "abc");
    assert_int_equal(net_shelf_deadline(&shelf), 5);
    assert_next(1, "one");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_kinds_and_pieces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
