/* SPDX-License-Identifier: ISC */
/*
 * The power goes in the middle of every single program and erase of a workload, in each of the ways
 * that flash_sim knows. After the restart every record is the old one or the new one, and the store
 * works on.
 */
#include "unit.h"

#include "base/util.h"
#include "store_world.h"

enum { BLOCKS = 16, NAMES = 5, ROUNDS = 2 };

static const char *const names[NAMES] = {"alpha", "beta", "gamma", "delta", "epsilon"};

/* Small ones live in the directory, large ones have blocks of their own. number 0: remove. */
struct step {
    unsigned record;
    unsigned number;
    size_t len;
};
static const struct step steps[] = {
    {0, 1, 20},   {1, 1, 400},  {2, 1, 3000}, {0, 2, 21},   {1, 2, 380}, {3, 1, 5000},
    {2, 2, 4500}, {0, 3, 900},  {1, 0, 0},    {4, 1, 100},  {3, 0, 0},   {4, 2, 450},
    {0, 4, 25},   {4, 3, 300},  {1, 3, 480},  {2, 0, 0},    {2, 3, 60},  {3, 2, 490},
    {4, 4, 300},  {3, 3, 6144}, {0, 5, 470},  {1, 4, 2000}, {0, 6, 10},  {4, 0, 0},
};

enum { STEPS = ROUNDS * UTIL_COUNT(steps) };

/* What the store should hold. number 0: no such record. */
struct model {
    unsigned number[NAMES];
};

/* The steps once more with other numbers: until metadata is compacted and moves. */
static struct step step_at(unsigned index)
{
    struct step step = steps[index % UTIL_COUNT(steps)];

    if (step.number > 0) {
        step.number += index / UTIL_COUNT(steps) * 100;
    }
    return step;
}

static void apply(struct model *model, const struct step *step)
{
    model->number[step->record] = step->number;
}

static void execute(const struct step *step)
{
    const char *name = names[step->record];

    if (step->number == 0) {
        assert_int_equal(store_remove(name), 0);
    } else {
        assert_int_equal(store_world_write(name, step->number, step->len), 0);
    }
}

static unsigned now_of(unsigned record)
{
    int number = store_world_read(names[record]);

    return number < 0 ? 0 : (unsigned)number;
}

static void assert_is(const struct model *model)
{
    for (unsigned i = 0; i < NAMES; i++) {
        assert_int_equal(now_of(i), model->number[i]);
    }
}

/* All as in the model but for the step's record, which may be as the step makes it. */
static void assert_old_or_new(const struct model *model, unsigned index)
{
    struct step step = step_at(index);

    for (unsigned i = 0; i < NAMES; i++) {
        unsigned number = now_of(i);

        if (i == step.record && number == step.number) {
            continue;
        }
        if (number != model->number[i]) {
            fail_msg("step %u: %s is %u instead of %u", index, names[i], number,
                     model->number[i]);
        }
    }
}

static void restart(void)
{
    enum store_state state = store_world_start();

    if (state != STORE_GOOD) {
        fail_msg("state %s: %s", store_state_name(state), store_world.log);
    }
}

/* Runs the workload from `from` on; true if it came to its end. If the power went, *from is the
 * step that it went in. */
static bool run(volatile unsigned *from, struct model *model)
{
    if (setjmp(store_world.sim.powerless) != 0) {
        return false;
    }
    while (*from < STEPS) {
        struct step step = step_at(*from);

        execute(&step);
        apply(model, &step);
        *from = *from + 1;
    }
    return true;
}

/* Lose power in operation `cut_at`, and again `again` operations after the restart (0: not);
 * false if the workload was over before. */
static bool cut_once(const struct flash_sim *formatted, uint32_t cut_at,
                     enum flash_sim_cut cut, uint32_t again)
{
    static struct model model;
    static volatile unsigned at;
    bool was_cut;

