/* SPDX-License-Identifier: ISC */
/* Texts for the latency model and the faults: from seeds, from the shim, good, bad,
 * repeated. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/log.h"
#include "base/panic.h"
#include "base/util.h"
#include "config.h"
#include "engine/engine.h"
#include "fault/fault.h"
#include "hal/board.h"
#include "host/host_tuning.h"
#include "latency/latency.h"
#include "tuning.h"

static const char *seeds[2]; /* latency, faults */
static host_tuning_fn *take;
static const char *reset_why;
static char detail_text[160];
static struct sbuf detail;
static char logged[4096];

void panic_at(const char *file, int line, const char *format, ...)
{
    print_error("panic: %s\n", format);
    _fail(file, line);
    abort();
}

uint64_t board_now_us(void)
{
    return 1;
}

int board_seed(const char *name, void *dst, size_t cap)
{
    const char *seed = strcmp(name, "latency") == 0  ? seeds[0]
                       : strcmp(name, "faults") == 0 ? seeds[1]
                                                     : NULL;

    if (seed == NULL) {
        return ERR_NOT_FOUND;
    }
    if (strlen(seed) > cap) {
        return ERR_TOO_BIG;
    }
    memcpy(dst, seed, strlen(seed));
    return (int)strlen(seed);
}

void engine_reset(const char *why)
{
    reset_why = why;
}

void host_tuning_listen(host_tuning_fn *listener)
{
    take = listener;
}

static void on_log(struct span line)
{
    size_t len = strlen(logged);

    snprintf(logged + len, sizeof logged - len, "%.*s", (int)line.len,
             (const char *)line.ptr);
}

static const struct log_sink sink = {on_log, board_now_us};

static int setup(void **state)
{
    (void)state;
    log_init(&sink);
    latency_start();
    fault_start();
    seeds[0] = NULL;
    seeds[1] = NULL;
    reset_why = NULL;
    tuning_start();
    assert_non_null(take);
    logged[0] = '\0';
    return 0;
}

static bool set(vamt_TuningKind kind, const char *text, bool is_repeat)
{
    bool is_accepted;

    sbuf_init(&detail, detail_text, sizeof detail_text);
    is_accepted = take(kind, span_str(text), is_repeat, &detail);
    assert_int_equal(sbuf_terminate(&detail), 0);
    return is_accepted;
}

#define LATENCY vamt_TuningKind_TUNING_KIND_LATENCY
#define FAULTS  vamt_TuningKind_TUNING_KIND_FAULTS
#define RESET   vamt_TuningKind_TUNING_KIND_RESET

static const char spread[] = "profile = slow\nseed = 7\nm0.get = 1 2 3 4 5 s\n";

/* How long the next Get takes, with nothing queued before. */
static uint64_t draw(void)
{
    struct latency_job job = {.op = LATENCY_OP_GET};
    uint64_t arrival = latency_busy_until() + 1000000;

    return latency_due(&job, arrival) - arrival;
}

static void latency_takes_effect(void **state)
{
    uint64_t first;

    (void)state;
    assert_true(set(LATENCY, spread, false));
    assert_int_equal(detail.len, 0);
    assert_string_equal(latency_profile()->name, "slow");
    assert_non_null(strstr(logged, "latency: profile slow, seed 7\n"));
    first = draw();
    assert_true(first >= 1000000 && first <= 5000000);
}

static void bad_latency_changes_nothing(void **state)
{
    (void)state;
    assert_true(set(LATENCY, spread, false));
    assert_false(set(LATENCY, "profile = bad\n\nm0.got = 1 s\n", false));
    assert_true(strncmp(detail_text, "line 3: ", 8) == 0);
    assert_string_equal(latency_profile()->name, "slow");
    assert_true(set(LATENCY, spread, true)); /* still what is in force */
    assert_null(strstr(strstr(logged, "slow") + 4, "slow"));
}

