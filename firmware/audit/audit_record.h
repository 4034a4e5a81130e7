/* SPDX-License-Identifier: ISC */
/*
 * One record of the audit log in AMT's bytes (big-endian): u16 application, u16 event,
 * initiator (u8 AUDIT_BY_; of AUDIT_BY_DIGEST also u8 length and name), u32 time
 * (seconds since 1970), location (u8 AUDIT_FROM_, u8 length and the address as text),
 * u8 length and extended data.
 */
#ifndef VAMT_AUDIT_AUDIT_RECORD_H
#define VAMT_AUDIT_AUDIT_RECORD_H

#include <stdint.h>

#include "audit/audit.h"
#include "base/sbuf.h"

enum { AUDIT_BY_DIGEST = 0, AUDIT_BY_KERBEROS = 1, AUDIT_BY_LOCAL = 2, AUDIT_BY_KVM = 3 };
enum { AUDIT_FROM_IPV4 = 0, AUDIT_FROM_IPV6 = 1, AUDIT_FROM_NOWHERE = 2 };
enum { AUDIT_RECORD_DATA_CAP = 96, AUDIT_RECORD_CAP = 192 };

/* Append a record; `out` has room for AUDIT_RECORD_CAP. Data over AUDIT_RECORD_DATA_CAP
 * is our own bug (panic). */
void audit_record_encode(struct sbuf *out, struct audit_event event,
                         const struct audit_who *who, uint32_t time, struct span data);
/* When a record was written. Returns 0, or ERR_INVALID if these are not the bytes of
 * exactly one record. */
int audit_record_time(struct span record, uint32_t *time) UTIL_MUST_CHECK;

#endif
