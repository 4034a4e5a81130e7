/* SPDX-License-Identifier: ISC */
/*
 * Which events are audited and which of them are critical: refused if they cannot be
 * recorded. Until a console changes it every event is audited and none is critical.
 * Kept in the store.
 */
#ifndef VAMT_AUDIT_AUDIT_POLICY_H
#define VAMT_AUDIT_AUDIT_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/audit.h"
#include "base/util.h"

struct audit_policy_entry {
    struct audit_event event;
    bool is_enabled;
    bool is_critical; /* only if enabled */
};

/* Load. Returns 0 or ERR_IO (the default holds). */
int audit_policy_start(void) UTIL_MUST_CHECK;
/* Every event that AMT knows, in order; false: no such index. */
bool audit_policy_at(size_t index, struct audit_policy_entry *entry);
/* The entry of an event; false: AMT does not know it. */
bool audit_policy_find(struct audit_event event, struct audit_policy_entry *entry);
/* Change some, all or none. Returns 0; ERR_NOT_FOUND: one is not known; ERR_IO. */
int audit_policy_set(const struct audit_policy_entry *entries,
                     size_t count) UTIL_MUST_CHECK;

#endif