/* A shim that starts anew must not be noticed; a command starts from the seed. */
static void repeated_latency_goes_on(void **state)
{
    uint64_t draws[6];

    (void)state;
    assert_true(set(LATENCY, spread, false));
    for (unsigned i = 0; i < 6; i++) {
        draws[i] = draw();
    }
    assert_true(draws[0] != draws[3]);
    assert_true(set(LATENCY, spread, false));
    for (unsigned i = 0; i < 3; i++) {
        assert_true(draw() == draws[i]);
    }
    assert_true(set(LATENCY, spread, true));
    for (unsigned i = 3; i < 6; i++) {
        assert_true(draw() == draws[i]);
    }
    assert_true(set(LATENCY, "profile = native\n", true)); /* another text is new */
    assert_string_equal(latency_profile()->name, "native");
    assert_true(set(LATENCY, spread, true));
    assert_true(draw() == draws[0]);
}

static bool is_hit(void)
{
    struct fault_request request = {.op = LATENCY_OP_GET};

    return fault_hit_request(&request) != NULL;
}

static void faults_take_effect(void **state)
{
    (void)state;
    assert_true(set(FAULTS, "hang count=2\ndrop\n", false));
    assert_int_equal(fault_count(), 2);
    assert_non_null(strstr(logged, "fault: rule 2: drop\n"));
    assert_true(is_hit());
    assert_true(set(FAULTS, "hang count=2\ndrop\n", true)); /* one of two hits is left */
    assert_true(is_hit());
    assert_false(is_hit());
    assert_true(set(FAULTS, "hang count=2\ndrop\n", false));
    assert_true(is_hit());
    assert_true(set(FAULTS, "", false));
    assert_int_equal(fault_count(), 0);
    assert_false(is_hit());
}

static void bad_faults_change_nothing(void **state)
{
    char many[(CONFIG_FAULT_RULES + 1) * 5 + 1] = "";

    (void)state;
    assert_true(set(FAULTS, "hang\n", false));
    assert_false(set(FAULTS, "drop\nhang foo=1\n", false));
    assert_true(strncmp(detail_text, "line 2: ", 8) == 0);
    assert_int_equal(fault_count(), 1);
    for (unsigned i = 0; i <= CONFIG_FAULT_RULES; i++) {
        strcat(many, "hang\n");
    }
    assert_false(set(FAULTS, many, false));
    assert_string_equal(detail_text, "more than 16 rules");
    assert_int_equal(fault_count(), 1);
    assert_true(is_hit());
}

static void reset_is_passed_on(void **state)
{
    (void)state;
    assert_true(set(RESET, "", false));
    assert_string_equal(reset_why, "asked for by the operator");
    assert_false(set((vamt_TuningKind)9, "", false));
    assert_true(detail.len > 0);
}

static void seeds_take_effect(void **state)
{
    (void)state;
    seeds[0] = spread;
    seeds[1] = "# two\nhang count=1\n\ndrop\n";
    tuning_start();
    assert_string_equal(latency_profile()->name, "slow");
    assert_int_equal(fault_count(), 2);
    /* The shim kept the same: nothing begins anew. */
    assert_true(is_hit());
    assert_true(set(FAULTS, seeds[1], true));
    assert_false(is_hit());
}

static void bad_seeds_are_logged(void **state)
{
    static char big[CONFIG_TUNING_CAP + 2];

    (void)state;
    assert_true(set(LATENCY, "profile = native\n", false));
    memset(big, '#', sizeof big - 1);
    seeds[0] = "profile = x\nm0.get = soon\n";
    seeds[1] = big;
    tuning_start();
    assert_string_equal(latency_profile()->name, "native");
    assert_non_null(strstr(logged, "seed latency ignored: line 2: "));
    assert_non_null(strstr(logged, "seed faults ignored: too big"));
    assert_int_equal(fault_count(), 0);
    assert_true(set(LATENCY, seeds[0], true) == false); /* it is not in force */
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(latency_takes_effect),      TEST(bad_latency_changes_nothing),
        TEST(repeated_latency_goes_on),  TEST(faults_take_effect),
        TEST(bad_faults_change_nothing), TEST(reset_is_passed_on),
        TEST(seeds_take_effect),         TEST(bad_seeds_are_logged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
