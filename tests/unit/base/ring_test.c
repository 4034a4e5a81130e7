/* SPDX-License-Identifier: ISC */
/* base/ring.c against a plain array that does the same. */
#include "unit.h"

#include "base/ring.h"

enum { CAP = 7 };

static void test_random_walk_matches_a_queue(void **state)
{
    uint8_t raw[CAP];
    uint8_t model[CAP];
    size_t model_len = 0;
    uint8_t next = 0;
    uint32_t seed = 1;
    struct ring r;

    (void)state;
    ring_init(&r, raw, sizeof(raw));
    for (int i = 0; i < 20000; i++) {
        uint8_t chunk[CAP + 2];
        size_t n;

        seed = seed * 1664525u + 1013904223u;
        n = (seed >> 8) % sizeof(chunk);
        if ((seed >> 20) % 2 == 0) {
            for (size_t k = 0; k < n; k++) {
                chunk[k] = (uint8_t)(next + k);
            }
            n = ring_write(&r, span_of(chunk, n));
            memcpy(model + model_len, chunk, n);
            model_len += n;
            next = (uint8_t)(next + n);
        } else {
            n = ring_read(&r, chunk, n);
            assert_memory_equal(chunk, model, n);
            memmove(model, model + n, model_len - n);
            model_len -= n;
        }
        assert_int_equal(r.len, model_len);
        assert_int_equal(ring_room(&r), CAP - model_len);
        if (model_len > 1) {
            assert_int_equal(ring_peek(&r, 1).ptr[0], model[1]);
        }
        assert_int_equal(ring_peek(&r, model_len).len, 0);
    }
}

static void test_drop_more_than_held(void **state)
{
    uint8_t raw[CAP];
    struct ring r;

    (void)state;
    ring_init(&r, raw, sizeof(raw));
    assert_int_equal(ring_write(&r, span_str("abc")), 3);
    ring_drop(&r, 99);
    assert_int_equal(r.len, 0);
    assert_int_equal(ring_write(&r, span_str("12345678")), CAP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_walk_matches_a_queue),
        cmocka_unit_test(test_drop_more_than_held),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
