/* SPDX-License-Identifier: ISC */
/*
 * Power states of the management engine. M0: the host is on. M3: the host is off or asleep
 * and the engine is awake. Moff: asleep after its idle timeout, or without power because
 * the power package is "on in S0 only"; the NIC alone listens.
 *
 *            host on                    no traffic, nothing open, IdleWakeTimeout
 *     M3 <------------> M0       M3 ------------------------------------------> Moff
 *            host off             ^                    qualifying frame          |
 *                                 +------------------- WAKING <------------------+
 *
 * Every change is logged. With IdleWakeTimeout 65535 (profile native, until a console
 * writes another) the engine never sleeps.
 */
#ifndef VAMT_ENGINE_ENGINE_H
#define VAMT_ENGINE_ENGINE_H

#include <stdint.h>

enum engine_state {
    ENGINE_M0,
    ENGINE_M3,
    ENGINE_MOFF,
    ENGINE_WAKING, /* a frame has come in Moff: M3 (or M0) after the profile's wake time */
    ENGINE_RESTART, /* its network restarts because the host's power changed */
    ENGINE_RESET    /* going down for a reset of the firmware */
};

/* Once, after net_start. */
void engine_start(void);
/* Look at the host, the settings, the traffic and the clock, and change state. Call it after
 * host_client_poll and before net_flush. Returns when it must be called next
 * (board_now_us scale; UINT64_MAX: only when something happens). */
uint64_t engine_poll(uint64_t now_us);
enum engine_state engine_state(void);
/* "M0", "M3", "Moff", "waking", "network restart", "reset". */
const char *engine_state_name(enum engine_state state);
/* Reset the firmware as the real engine does (after unprovisioning, by a fault): it is gone for
 * the profile's reset time, then boots. `why` is for the log and must be a constant. */
void engine_reset(const char *why);

#endif
