/* SPDX-License-Identifier: ISC */
/*
 * The records of the audit log and how it fills: a ring of chunks, each one record of
 * the store, so that an event writes one chunk and not the log. What is dropped for a
 * new record is always the oldest chunk, and only if the storage policy and the lock
 * allow it.
 */
#ifndef VAMT_AUDIT_AUDIT_LOG_H
#define VAMT_AUDIT_AUDIT_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/util.h"

/* AMT_AuditLog.StoragePolicy */
enum audit_storage {
    AUDIT_STORAGE_NO_ROLL_OVER = 0,
    AUDIT_STORAGE_ROLL_OVER = 1,
    AUDIT_STORAGE_RESTRICTED = 2 /* only what is older than the days to keep */
};

struct audit_log_settings {
    bool is_enabled;
    enum audit_storage storage;
    uint8_t days_to_keep;
};

enum { AUDIT_LOG_NEARLY_FULL = 85 }; /* percent in use */

/* Load. Returns 0; ERR_IO: the log works, in memory only. *lost: records are missing
 * between those that are there, or the store found some damaged. */
int audit_log_start(bool *lost) UTIL_MUST_CHECK;
/* Add a record of at most AUDIT_RECORD_CAP bytes. Returns 0; ERR_FULL: no room and the
 * oldest may not go; ERR_IO: the store failed, nothing was added. */
int audit_log_append(struct span record) UTIL_MUST_CHECK;
/* Forget all records, at once and for ever. 0 or ERR_IO: nothing changed. */
int audit_log_clear(void) UTIL_MUST_CHECK;

size_t audit_log_count(void);
/* Record number `index` (0: the oldest), valid until the log changes; empty: no such. */
struct span audit_log_at(size_t index);
/* Of the last record, seconds since 1970; 0 without one. Kept when the log is cleared. */
uint32_t audit_log_last_time(void);
/* 0 to 100. Without roll-over 0 means that the next record may not fit. */
unsigned audit_log_free_percent(void);
bool audit_log_is_full(void);

struct audit_log_settings audit_log_settings(void);
/* 0, ERR_INVALID, ERR_IO (nothing changed). */
int audit_log_set_settings(const struct audit_log_settings *settings) UTIL_MUST_CHECK;

#endif
