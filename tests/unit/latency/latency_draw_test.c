/* SPDX-License-Identifier: ISC */
/*
 * Draws as a statistician sees them: their distribution is the profile's (Kolmogorov and
 * Smirnov), they repeat with the seed, and no operation's depend on what others do. Seeds are
 * fixed, so nothing here fails by chance.
 */
#include <stdio.h>
#include <stdlib.h>

#include "latency/latency.h"
#include "unit.h"

enum { DRAWS = 20000, SHORT = 200, SEEDS = 12 };

/* The distance times sqrt(DRAWS) that one honest sample in a thousand exceeds; squares here and
 * below save the square root. */
static const double ks_limit = 1.95 * 1.95;

static uint32_t sample[DRAWS];

static void use_seed(const char *text, uint64_t seed)
{
    struct latency_profile profile;
    struct latency_profile_error error;
    char whole[400];

    snprintf(whole, sizeof(whole), "profile = t\nseed = %llu\n%s",
             (unsigned long long)seed, text);
    assert_int_equal(latency_profile_parse(span_str(whole), &profile, &error), 0);
    latency_start();
    latency_use(&profile);
}

static uint32_t draw_op(enum latency_op op)
{
    const struct latency_job job = {op, 0};
    uint64_t start = latency_busy_until();

    return (uint32_t)(latency_due(&job, start) - start);
}

static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* The share of the profile's distribution below `us`, written without latency_spread.c. */
static double share_below(const struct latency_spread *spread, double us)
{
    static const double shares[] = {0, 0.1, 0.5, 0.9, 1};

    if (us <= spread->us[0]) {
        return 0;
    }
    for (unsigned i = 1; i < LATENCY_SPREAD_POINTS; i++) {
        double low = spread->us[i - 1];
        double high = spread->us[i];

        if (us <= high) {
            return shares[i - 1] +
                   (shares[i] - shares[i - 1]) * (us - low) / (high - low);
        }
    }
    return 1;
}

/* The greatest distance between sample and distribution. Times are whole microseconds, so a
 * value stands for [value, value + 1). */
static double distance(const struct latency_spread *spread)
{
    double worst = 0;

    qsort(sample, DRAWS, sizeof(sample[0]), compare);
    for (size_t i = 0; i < DRAWS; i++) {
        double above = (double)i / DRAWS - share_below(spread, sample[i] + 1.0);
        double below = share_below(spread, sample[i]) - (double)(i + 1) / DRAWS;

        worst = above > worst ? above : worst;
        worst = below > worst ? below : worst;
    }
    return worst;
}

static void test_distribution_is_the_profile(void **state)
{
    static const char *const values[] = {"94 97 100 103 106 ms",
                                         "66 68 70 72 76 ms",
                                         "1 1 2 100 1000 ms",
                                         "0 10 20 30 40 ms",
                                         "1.598 1.649 1.7 1.751 1.802 s",
                                         "5 5.1 5.11 5.4 9 s",
                                         "0 0 50 50.5 51 ms",
                                         "1000 2000 5000 9000 10000 us"};

    (void)state;
    for (size_t i = 0; i < UTIL_COUNT(values); i++) {
        for (uint64_t seed = 0; seed < 3; seed++) {
            char text[100];
            const struct latency_spread *spread;

            snprintf(text, sizeof(text), "m0.get = %s", values[i]);
            use_seed(text, seed * 1000003);
            spread = &latency_profile()->op[LATENCY_STATE_M0][LATENCY_OP_GET];
            for (size_t n = 0; n < DRAWS; n++) {
                sample[n] = draw_op(LATENCY_OP_GET);
                assert_in_range(sample[n], spread->us[0], spread->us[4]);
            }
            double d = distance(spread);
            if (d * d * DRAWS > ks_limit) {
                fail_msg("%s, seed %u: distance %d / 100000", values[i], (unsigned)seed,
                         (int)(d * 100000));
            }
        }
    }
}

/* The test above can see: another distribution is found out. */
static void test_a_wrong_distribution_is_seen(void **state)
{
    static const struct latency_spread other = {{94000, 97000, 100200, 103000, 106000}};

    (void)state;
    use_seed("m0.get = 94 97 100 103 106 ms", 1);
    for (size_t n = 0; n < DRAWS; n++) {
        sample[n] = draw_op(LATENCY_OP_GET);
    }
    double d = distance(&other);
    assert_true(d * d * DRAWS > ks_limit);
}

static const char two[] = "m0.get = 0 10 50 90 100 ms\nm0.put = 0 10 50 90 100 ms\n"
                          "m3.get = 0 10 50 90 100 ms\nwake.time = 0 10 50 90 100 ms\n"
                          "bounce.down = 0 10 50 90 100 ms";

