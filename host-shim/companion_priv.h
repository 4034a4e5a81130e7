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

#endif
