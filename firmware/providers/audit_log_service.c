/* SPDX-License-Identifier: ISC */
/*
 * AMT_AuditLog: the auditor's view of the audit log. Records are given out as they are
 * kept, oldest first, a few per call; consoles ask again from StartIndex +
 * RecordsReturned. StartIndex begins at 1.
 */
#include "audit/audit_event.h"
#include "audit/audit_lock.h"
#include "audit/audit_log.h"
#include "audit/audit_record.h"
#include "base/err.h"
#include "base/log.h"
#include "base/sbuf.h"
#include "cim/schema.h"
#include "providers/provider.h"

enum { STATE_ENABLED = 2, STATE_DISABLED = 3, WRAPS = 2, NEVER_OVERWRITES = 7 };
enum { AUDITORS = 1, RECORDS_PER_CALL = 10, FLAG_UNLOCK = 2, PERCENT = 100 };
/* AuditState */
enum { IS_DISABLED = 1, IS_LOCKED = 2, IS_NEARLY_FULL = 4, IS_FULL = 8, HAS_NO_KEY = 16 };

static unsigned state_of(void)
{
    struct audit_log_settings settings = audit_log_settings();
    unsigned free_percent = audit_log_free_percent();
    unsigned state = HAS_NO_KEY;

    state |= settings.is_enabled ? 0 : IS_DISABLED;
    state |= audit_lock_is_held(AUDIT_LOCK_LOG) ? IS_LOCKED : 0;
    if (audit_log_is_full()) {
        state |= IS_FULL;
    } else if (PERCENT - free_percent >= AUDIT_LOG_NEARLY_FULL &&
               settings.storage != AUDIT_STORAGE_ROLL_OVER) {
        state |= IS_NEARLY_FULL;
    }
    return state;
}

static int read(size_t index, struct cim_bag *out)
{
    struct audit_log_settings settings = audit_log_settings();
    unsigned enabled = settings.is_enabled ? STATE_ENABLED : STATE_DISABLED;

    (void)index;
    cim_set_uint(out, "AuditState", state_of());
    cim_set_uint(out, "CurrentNumberOfRecords", audit_log_count());
    cim_set_text(out, "ElementName", "Intel(r) AMT Audit Log");
    cim_set_uint(out, "EnabledState", enabled);
    cim_set_uint(out, "MaxAllowedAuditors", AUDITORS);
    cim_set_uint(out, "MaxNumberOfRecords", 0); /* bytes are what is limited */
    if (settings.storage == AUDIT_STORAGE_RESTRICTED) {
        cim_set_uint(out, "MinDaysToKeep", settings.days_to_keep);
    }
    cim_set_text(out, "Name", "Intel(r) AMT:Audit Log");
    cim_set_uint(out, "OverwritePolicy",
                 settings.storage == AUDIT_STORAGE_NO_ROLL_OVER ? NEVER_OVERWRITES
                                                                : WRAPS);
    cim_set_uint(out, "PercentageFree", audit_log_free_percent());
    cim_set_uint(out, "RequestedState", enabled);
    cim_set_uint(out, "StoragePolicy", settings.storage);
    cim_set_datetime(out, "TimeOfLastRecord", audit_log_last_time());
    return CIM_OK;
}

/* Only the storage policy can be written; consoles write back the rest of what they
 * read. */
static int write(size_t index, const struct cim_bag *in)
{
    struct audit_log_settings settings = audit_log_settings();
    uint64_t storage = cim_get_uint(in, "StoragePolicy", settings.storage);

    (void)index;
    if (storage > AUDIT_STORAGE_RESTRICTED) {
        return CIM_ERR_REPRESENTATION;
    }
    settings.storage = (enum audit_storage)storage;
    settings.days_to_keep = (uint8_t)provider_take_uint(in, "MinDaysToKeep",
                                                        settings.days_to_keep);
    if (provider_audit(cim_writer(), AUDIT_POLICY_MODIFIED, span_of(NULL, 0)) !=
        PT_STATUS_SUCCESS) {
        return CIM_ERR_AUDIT;
    }
    return audit_log_set_settings(&settings) < 0 ? CIM_ERR_INTERNAL : CIM_OK;
}

static uint32_t read_records(const struct cim_bag *in, struct cim_bag *out)
{
    uint64_t start = cim_get_uint(in, "StartIndex", 0);
    size_t total = audit_log_count();
    size_t count = 0;
    struct span record;

    /* An empty log has a beginning too: consoles always ask from 1. */
    if (start == 0 || (start > total && start != 1)) {
        return PT_STATUS_INVALID_INDEX;
    }
    while (count < RECORDS_PER_CALL &&
           (record = audit_log_at((size_t)(start - 1) + count)).len > 0) {
        uint8_t text[(AUDIT_RECORD_CAP + 2) / 3 * 4];
        struct sbuf base64;

        sbuf_init(&base64, text, sizeof(text));
        sbuf_put_base64(&base64, record);
        cim_set_span(out, "EventRecords", sbuf_span(&base64));
        count++;
    }
    cim_set_uint(out, "TotalRecordCount", total);
    cim_set_uint(out, "RecordsReturned", count);
    return PT_STATUS_SUCCESS;
}

