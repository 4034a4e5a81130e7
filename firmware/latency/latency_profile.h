/* SPDX-License-Identifier: ISC */
/*
 * A profile: how long a management engine of some generation takes, as a small text file.
 * PROFILE.md gives the format. The same parser serves the firmware, vamtctl and the tests.
 */
#ifndef VAMT_LATENCY_PROFILE_H
#define VAMT_LATENCY_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sbuf.h"
#include "base/span.h"
#include "base/util.h"
#include "latency/latency_op.h"
#include "latency/latency_spread.h"

/* A sleeping engine has no times of its own: what wakes it is answered as in M3. */
enum latency_state { LATENCY_STATE_M0, LATENCY_STATE_M3, LATENCY_STATE_COUNT };

enum { LATENCY_PROFILE_NAME_CAP = 32, LATENCY_PROFILE_IDLE_NEVER = 65535 };

struct latency_profile {
    char name[LATENCY_PROFILE_NAME_CAP]; /* letters, digits, '-', '.' */
    bool is_calibrated; /* fitted to a measurement, no number `set` since */
    uint64_t seed;
    /* From the arrival of a request to the departure of its reply; zeroes: no delay. */
    struct latency_spread op[LATENCY_STATE_COUNT][LATENCY_OP_COUNT];

    /* Falling asleep: IdleWakeTimeout minutes of `minute_us` each without traffic or open
     * connections, and `extra_us`. */
    uint32_t idle_min;  /* IdleWakeTimeout until a console writes one; 65535: never */
    uint64_t minute_us; /* how long such a minute is: 60 s on real devices */
    uint64_t extra_us;
    bool answers_arp; /* asleep, the NIC answers ARP for our address by itself ... */
    bool answers_ping;

    /* Waking up. */
    struct latency_spread wake; /* from the first qualifying frame */
    uint32_t wake_hold;     /* frames kept for the engine meanwhile; 0: they are lost */
    uint32_t wake_announce; /* gratuitous ARPs when awake */

    /* When the host goes on or off the engine restarts its network. */
    struct latency_spread
        bounce_after;                  /* from the change; never before replies are out */
    struct latency_spread bounce_down; /* nothing goes in or out; zeroes: no restart */
    bool bounce_drops;                 /* connections are lost, without a word */

    struct latency_spread reset_down; /* engine reset: gone for so long before it boots */
};

/* What is wrong with a text and where. */
struct latency_profile_error {
    unsigned line; /* 1 is the first; 0: about the whole */
    char text[96]; /* names the key and what it takes; no newline */
};

/* No delays, no sleep, offloads on, name "native": what an empty profile means. */
void latency_profile_init(struct latency_profile *profile);
/* Read a whole text, shorter than CONFIG_TUNING_CAP. 0, or ERR_INVALID: `profile` is unchanged
 * and `error` filled. */
int latency_profile_parse(struct span text, struct latency_profile *profile,
                          struct latency_profile_error *error) UTIL_MUST_CHECK;
/* A short text that parses to the same profile, without comments and what an empty profile
 * has anyway; ends in a newline. Always shorter than CONFIG_TUNING_CAP. */
void latency_profile_write(const struct latency_profile *profile, struct sbuf *out);

#endif
