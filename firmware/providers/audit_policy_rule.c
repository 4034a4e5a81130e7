/* SPDX-License-Identifier: ISC */
/* AMT_AuditPolicyRule: which events are audited, and which of them are critical. */
#include "audit/audit_event.h"
#include "audit/audit_policy.h"
#include "base/err.h"
#include "base/log.h"
#include "base/util.h"
#include "cim/schema.h"
#include "providers/provider.h"

enum { POLICY_NONE = 0, POLICY_CRITICAL = 1, RULE_ENABLED = 1, APP_SHIFT = 16 };
enum { BULK_MOST = CONFIG_CIM_VALUES / 4 };

/* The rule names the events that are audited: application in the upper half of the
 * number. */
static int read(size_t index, struct cim_bag *out)
{
    struct audit_policy_entry entry;

    (void)index;
    for (size_t i = 0; audit_policy_at(i, &entry); i++) {
        if (entry.is_enabled) {
            cim_set_uint(out, "AuditApplicationEventID",
                         (uint32_t)entry.event.app << APP_SHIFT | entry.event.event);
            cim_set_uint(out, "PolicyType",
                         entry.is_critical ? POLICY_CRITICAL : POLICY_NONE);
        }
    }
    cim_set_text(out, "CreationClassName", out->class->name);
    cim_set_text(out, "ElementName", "Intel(r) AMT Audit Policy Rule");
    cim_set_uint(out, "Enabled", RULE_ENABLED);
    cim_set_text(out, "PolicyRuleName", "Intel(r) AMT:Audit Policy Rule");
    cim_set_text(out, "SystemCreationClassName", "CIM_ComputerSystem");
    cim_set_text(out, "SystemName", PROVIDER_AMT_SYSTEM);
    return CIM_OK;
}

/* Element `index` of the parameters, which may be arrays. False: not a policy. */
static bool take(const struct cim_bag *in, size_t index, struct audit_policy_entry *entry)
{
    const struct cim_value *type = cim_bag_get(in, "PolicyType", index);
    uint64_t value = type != NULL ? type->uint : POLICY_NONE;

    *entry = (struct audit_policy_entry){
        .event = {.app = (uint16_t)cim_bag_get(in, "AuditedAppID", index)->uint,
                  .event = (uint16_t)cim_bag_get(in, "EventID", index)->uint},
        .is_enabled = cim_bag_get(in, "Enable", index)->boolean,
        .is_critical = value == POLICY_CRITICAL};
    return value <= POLICY_CRITICAL;
}

static uint32_t set(struct cim_call *call, size_t count)
{
    static struct audit_policy_entry entries[BULK_MOST];

    for (size_t i = 0; i < count; i++) {
        struct audit_policy_entry known;

        if (!take(call->in, i, &entries[i]) ||
            !audit_policy_find(entries[i].event, &known)) {
            return PT_STATUS_INVALID_PARAMETER;
        }
    }
    if (provider_audit(call->caller, AUDIT_POLICY_MODIFIED, span_of(NULL, 0)) !=
        PT_STATUS_SUCCESS) {
        return PT_STATUS_AUDIT_FAIL;
    }
    if (audit_policy_set(entries, count) < 0) {
        return PT_STATUS_INTERNAL_ERROR;
    }
    log_info("audit", "%s changed the audit policy", call->caller->user);
    return PT_STATUS_SUCCESS;
}

static int invoke(size_t index, struct cim_call *call)
{
    size_t count = cim_bag_count(call->in, "Enable");

    (void)index;
    call->return_value = PT_STATUS_INVALID_PARAMETER;
    if (provider_is(call, "SetAuditPolicy")) {
        call->return_value = set(call, 1);
    } else if (count <= BULK_MOST && cim_bag_count(call->in, "AuditedAppID") == count &&
               cim_bag_count(call->in, "EventID") == count &&
               cim_bag_count(call->in, "PolicyType") == count) {
        call->return_value = set(call, count);
    }
    return CIM_OK;
}

const struct cim_provider audit_policy_rule_provider = {
    .class = &AMT_AuditPolicyRule_class, .read = read, .invoke = invoke};