static void test_seed_repeats(void **state)
{
    (void)state;
    use_seed(two, 7);
    for (size_t n = 0; n < SHORT; n++) {
        sample[n] = draw_op(LATENCY_OP_GET);
    }
    /* The same again, while all others draw in between. */
    use_seed(two, 7);
    for (size_t n = 0; n < SHORT; n++) {
        for (size_t other = 0; other < n % 4; other++) {
            (void)draw_op(LATENCY_OP_PUT);
            (void)latency_draw(LATENCY_EVENT_WAKE);
            latency_set_state(LATENCY_STATE_M3);
            (void)draw_op(LATENCY_OP_GET);
            latency_set_state(LATENCY_STATE_M0);
        }
        assert_int_equal(draw_op(LATENCY_OP_GET), sample[n]);
    }
    /* latency_use begins anew, in all states and with all events. */
    struct latency_profile again = *latency_profile();
    use_seed(two, 7);
    latency_set_state(LATENCY_STATE_M3);
    uint32_t m3_get = draw_op(LATENCY_OP_GET);
    uint32_t wake = latency_draw(LATENCY_EVENT_WAKE);
    uint32_t down = latency_draw(LATENCY_EVENT_BOUNCE_DOWN);
    latency_use(&again);
    assert_int_equal(latency_draw(LATENCY_EVENT_BOUNCE_DOWN), down);
    assert_int_equal(latency_draw(LATENCY_EVENT_WAKE), wake);
    assert_int_equal(draw_op(LATENCY_OP_GET), m3_get);
    latency_set_state(LATENCY_STATE_M0);
    assert_int_equal(draw_op(LATENCY_OP_GET), sample[0]);
    /* Another seed is another story. */
    use_seed(two, 8);
    size_t same = 0;
    for (size_t n = 0; n < SHORT; n++) {
        same += draw_op(LATENCY_OP_GET) == sample[n];
    }
    assert_true(same < 3);
}

/* Its square. */
static double correlation(const uint32_t *a, const uint32_t *b, size_t count)
{
    double sum_a = 0, sum_b = 0, sum_aa = 0, sum_bb = 0, sum_ab = 0;

    for (size_t i = 0; i < count; i++) {
        sum_a += a[i];
        sum_b += b[i];
        sum_aa += (double)a[i] * a[i];
        sum_bb += (double)b[i] * b[i];
        sum_ab += (double)a[i] * b[i];
    }
    double both = count * sum_ab - sum_a * sum_b;
    return both * both /
           ((count * sum_aa - sum_a * sum_a) * (count * sum_bb - sum_b * sum_b));
}

/* Neither another operation, state or event, nor the next draw, nor the next seed. */
static void test_independence(void **state)
{
    enum { SERIES = 7, COUNT = 10000 };
    static uint32_t series[SERIES][COUNT];

    (void)state;
    use_seed(two, 42);
    for (size_t n = 0; n < COUNT; n++) {
        latency_set_state(LATENCY_STATE_M0);
        series[0][n] = draw_op(LATENCY_OP_GET);
        series[1][n] = draw_op(LATENCY_OP_PUT);
        series[2][n] = latency_draw(LATENCY_EVENT_WAKE);
        series[3][n] = latency_draw(LATENCY_EVENT_BOUNCE_DOWN);
        latency_set_state(LATENCY_STATE_M3);
        series[4][n] = draw_op(LATENCY_OP_GET);
    }
    memcpy(series[5], series[0] + 1, (COUNT - 1) * sizeof(uint32_t));
    series[5][COUNT - 1] = series[0][0];
    use_seed(two, 43);
    for (size_t n = 0; n < COUNT; n++) {
        series[6][n] = draw_op(LATENCY_OP_GET);
    }
    for (size_t a = 0; a < SERIES; a++) {
        for (size_t b = a + 1; b < SERIES; b++) {
            assert_true(correlation(series[a], series[b], COUNT) < 16.0 / COUNT);
        }
    }
}

/* The rule of PROFILE.md, worked out by another program (tests/tools/test_profiles.py, which
 * compares the shipped profiles). */
static void test_known_draws(void **state)
{
    static const uint32_t get[] = {3960, 69669, 80204, 76797, 62689, 51288};
    static const uint32_t wake[] = {82576, 51724, 21574, 63776, 17763, 19527};

    (void)state;
    use_seed(two, 123456789012345);
    for (size_t i = 0; i < UTIL_COUNT(get); i++) {
        assert_int_equal(draw_op(LATENCY_OP_GET), get[i]);
    }
    for (size_t i = 0; i < UTIL_COUNT(wake); i++) {
        assert_int_equal(latency_draw(LATENCY_EVENT_WAKE), wake[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_distribution_is_the_profile),
        cmocka_unit_test(test_a_wrong_distribution_is_seen),
        cmocka_unit_test(test_seed_repeats),
        cmocka_unit_test(test_independence),
        cmocka_unit_test(test_known_draws),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
