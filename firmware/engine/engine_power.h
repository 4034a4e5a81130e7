/* SPDX-License-Identifier: ISC */
/*
 * The power states of the management engine as a pure state machine: facts in, a change of
 * state or the next deadline out. No globals, no clock of its own; engine.c feeds it.
 *
 * What takes answers away from clients (network restart, Moff without power, a stuck engine,
 * reset) begins when replies are out: when nothing is on the modelled processor and, if there
 * are connections, ENGINE_POWER_GRACE_US later; but at the latest ENGINE_POWER_PATIENCE_US
 * after it was due, so that a busy client cannot put it off for ever.
 */
#ifndef VAMT_ENGINE_ENGINE_POWER_H
#define VAMT_ENGINE_ENGINE_POWER_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/engine.h"
#include "latency/latency.h"

enum {
    ENGINE_POWER_GRACE_US = 250000, /* a reply is finished, sent and acknowledged */
    ENGINE_POWER_PATIENCE_US = 10000000,
    ENGINE_POWER_RECHECK_US =
        5000000 /* how soon the end of the last connection is seen */
};

enum engine_host { ENGINE_HOST_UNKNOWN, ENGINE_HOST_OFF, ENGINE_HOST_ON };

/* What the machine looks at. */
struct engine_power_facts {
    uint64_t now_us;
    enum engine_host host;
    const struct latency_profile *profile;
    uint32_t (*draw)(enum latency_event event); /* as latency_draw */
    uint32_t idle_min;      /* IdleWakeTimeout in force; 65535: never, 0 counts as 1 */
    bool is_s0_only;        /* power package: no power while the host is off */
    bool has_conns;         /* somebody is connected */
    uint64_t traffic_us;    /* last frame for us; 0: none */
    uint64_t busy_until_us; /* the modelled processor */
    bool is_woken;          /* a qualifying frame has come in Moff */
    bool is_stuck;          /* fault: stay in Moff */
};

struct engine_power {
    enum engine_state state;
    bool is_host_known; /* it was once; then `is_host_on` is what it was last */
    bool is_host_on;
    uint64_t since_us;     /* M0, M3: when this state began */
    uint64_t until_us;     /* WAKING, RESTART, RESET: when it ends */
    bool was_stuck;        /* Moff: by the fault */
    uint64_t stuck_us;     /* since when the fault is there; UINT64_MAX: it is not */
    uint64_t unpowered_us; /* since when there is no power; UINT64_MAX: there is */
    uint64_t reset_us;     /* when a reset was asked for; UINT64_MAX: none */
    uint64_t bounce_us;    /* when the host changed and the network is to restart for it;
                               * UINT64_MAX: no restart is due */
    uint32_t bounce_after_us; /* how much later it begins ... */
    uint32_t bounce_down_us;  /* ... and how long it takes */
};

/* What has changed. */
struct engine_power_change {
    enum engine_state from;
    enum engine_state to;
    const char *why;       /* constant text */
    uint64_t duration_us;  /* of what `why` or the new state is about; 0: none */
    bool drops_conns;      /* connections are lost */
    bool needs_announcing; /* neighbours have to find us again */
};

/* M0, nothing known of the host. */
void engine_power_init(struct engine_power *power);
/* Reset when replies are out and the shim has heard of it (ENGINE_POWER_GRACE_US). */
void engine_power_reset(struct engine_power *power, uint64_t now_us);
/* Go one state further if it is time: true and `change`. Call it until it is false, clearing
 * `is_woken` after the first time. */
bool engine_power_step(struct engine_power *power, const struct engine_power_facts *facts,
                       struct engine_power_change *change);
/* When engine_power_step may say true next without new facts; after it was false this is in
 * the future. UINT64_MAX: never. */
uint64_t engine_power_deadline(const struct engine_power *power,
                               const struct engine_power_facts *facts);

#endif
