/* SPDX-License-Identifier: ISC */
/* Auditing: from an event to a record, or to its refusal (audit.h). */
#include "audit/audit.h"

#include "audit/audit_event.h"
#include "audit/audit_lock.h"
#include "audit/audit_log.h"
#include "audit/audit_policy.h"
#include "audit/audit_record.h"
#include "base/err.h"
#include "base/log.h"
#include "hal/board.h"

int audit_start(void)
{
    static const struct audit_who nobody = {0};
    bool lost = false;
    int policy;
    int log;

    audit_lock_reset();
    policy = audit_policy_start();
    log = audit_log_start(&lost);
    if (lost) {
        log_warn("audit", "records of the audit log were damaged and are gone");
        audit_tell(AUDIT_EVENT(AUDIT_LOG_RECOVERED), &nobody, span_of(NULL, 0));
    }
    return policy < 0 ? policy : log;
}

static uint32_t now(void)
{
    int64_t wall = board_wall_s();

    return wall < 0 ? 0 : wall > UINT32_MAX ? UINT32_MAX : (uint32_t)wall;
}

int audit_note(struct audit_event event, const struct audit_who *who, struct span data)
{
    uint8_t bytes[AUDIT_RECORD_CAP];
    struct audit_policy_entry entry;
    struct sbuf record;
    int result;

    if (!audit_policy_find(event, &entry) || !entry.is_enabled ||
        !audit_log_settings().is_enabled) {
        return 0;
    }
    sbuf_init(&record, bytes, sizeof(bytes));
    audit_record_encode(&record, event, who, now(), data);
    result = audit_log_append(sbuf_span(&record));
    if (result < 0 && !entry.is_critical) {
        log_warn("audit", "event %u.%u is not recorded: %s", event.app, event.event,
                 err_name(result));
        return 0;
    }
    return result < 0 ? ERR_FULL : 0;
}

void audit_tell(struct audit_event event, const struct audit_who *who, struct span data)
{
    if (audit_note(event, who, data) < 0) {
        log_warn("audit", "event %u.%u has happened and is not recorded", event.app,
                 event.event);
    }
}
