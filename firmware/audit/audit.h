/* SPDX-License-Identifier: ISC */
/*
 * The audit log (AMT_AuditLog) and its policy (AMT_AuditPolicyRule): who did what, kept
 * in the store, in the bytes that AMT gives out (wire-facts.md 9). Whoever carries out
 * something that AMT audits calls audit_note BEFORE doing it.
 */
#ifndef VAMT_AUDIT_AUDIT_H
#define VAMT_AUDIT_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/util.h"

/* Applications and their events: numbers of the AMT network interface guide. The whole
 * list of what AMT writes is in audit_event.h. */
struct audit_event {
    uint16_t app;
    uint16_t event;
};

/* Who: an account from an address, or the firmware itself / its host (user NULL). */
struct audit_who {
    const char *user;
    const uint8_t *peer; /* 16 bytes; NULL: local */
};

/* Load log and policy. After store_start. Returns 0 or ERR_IO. */
int audit_start(void) UTIL_MUST_CHECK;
/* Write a record if the policy wants this event. `data`: the event's extended data.
 * Returns 0; ERR_FULL: the event is critical and the log has no room: the caller must
 * refuse what it was about to do with PT_STATUS_AUDIT_FAIL. */
int audit_note(struct audit_event event, const struct audit_who *who,
               struct span data) UTIL_MUST_CHECK;
/* The same for what has happened already and cannot be refused. */
void audit_tell(struct audit_event event, const struct audit_who *who, struct span data);

#endif
