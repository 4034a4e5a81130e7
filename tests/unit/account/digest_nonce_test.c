/* SPDX-License-Identifier: ISC */
/* account/digest_nonce.c: form, forgery, replay, reordering, ageing, floods. */
#include "unit.h"

#include "account/digest_nonce.h"
#include "base/err.h"
#include "config.h"
#include "crypto/crypto.h"
#include "http/fake_board.h"

struct text {
    char chars[DIGEST_NONCE_LEN + 1];
};

static int set_up(void **state)
{
    (void)state;
    fake_board_reset();
    return crypto_start() == 0 ? digest_nonce_start() : -1;
}

static struct text make(void)
{
    struct text nonce = {{0}};
    struct sbuf out;

    sbuf_init(&out, nonce.chars, DIGEST_NONCE_LEN);
    digest_nonce_put(&out);
    assert_false(out.overflow);
    assert_int_equal(out.len, DIGEST_NONCE_LEN);
    return nonce;
}

static int use(const struct text *nonce, uint32_t nc)
{
    return digest_nonce_use(span_str(nonce->chars), nc, span_str("admin"));
}

static void test_form(void **state)
{
    struct text a = make();
    struct text b = make();

    (void)state;
    assert_null(strchr(a.chars, '='));
    assert_memory_equal(a.chars + 11, "AAAAA", 5); /* four zero bytes */
    assert_string_not_equal(a.chars, b.chars);
    assert_memory_not_equal(a.chars + 16, b.chars + 16, 16);
}

static void test_only_our_own(void **state)
{
    struct text nonce = make();

    (void)state;
    for (size_t i = 0; i < DIGEST_NONCE_LEN; i++) {
        struct text forged = nonce;

        forged.chars[i] = forged.chars[i] == 'A' ? 'B' : 'A';
        assert_int_equal(use(&forged, 1), ERR_TIMEOUT);
    }
    assert_int_equal(digest_nonce_use(span_str(""), 1, span_str("admin")), ERR_TIMEOUT);
    assert_int_equal(digest_nonce_use(span_of(nonce.chars, 31), 1, span_str("admin")),
                     ERR_TIMEOUT);
    assert_int_equal(use(&nonce, 1), 0);
    assert_int_equal(digest_nonce_start(), 0); /* another device, or a restart */
    assert_int_equal(use(&nonce, 2), ERR_TIMEOUT);
}

static void test_each_count_once_in_any_order(void **state)
{
    static const uint32_t order[] = {2, 1, 5, 3, 4, 60, 7, 68, 6};
    struct text nonce = make();

    (void)state;
    for (size_t i = 0; i < UTIL_COUNT(order); i++) {
        assert_int_equal(use(&nonce, order[i]), 0);
        assert_int_equal(use(&nonce, order[i]), ERR_EXISTS);
    }
    for (size_t i = 0; i < UTIL_COUNT(order); i++) {
        assert_int_equal(use(&nonce, order[i]), ERR_EXISTS);
    }
    assert_int_equal(use(&nonce, 8), 0);
    assert_int_equal(use(&nonce, 1000), 0);
    assert_int_equal(use(&nonce, 1000 - DIGEST_NONCE_WINDOW), ERR_EXISTS);
    assert_int_equal(use(&nonce, 1001 - DIGEST_NONCE_WINDOW), 0);
    assert_int_equal(use(&nonce, UINT32_MAX), 0);
    assert_int_equal(use(&nonce, UINT32_MAX), ERR_EXISTS);
    assert_int_equal(use(&nonce, 1001), ERR_EXISTS);
}

static void test_age(void **state)
{
    struct text used = make();
    struct text unused = make();

    (void)state;
    for (uint32_t nc = 1; nc < 6; nc++) {
        assert_int_equal(use(&used, nc), 0);
        fake_board.now_us += (uint64_t)CONFIG_DIGEST_NONCE_MS * 900;
    }
    assert_int_equal(use(&unused, 1), ERR_TIMEOUT);
    assert_int_equal(use(&used, 6), 0);
    fake_board.now_us += (uint64_t)CONFIG_DIGEST_NONCE_MS * 1000 + 1;
    assert_int_equal(use(&used, 7), ERR_TIMEOUT);
}

static void test_flood_of_challenges_evicts_nothing(void **state)
{
    struct text nonce = make();

    (void)state;
    assert_int_equal(use(&nonce, 1), 0);
    for (int i = 0; i < 10000; i++) {
        (void)make();
    }
    assert_int_equal(use(&nonce, 2), 0);
}

static void test_forgotten_nonce_never_comes_back(void **state)
{
    struct text live = make();
    struct text first = make();
    struct text unused = make();

    (void)state;
    assert_int_equal(use(&first, 1), 0);
    for (uint32_t i = 1; i < CONFIG_DIGEST_NONCE_COUNT; i++) {
        struct text other = make();

        fake_board.now_us += 1000;
        assert_int_equal(use(&live, i), 0);
        fake_board.now_us += 1000;
        assert_int_equal(use(&other, 1), 0);
    }
    assert_int_equal(use(&first, 1), ERR_TIMEOUT);
    assert_int_equal(use(&first, 2), ERR_TIMEOUT);
    assert_int_equal(use(&live, 1), ERR_EXISTS);
    assert_int_equal(use(&live, 1000), 0);
    assert_int_equal(use(&unused, 1), 0); /* younger than any forgotten one */
}

static void test_nothing_without_random_numbers(void **state)
{
    struct text nonce;

    (void)state;
    nonce = make();
    fake_board.has_no_entropy = true;
    assert_int_equal(crypto_start(), ERR_IO);
    assert_int_equal(digest_nonce_start(), ERR_IO);
    assert_int_equal(use(&nonce, 1), ERR_TIMEOUT);
    nonce = make();
    assert_int_equal(use(&nonce, 1), ERR_TIMEOUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_form, set_up),
        cmocka_unit_test_setup(test_only_our_own, set_up),
        cmocka_unit_test_setup(test_each_count_once_in_any_order, set_up),
        cmocka_unit_test_setup(test_age, set_up),
        cmocka_unit_test_setup(test_flood_of_challenges_evicts_nothing, set_up),
        cmocka_unit_test_setup(test_forgotten_nonce_never_comes_back, set_up),
        cmocka_unit_test_setup(test_nothing_without_random_numbers, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
