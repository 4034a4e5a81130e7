/* SPDX-License-Identifier: ISC */
/* The table of settings. Those of operations follow from the names of the operations. */
#include "latency/latency_key.h"

#include "base/err.h"
#include "config.h"

enum { ANNOUNCE_MOST = 10 };

#define AT(field) .offset = offsetof(struct latency_profile, field)

static const struct latency_key head[] = {
    {"", "profile", LATENCY_KIND_NAME, AT(name)},
    {"", "calibrated", LATENCY_KIND_FLAG, AT(is_calibrated), .yes = "yes", .no = "no"},
    {"", "seed", LATENCY_KIND_SEED, AT(seed)},
};

static const struct latency_key tail[] = {
    {"", "sleep.idle", LATENCY_KIND_IDLE, AT(idle_min), .least = 1,
     .most = LATENCY_PROFILE_IDLE_NEVER},
    {"", "sleep.minute", LATENCY_KIND_TIME, AT(minute_us), .least = 1000},
    {"", "sleep.extra", LATENCY_KIND_TIME, AT(extra_us)},
    {"", "sleep.arp", LATENCY_KIND_FLAG, AT(answers_arp), .yes = "on", .no = "off"},
    {"", "sleep.ping", LATENCY_KIND_FLAG, AT(answers_ping), .yes = "on", .no = "off"},
    {"", "wake.time", LATENCY_KIND_SPREAD, AT(wake)},
    {"", "wake.hold", LATENCY_KIND_COUNT, AT(wake_hold), .most = CONFIG_NET_HOLD_COUNT},
    {"", "wake.announce", LATENCY_KIND_COUNT, AT(wake_announce), .most = ANNOUNCE_MOST},
    {"", "bounce.after", LATENCY_KIND_SPREAD, AT(bounce_after)},
    {"", "bounce.down", LATENCY_KIND_SPREAD, AT(bounce_down)},
    {"", "bounce.connections", LATENCY_KIND_FLAG, AT(bounce_drops), .yes = "drop",
     .no = "keep"},
    {"", "reset.down", LATENCY_KIND_SPREAD, AT(reset_down)},
};

_Static_assert(UTIL_COUNT(head) == LATENCY_KEY_HEAD_COUNT, "count of the first settings");
_Static_assert(UTIL_COUNT(tail) == LATENCY_KEY_TAIL_COUNT, "count of the last settings");

static const char *const prefixes[LATENCY_STATE_COUNT] = {"m0.", "m3."};

struct latency_key latency_key_get(size_t index)
{
    struct latency_key key = {.kind = LATENCY_KIND_SPREAD};
    size_t op = index - LATENCY_KEY_HEAD_COUNT;

    if (index < LATENCY_KEY_HEAD_COUNT) {
        return head[index];
    }
    if (op >= LATENCY_KEY_OP_COUNT) {
        return tail[op - LATENCY_KEY_OP_COUNT];
    }
    key.prefix = prefixes[op / LATENCY_OP_COUNT];
    key.name = latency_op_name((enum latency_op)(op % LATENCY_OP_COUNT));
    key.offset = offsetof(struct latency_profile, op) +
                 op * sizeof(struct latency_spread);
    return key;
}

int latency_key_find(struct span name)
{
    for (size_t i = 0; i < LATENCY_KEY_COUNT; i++) {
        struct latency_key key = latency_key_get(i);
        struct span prefix = span_str(key.prefix);

        if (span_starts_with(name, key.prefix) &&
            span_equal_str(span_slice(name, prefix.len, name.len), key.name)) {
            return (int)i;
        }
    }
    return ERR_NOT_FOUND;
}

void *latency_key_field(const struct latency_key *key, struct latency_profile *profile)
{
    return (uint8_t *)profile + key->offset;
}

const void *latency_key_value(const struct latency_key *key,
                              const struct latency_profile *profile)
{
    return (const uint8_t *)profile + key->offset;
}
