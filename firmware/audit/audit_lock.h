/* SPDX-License-Identifier: ISC */
/*
 * AMT_AuditLog.SetAuditLock: for a time that the auditor gives, the log keeps every
 * record (no roll-over, and nobody else clears it), or the device stays set up (no
 * unprovisioning). Who locked holds a random handle. Locks do not outlive a reset.
 */
#ifndef VAMT_AUDIT_AUDIT_LOCK_H
#define VAMT_AUDIT_AUDIT_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/util.h"

/* SetAuditLock.Flag, as far as it locks */
enum audit_lock_kind {
    AUDIT_LOCK_LOG = 0,
    AUDIT_LOCK_UNPROVISIONING = 1,
    AUDIT_LOCK_KINDS
};

enum { AUDIT_LOCK_MOST_S = 86400 };

/* Lock for `seconds` (1 .. AUDIT_LOCK_MOST_S), or longer if `handle` is that of the
 * lock held. Returns 0 and the handle; ERR_INVALID (seconds); ERR_BUSY: locked by
 * another handle; ERR_IO: no random numbers. */
int audit_lock_take(enum audit_lock_kind kind, uint32_t seconds, uint32_t handle,
                    uint32_t *taken) UTIL_MUST_CHECK;
/* Returns 0; ERR_NOT_FOUND: nothing is locked; ERR_DENIED: not this handle. */
int audit_lock_release(uint32_t handle) UTIL_MUST_CHECK;
bool audit_lock_is_held(enum audit_lock_kind kind);
/* Forget both (a start, and tests). */
void audit_lock_reset(void);

#endif
