/* SPDX-License-Identifier: ISC */
/*
 * Which power state follows when (diagram: engine.h). One function per state looks at the
 * facts in order of importance and makes at most one change.
 */
#include "engine/engine_power.h"

#include "base/util.h"

enum { NEVER_MIN = LATENCY_PROFILE_IDLE_NEVER };

/* No such time. */
static const uint64_t none = UINT64_MAX;

/* ---- times ---------------------------------------------------------------------------- */

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* When something may begin that was due at `due_us` and must let replies out first. */
static uint64_t after_replies(const struct engine_power_facts *f, uint64_t due_us)
{
    uint64_t grace_us = f->has_conns ? ENGINE_POWER_GRACE_US : 0;

    if (due_us == none) {
        return none;
    }
    return util_earlier(later(due_us, f->busy_until_us) + grace_us,
                        due_us + ENGINE_POWER_PATIENCE_US);
}

static uint64_t bounce_at(const struct engine_power *p,
                          const struct engine_power_facts *f)
{
    if (p->bounce_us == none) {
        return none;
    }
    return later(p->bounce_us + p->bounce_after_us, after_replies(f, p->bounce_us));
}

static uint64_t idle_us(const struct engine_power_facts *f)
{
    uint32_t minutes = f->idle_min == 0 ? 1 : f->idle_min;

    return minutes * f->profile->minute_us + f->profile->extra_us;
}

/* When it falls asleep if nothing more happens. */
static uint64_t sleep_at(const struct engine_power *p, const struct engine_power_facts *f)
{
    uint64_t quiet_us = later(later(p->since_us, f->traffic_us), f->busy_until_us);

    if (f->host != ENGINE_HOST_OFF || f->idle_min == NEVER_MIN || f->has_conns) {
        return none;
    }
    return quiet_us + idle_us(f);
}

/* Connections keep it awake; their end may come without a call of ours. */
static uint64_t recheck_at(const struct engine_power *p,
                           const struct engine_power_facts *f)
{
    uint64_t quiet_us = later(p->since_us, f->traffic_us) + idle_us(f);

    if (f->host != ENGINE_HOST_OFF || f->idle_min == NEVER_MIN || !f->has_conns) {
        return none;
    }
    return later(quiet_us, f->now_us + ENGINE_POWER_RECHECK_US);
}

/* ---- facts ---------------------------------------------------------------------------- */

static void note_since(uint64_t *since_us, bool holds, uint64_t now_us)
{
    if (!holds) {
        *since_us = none;
    } else if (*since_us == none) {
        *since_us = now_us;
    }
}

/* The host went on or off. Both times are drawn for each change, whatever becomes of it, so
 * that the n-th change always draws the same. */
static void note_host_change(struct engine_power *p, const struct engine_power_facts *f)
{
    uint32_t after_us = f->draw(LATENCY_EVENT_BOUNCE_AFTER);
    uint32_t down_us = f->draw(LATENCY_EVENT_BOUNCE_DOWN);

    p->bounce_us = down_us > 0 ? f->now_us : none;
    p->bounce_after_us = after_us;
    p->bounce_down_us = down_us;
    if (p->state == ENGINE_WAKING && p->is_host_on) {
        p->until_us = f->now_us; /* power comes back: awake at once */
    }
}

static void note_facts(struct engine_power *p, const struct engine_power_facts *f)
{
    bool is_on = f->host == ENGINE_HOST_ON;

    if (f->host != ENGINE_HOST_UNKNOWN && !p->is_host_known) {
        p->is_host_known = true; /* it was so before we started: no change */
        p->is_host_on = is_on;
    } else if (f->host != ENGINE_HOST_UNKNOWN && is_on != p->is_host_on) {
        p->is_host_on = is_on;
        note_host_change(p, f);
    }
    note_since(&p->stuck_us, f->is_stuck, f->now_us);
    note_since(&p->unpowered_us, f->is_s0_only && f->host == ENGINE_HOST_OFF, f->now_us);
}

static bool has_no_power(const struct engine_power *p, const struct engine_power_facts *f)
{
    return f->is_s0_only && p->is_host_known && !p->is_host_on;
}

/* ---- changes -------------------------------------------------------------------------- */

static bool enter(struct engine_power *p, enum engine_state to, const char *why,
                  struct engine_power_change *change)
{
    *change = (struct engine_power_change){.from = p->state, .to = to, .why = why};
    p->state = to;
    return true;
}

static bool enter_awake(struct engine_power *p, const struct engine_power_facts *f,
                        const char *why, struct engine_power_change *change)
{
    enum engine_state from = p->state;

    enter(p, p->is_host_on ? ENGINE_M0 : ENGINE_M3, why, change);
    change->needs_announcing = from != ENGINE_M0 && from != ENGINE_M3;
    p->since_us = f->now_us;
    return true;
}

/* A card that sleeps has no network to restart. */
static bool enter_moff(struct engine_power *p, const char *why,
                       struct engine_power_change *change)
{
    p->was_stuck = false;
    p->bounce_us = none;
    return enter(p, ENGINE_MOFF, why, change);
}

/* States that take a time. */
static bool enter_for(struct engine_power *p, enum engine_state to, uint64_t from_us,
                      uint32_t duration_us, const char *why,
                      struct engine_power_change *change)
{
    enter(p, to, why, change);
    p->until_us = from_us + duration_us;
    change->duration_us = duration_us;
    return true;
}

static bool enter_waking(struct engine_power *p, const struct engine_power_facts *f,
                         const char *why, struct engine_power_change *change)
{
    return enter_for(p, ENGINE_WAKING, f->now_us, f->draw(LATENCY_EVENT_WAKE), why,
                     change);
}

