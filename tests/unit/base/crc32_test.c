/* SPDX-License-Identifier: ISC */
/* base/crc32.c against published check values and a bit by bit computation. */
#include "unit.h"

#include "base/crc32.h"

static void known_values(void **state)
{
    (void)state;
    assert_int_equal(crc32_of(span_str("")), 0);
    assert_int_equal(crc32_of(span_str("a")), 0xe8b7be43);
    assert_int_equal(crc32_of(span_str("abc")), 0x352441c2);
    assert_int_equal(crc32_of(span_str("123456789")), 0xcbf43926);
}

static uint32_t bit_by_bit(struct span bytes)
{
    uint32_t crc = 0xffffffff;

    for (size_t i = 0; i < bytes.len; i++) {
        crc ^= bytes.ptr[i];
        for (unsigned bit = 0; bit < 8; bit++) {
            crc = (crc & 1) != 0 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
        }
    }
    return ~crc;
}

static void every_table_entry_is_right(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 256; i++) {
        uint8_t bytes[3] = {(uint8_t)i, 0x5a, (uint8_t)(i * 7)};

        assert_int_equal(crc32_of(span_of(bytes, 1)), bit_by_bit(span_of(bytes, 1)));
        assert_int_equal(crc32_of(span_of(bytes, 3)), bit_by_bit(span_of(bytes, 3)));
    }
}

static void parts_give_the_same_as_the_whole(void **state)
{
    struct span text = span_str("The quick brown fox jumps over the lazy dog");

    (void)state;
    assert_int_equal(crc32_of(text), 0x414fa339);
    for (size_t cut = 0; cut <= text.len; cut++) {
        uint32_t crc = crc32_update(0, span_slice(text, 0, cut));

        assert_int_equal(crc32_update(crc, span_slice(text, cut, text.len)), 0x414fa339);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_values),
        cmocka_unit_test(every_table_entry_is_right),
        cmocka_unit_test(parts_give_the_same_as_the_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