static uint32_t lock(const struct cim_bag *in, struct cim_bag *out, uint64_t flag)
{
    uint32_t handle = (uint32_t)cim_get_uint(in, "Handle", 0);
    uint32_t seconds = (uint32_t)cim_get_uint(in, "LockTimeoutInSeconds", 0);
    uint32_t taken = 0;

    switch (audit_lock_take((enum audit_lock_kind)flag, seconds, handle, &taken)) {
    case 0:
        cim_set_uint(out, "Handle", taken);
        return PT_STATUS_SUCCESS;
    case ERR_INVALID:
        return PT_STATUS_INVALID_PARAMETER;
    case ERR_BUSY:
        return PT_STATUS_BLOCK_LOCKED_BY_OTHER;
    default:
        return PT_STATUS_INTERNAL_ERROR;
    }
}

static uint32_t set_lock(const struct cim_bag *in, struct cim_bag *out)
{
    uint64_t flag = cim_get_uint(in, "Flag", 0);

    if (flag < AUDIT_LOCK_KINDS) {
        return lock(in, out, flag);
    }
    if (flag != FLAG_UNLOCK) {
        return PT_STATUS_INVALID_PARAMETER;
    }
    switch (audit_lock_release((uint32_t)cim_get_uint(in, "Handle", 0))) {
    case 0:
        return PT_STATUS_SUCCESS;
    case ERR_NOT_FOUND:
        return PT_STATUS_BLOCK_NOT_LOCKED;
    default:
        return PT_STATUS_INVALID_HANDLE;
    }
}

/* The record of who cleared it is the new log's first. */
static uint32_t clear(const struct cim_caller *caller)
{
    if (audit_lock_is_held(AUDIT_LOCK_LOG)) {
        return PT_STATUS_BLOCK_LOCKED_BY_OTHER;
    }
    if (audit_log_clear() < 0) {
        return PT_STATUS_INTERNAL_ERROR;
    }
    log_info("audit", "%s cleared the audit log", caller->user);
    return provider_audit(caller, AUDIT_LOG_CLEARED, span_of(NULL, 0));
}

static int set_enabled(const struct cim_caller *caller, bool is_enabled)
{
    struct audit_log_settings settings = audit_log_settings();
    struct span none = span_of(NULL, 0);

    if (settings.is_enabled == is_enabled) {
        return PT_STATUS_SUCCESS;
    }
    settings.is_enabled = is_enabled;
    if (!is_enabled &&
        provider_audit(caller, AUDIT_LOG_DISABLED, none) != PT_STATUS_SUCCESS) {
        return PT_STATUS_AUDIT_FAIL;
    }
    if (audit_log_set_settings(&settings) < 0) {
        return PT_STATUS_INTERNAL_ERROR;
    }
    log_info("audit", "%s %s the audit log", caller->user,
             is_enabled ? "enabled" : "disabled");
    return is_enabled ? (int)provider_audit(caller, AUDIT_LOG_ENABLED, none)
                      : PT_STATUS_SUCCESS;
}

static uint32_t request_state(const struct cim_call *call)
{
    uint64_t state = cim_get_uint(call->in, "RequestedState", 0);

    if (state != STATE_ENABLED && state != STATE_DISABLED) {
        return PT_STATUS_INVALID_PARAMETER;
    }
    return (uint32_t)set_enabled(call->caller, state == STATE_ENABLED);
}

static int invoke(size_t index, struct cim_call *call)
{
    (void)index;
    call->return_value = PT_STATUS_PKI_MISSING_KEYS; /* signatures: no key is kept */
    if (provider_is(call, "ReadRecords")) {
        call->return_value = read_records(call->in, call->out);
    } else if (provider_is(call, "SetAuditLock")) {
        call->return_value = set_lock(call->in, call->out);
    } else if (provider_is(call, "SetSigningKeyMaterial")) {
        call->return_value = PT_STATUS_UNSUPPORTED;
    } else if (provider_is(call, "ClearLog")) {
        return provider_return(call, clear(call->caller));
    } else if (provider_is(call, "RequestStateChange")) {
        return provider_return(call, request_state(call));
    }
    return CIM_OK;
}

const struct cim_provider audit_log_service_provider = {
    .class = &AMT_AuditLog_class, .read = read, .write = write, .invoke = invoke};
