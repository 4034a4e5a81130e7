/* SPDX-License-Identifier: ISC */
/* The settings of a profile: names, what they take, and where the value goes. For the parser
 * and the writer of profiles. */
#ifndef VAMT_LATENCY_KEY_H
#define VAMT_LATENCY_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/util.h"
#include "latency/latency_profile.h"

enum latency_kind {
    LATENCY_KIND_NAME,   /* char[LATENCY_PROFILE_NAME_CAP] */
    LATENCY_KIND_SEED,   /* uint64_t */
    LATENCY_KIND_FLAG,   /* bool: one of two words */
    LATENCY_KIND_IDLE,   /* uint32_t: minutes, or "never" */
    LATENCY_KIND_COUNT,  /* uint32_t up to `most` */
    LATENCY_KIND_TIME,   /* uint64_t microseconds, at least `least` */
    LATENCY_KIND_SPREAD, /* struct latency_spread */
};

struct latency_key {
    const char *prefix; /* "m0.", "m3." or "" */
    const char *name;
    enum latency_kind kind;
    size_t offset; /* in struct latency_profile */
    const char *yes;
    const char *no;
    uint32_t least;
    uint32_t most;
};

enum {
    LATENCY_KEY_HEAD_COUNT = 3,
    LATENCY_KEY_OP_COUNT = LATENCY_STATE_COUNT * LATENCY_OP_COUNT,
    LATENCY_KEY_TAIL_COUNT = 12,
    LATENCY_KEY_COUNT = LATENCY_KEY_HEAD_COUNT + LATENCY_KEY_OP_COUNT +
                        LATENCY_KEY_TAIL_COUNT
};

/* Setting 0 .. LATENCY_KEY_COUNT - 1, in the order in which a profile is written; 0 is
 * "profile". */
struct latency_key latency_key_get(size_t index);
/* Which setting has this name, or ERR_NOT_FOUND. */
int latency_key_find(struct span name) UTIL_MUST_CHECK;
/* Its field in a profile. */
void *latency_key_field(const struct latency_key *key, struct latency_profile *profile);
const void *latency_key_value(const struct latency_key *key,
                              const struct latency_profile *profile);

#endif
