/* SPDX-License-Identifier: ISC */
/* Between companion*.c: what a fresh look at the host brings. */
#ifndef VAMT_SHIM_COMPANION_PRIV_H
#define VAMT_SHIM_COMPANION_PRIV_H

#include "companion.h"

/* Take facts over; a snapshot becomes due if they differ from the last. */
void companion_take_facts(struct companion *c, const struct power_facts *facts);
/* A request of the firmware, decoded. Negative: it breaks the rules. */
int companion_request_take(struct companion *c, const vamt_Request *request);
/* Queue a response; it goes out behind the snapshot. */
void companion_respond(struct companion *c, uint32_t id, vamt_Status status,
                       const char *detail);

/* companion_tuning.c: read what is kept; let who waits know that the end has come. */
void companion_tuning_open(struct companion *c, const char *folder);
void companion_tuning_close(struct companion *c);
/* A new session: what was in the streams is lost. */
void companion_tuning_begin(struct companion *c);
void companion_tuning_take(struct companion *c, const vamt_TuningResult *result);
/* Put what is due into the link. */
void companion_tuning_output(struct companion *c);

#endif
