/* SPDX-License-Identifier: ISC */
/* What an operator sets for one companion: latency, faults, a reset (TUNING.md). */
#ifndef VAMT_SHIM_COMPANION_TUNING_H
#define VAMT_SHIM_COMPANION_TUNING_H

#include <stdbool.h>
#include <stdint.h>

#include "host/hostlink.pb.h"
#include "loop.h"
#include "tunefile.h"

struct companion;

/* How a command ended (companion_tune). `detail` is for the user, "" if there is none. */
typedef void companion_tuned_fn(uint64_t ticket, bool is_done, const char *detail);

/* What an operator has set (TUNING.md), and the one command that is under way. */
struct companion_tuning {
    struct tunefile kept;
    bool is_due[TUNEFILE_COUNT];        /* kept text that this session has not seen */
    bool is_new[TUNEFILE_COUNT];        /* no firmware has seen it yet: not a repeat */
    uint32_t repeat_id[TUNEFILE_COUNT]; /* sent under; 0: answered or never sent */
    uint32_t last_id;
    vamt_Tuning command; /* id 0: none */
    bool is_sent;
    uint64_t epoch;           /* of the firmware that it was sent to */
    companion_tuned_fn *done; /* NULL: nobody waits any more */
    uint64_t ticket;
    struct loop_timer timer;
};

/* Set something, or reset the firmware. COMPANION_TUNE_SENT: `done` is called once,
 * later. COMPANION_TUNE_KEPT: it takes effect when the firmware connects.
 * COMPANION_TUNE_BUSY: another command is under way. COMPANION_TUNE_SILENT: a reset needs
 * the firmware. COMPANION_TUNE_FAILED: the file cannot be written, nothing changed. */
enum companion_tune {
    COMPANION_TUNE_SENT,
    COMPANION_TUNE_KEPT,
    COMPANION_TUNE_BUSY,
    COMPANION_TUNE_SILENT,
    COMPANION_TUNE_FAILED
};
enum companion_tune companion_tune(struct companion *c, vamt_TuningKind kind,
                                   const char *text, companion_tuned_fn *done,
                                   uint64_t ticket);
/* The text that is kept, or NULL: never set here. Valid until the event loop goes on. */
const char *companion_tuned(const struct companion *c, enum tunefile_kind kind);

#endif