    memset(&model, 0, sizeof(model));
    at = 0;
    flash_sim_copy(&store_world.sim, formatted);
    restart();
    store_world.sim.cut_at = cut_at;
    store_world.sim.cut = cut;
    was_cut = !run(&at, &model);
    store_world.sim.cut_at = 0;
    if (was_cut && again > 0) {
        restart();
        store_world.sim.cut_at = store_world.sim.operations + again;
        (void)run(&at, &model);
        store_world.sim.cut_at = 0;
    }
    if (was_cut) {
        restart();
        if (at < STEPS) {
            assert_old_or_new(&model, at);
        }
        assert_true(run(&at, &model));
    }
    restart();
    assert_is(&model);
    return was_cut;
}

static void format(struct flash_sim *formatted)
{
    store_world_open(BLOCKS);
    assert_int_equal(store_world_start(), STORE_FRESH);
    flash_sim_open(formatted, 4096, BLOCKS, 0xff);
    flash_sim_copy(formatted, &store_world.sim);
}

static void test_cut_at_every_operation(void **state)
{
    struct flash_sim formatted;
    uint32_t cut_at = 1;

    (void)state;
    format(&formatted);
    for (bool goes_on = true; goes_on; cut_at++) {
        for (enum flash_sim_cut cut = 0; cut < FLASH_SIM_CUTS; cut++) {
            goes_on = cut_once(&formatted, cut_at, cut, 0);
        }
    }
    print_message("# %u operations, each cut in %d ways\n", cut_at - 2, FLASH_SIM_CUTS);
    assert_true(cut_at > 100);
    flash_sim_close(&formatted);
    store_world_close();
}

static void test_cut_again_after_the_restart(void **state)
{
    struct flash_sim formatted;

    (void)state;
    format(&formatted);
    for (uint32_t cut_at = 1, again = 1;; cut_at += 3, again = again % 7 + 1) {
        bool goes_on = cut_once(&formatted, cut_at, FLASH_SIM_CUT_BITS, again);

        if (!goes_on) {
            break;
        }
        assert_true(cut_once(&formatted, cut_at, FLASH_SIM_CUT_HALF, again));
    }
    flash_sim_close(&formatted);
    store_world_close();
}

/* False: the power went. */
static bool start_whole(void)
{
    if (setjmp(store_world.sim.powerless) != 0) {
        return false;
    }
    assert_int_equal(store_world_start(), STORE_FRESH);
    return true;
}

/* The very first start: never an error, always an empty store that can be used. */
static bool cut_first_start(uint8_t fill, uint32_t cut_at, enum flash_sim_cut cut)
{
    bool is_whole;
    enum store_state now;

    store_world_open(BLOCKS);
    memset(store_world.sim.bytes, fill, flash_sim_size(&store_world.sim));
    store_world.sim.cut_at = cut_at;
    store_world.sim.cut = cut;
    is_whole = start_whole();
    store_world.sim.cut_at = 0;
    if (!is_whole) {
        now = store_world_start();
        if (now != STORE_FRESH && now != STORE_GOOD) {
            fail_msg("operation %u, way %d: %s: %s", cut_at, (int)cut,
                     store_state_name(now), store_world.log);
        }
    }
    assert_int_equal(store_world_write("alpha", 1, 100), 0);
    assert_int_equal(store_world_start(), STORE_GOOD);
    assert_int_equal(store_world_read("alpha"), 1);
    store_world_close();
    return !is_whole;
}

static void cut_all_of_first_start(uint8_t fill)
{
    uint32_t cut_at = 1;

    for (bool goes_on = true; goes_on; cut_at++) {
        for (enum flash_sim_cut cut = 0; cut < FLASH_SIM_CUTS; cut++) {
            goes_on = cut_first_start(fill, cut_at, cut);
        }
    }
    assert_true(cut_at > 5);
}

static void test_cut_in_the_first_start(void **state)
{
    (void)state;
    cut_all_of_first_start(0xff);
    cut_all_of_first_start(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cut_at_every_operation),
        cmocka_unit_test(test_cut_again_after_the_restart),
        cmocka_unit_test(test_cut_in_the_first_start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
