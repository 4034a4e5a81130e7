/* SPDX-License-Identifier: ISC */
/* The modelled processor: its queue, and the draws (PROFILE.md says how a draw is made). */
#include "latency/latency.h"

#include "base/bytes.h"
#include "base/sbuf.h"
#include "base/siphash.h"

enum { LATE_US = 1000, DRAW_TEXT_CAP = 32 };

/* Before latency_start it is as good as native. */
static struct latency_profile profile = {.name = "native",
                                         .idle_min = LATENCY_PROFILE_IDLE_NEVER};
static enum latency_state state;
static uint64_t busy_until_us;
static struct latency_counts counts;
/* How many times were drawn of each. */
static uint64_t op_draws[LATENCY_STATE_COUNT][LATENCY_OP_COUNT];
static uint64_t event_draws[LATENCY_EVENT_COUNT];

static const char *const prefixes[LATENCY_STATE_COUNT] = {"m0.", "m3."};

/* Draw `n` of the setting `prefix` `name`. */
static uint32_t draw(const char *prefix, const char *name, uint64_t n,
                     const struct latency_spread *spread)
{
    uint8_t key[SIPHASH_KEY_LEN] = {0};
    uint8_t text[DRAW_TEXT_CAP];
    struct sbuf message;

    bytes_put_le64(key, profile.seed);
    sbuf_init(&message, text, sizeof(text));
    sbuf_put_str(&message, prefix);
    sbuf_put_str(&message, name);
    sbuf_put_le64(&message, n);
    return latency_spread_at(spread,
                             (uint32_t)(siphash_24(key, sbuf_span(&message)) >> 32));
}

static uint32_t draw_op(enum latency_op op)
{
    return draw(prefixes[state], latency_op_name(op), op_draws[state][op]++,
                &profile.op[state][op]);
}

static bool is_modelled(enum latency_op op)
{
    return profile.op[state][op].us[LATENCY_SPREAD_POINTS - 1] > 0;
}

void latency_start(void)
{
    struct latency_profile native;

    latency_profile_init(&native);
    latency_use(&native);
    state = LATENCY_STATE_M0;
    busy_until_us = 0;
}

void latency_use(const struct latency_profile *new_profile)
{
    profile = *new_profile;
    counts = (struct latency_counts){0};
    for (unsigned op = 0; op < LATENCY_OP_COUNT; op++) {
        op_draws[LATENCY_STATE_M0][op] = 0;
        op_draws[LATENCY_STATE_M3][op] = 0;
    }
    for (unsigned event = 0; event < LATENCY_EVENT_COUNT; event++) {
        event_draws[event] = 0;
    }
}

const struct latency_profile *latency_profile(void)
{
    return &profile;
}

void latency_set_state(enum latency_state new_state)
{
    state = new_state;
}

uint64_t latency_due(const struct latency_job *job, uint64_t arrival_us)
{
    bool has_items = job->items > 0 && is_modelled(LATENCY_OP_PULL_ITEM);
    uint64_t total = 0;

    if (!is_modelled(job->op) && !has_items) {
        return 0;
    }
    total = draw_op(job->op);
    for (uint32_t i = 0; i < job->items && has_items; i++) {
        total += draw_op(LATENCY_OP_PULL_ITEM);
    }
    if (busy_until_us < arrival_us) {
        busy_until_us = arrival_us;
    }
    busy_until_us += total;
    return busy_until_us;
}

uint64_t latency_busy_until(void)
{
    return busy_until_us;
}

void latency_left(uint64_t due_us, uint64_t now_us)
{
    uint64_t late_us = now_us > due_us ? now_us - due_us : 0;

    if (due_us == 0) {
        return;
    }
    counts.replies++;
    counts.late += late_us > LATE_US;
    if (late_us > counts.worst_late_us) {
        counts.worst_late_us = late_us;
    }
}

uint32_t latency_draw(enum latency_event event)
{
    static const char *const names[LATENCY_EVENT_COUNT] = {
        [LATENCY_EVENT_WAKE] = "wake.time",
        [LATENCY_EVENT_BOUNCE_AFTER] = "bounce.after",
        [LATENCY_EVENT_BOUNCE_DOWN] = "bounce.down",
        [LATENCY_EVENT_RESET] = "reset.down"};
    const struct latency_spread *const spreads[LATENCY_EVENT_COUNT] = {
        [LATENCY_EVENT_WAKE] = &profile.wake,
        [LATENCY_EVENT_BOUNCE_AFTER] = &profile.bounce_after,
        [LATENCY_EVENT_BOUNCE_DOWN] = &profile.bounce_down,
        [LATENCY_EVENT_RESET] = &profile.reset_down};

    return draw("", names[event], event_draws[event]++, spreads[event]);
}

struct latency_counts latency_count(void)
{
    return counts;
}