static bool enter_stuck(struct engine_power *p, struct engine_power_change *change)
{
    enter_moff(p, "fault asleep", change);
    p->was_stuck = true;
    return true;
}

/* Without power the engine forgets its connections. */
static bool enter_unpowered(struct engine_power *p, struct engine_power_change *change)
{
    enter_moff(p, "the host is off and the power package is S0 only", change);
    change->drops_conns = true;
    return true;
}

static bool enter_restart(struct engine_power *p, const struct engine_power_facts *f,
                          struct engine_power_change *change)
{
    p->bounce_us = none;
    enter_for(p, ENGINE_RESTART, f->now_us, p->bounce_down_us,
              p->is_host_on ? "the host went on" : "the host went off", change);
    change->drops_conns = f->profile->bounce_drops;
    return true;
}

/* From any state. */
static bool is_reset_due(const struct engine_power *p, const struct engine_power_facts *f)
{
    return f->now_us >= after_replies(f, p->reset_us);
}

static bool enter_reset(struct engine_power *p, const struct engine_power_facts *f,
                        struct engine_power_change *change)
{
    p->reset_us = none;
    return enter_for(p, ENGINE_RESET, f->now_us, f->draw(LATENCY_EVENT_RESET), "as asked",
                     change);
}

/* ---- states --------------------------------------------------------------------------- */

static bool step_awake(struct engine_power *p, const struct engine_power_facts *f,
                       struct engine_power_change *change)
{
    if ((p->state == ENGINE_M0) != p->is_host_on && p->is_host_known) {
        return enter_awake(p, f, p->is_host_on ? "the host is on" : "the host is off",
                           change);
    }
    if (f->now_us >= after_replies(f, p->stuck_us)) {
        return enter_stuck(p, change);
    }
    if (f->now_us >= after_replies(f, p->unpowered_us)) {
        return enter_unpowered(p, change);
    }
    if (f->now_us >= bounce_at(p, f)) {
        return enter_restart(p, f, change);
    }
    if (f->now_us >= sleep_at(p, f)) {
        enter_moff(p, "no traffic", change);
        change->duration_us = idle_us(f);
        return true;
    }
    return false;
}

static bool step_moff(struct engine_power *p, const struct engine_power_facts *f,
                      struct engine_power_change *change)
{
    if (f->is_stuck) {
        p->was_stuck = true;
        p->bounce_us = none;
        return false;
    }
    if (has_no_power(p, f)) {
        p->was_stuck = false;
        return false;
    }
    if (p->was_stuck) {
        return enter_waking(p, f, "fault asleep is over", change);
    }
    if (p->is_host_on) {
        return enter_awake(p, f, "the host is on", change);
    }
    if (f->idle_min == NEVER_MIN) { /* another profile has come */
        return enter_waking(p, f, "it is never to sleep", change);
    }
    return f->is_woken && enter_waking(p, f, "a frame came", change);
}

static bool step_waking(struct engine_power *p, const struct engine_power_facts *f,
                        struct engine_power_change *change)
{
    if (f->is_stuck) {
        return enter_stuck(p, change);
    }
    if (has_no_power(p, f)) {
        return enter_unpowered(p, change);
    }
    return f->now_us >= p->until_us && enter_awake(p, f, "awake", change);
}

static bool step_restart(struct engine_power *p, const struct engine_power_facts *f,
                         struct engine_power_change *change)
{
    return f->now_us >= p->until_us && enter_awake(p, f, "the network is back", change);
}

/* Nothing but the board's reset follows. */
static bool step_reset(struct engine_power *p, const struct engine_power_facts *f,
                       struct engine_power_change *change)
{
    (void)p;
    (void)f;
    (void)change;
    return false;
}

void engine_power_init(struct engine_power *power)
{
    *power = (struct engine_power){.state = ENGINE_M0,
                                   .stuck_us = none,
                                   .unpowered_us = none,
                                   .reset_us = none,
                                   .bounce_us = none};
}

void engine_power_reset(struct engine_power *power, uint64_t now_us)
{
    if (power->state != ENGINE_RESET && power->reset_us == none) {
        power->reset_us = now_us + ENGINE_POWER_GRACE_US;
    }
}

bool engine_power_step(struct engine_power *power, const struct engine_power_facts *facts,
                       struct engine_power_change *change)
{
    static bool (*const steps[])(struct engine_power *, const struct engine_power_facts *,
                                 struct engine_power_change *) = {
        [ENGINE_M0] = step_awake,        [ENGINE_M3] = step_awake,
        [ENGINE_MOFF] = step_moff,       [ENGINE_WAKING] = step_waking,
        [ENGINE_RESTART] = step_restart, [ENGINE_RESET] = step_reset};

    note_facts(power, facts);
    if (is_reset_due(power, facts)) {
        return enter_reset(power, facts, change);
    }
    return steps[power->state](power, facts, change);
}

uint64_t engine_power_deadline(const struct engine_power *p,
                               const struct engine_power_facts *f)
{
    uint64_t due_us = after_replies(f, p->reset_us);

    switch (p->state) {
    case ENGINE_M0:
    case ENGINE_M3:
        due_us = util_earlier(due_us, after_replies(f, p->stuck_us));
        due_us = util_earlier(due_us, after_replies(f, p->unpowered_us));
        due_us = util_earlier(due_us, bounce_at(p, f));
        due_us = util_earlier(due_us, sleep_at(p, f));
        return util_earlier(due_us, recheck_at(p, f));
    case ENGINE_WAKING:
    case ENGINE_RESTART:
    case ENGINE_RESET:
        return util_earlier(due_us, p->until_us);
    case ENGINE_MOFF:
        break;
    }
    return due_us;
}
