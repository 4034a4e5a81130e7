/* SPDX-License-Identifier: ISC */
/*
 * AMT_AuthorizationService: the access control list. Nobody gives away what he has not, and
 * nobody changes an entry that may do more than himself: else the realm ACL would be
 * as good as the realm of administration.
 */
#include <string.h>

#include "account/account.h"
#include "audit/audit_event.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/log.h"
#include "base/sbuf.h"
#include "base/util.h"
#include "cim/schema.h"
#include "providers/provider.h"

enum {
    HANDLES_MOST = 50, /* in one reply, as AMT */
    DATA_CAP = 64,
    SID_USER_LEN = 4
};

static int read(size_t index, struct cim_bag *out)
{
    (void)index;
    provider_set_service(out, PROVIDER_AMT_SYSTEM, "Intel(r) AMT Authorization Service");
    cim_set_uint(out, "AllowHttpQopAuthOnly",
                 1); /* digest with qop only: nothing else is here */
    cim_set_uint(out, "EnabledState", 5);
    cim_set_uint(out, "RequestedState", 12);
    return CIM_OK;
}

/* ---- audit ---- */

static void put_who(struct sbuf *out, const struct account *account)
{
    struct span sid = span_of(account->sid, account->sid_len);

    if (sid.len == 0) {
        sbuf_put_u8(out, 0);
        sbuf_put_u8(out, (uint8_t)strlen(account->name));
        sbuf_put_str(out, account->name);
        return;
    }
    sid.len -= SID_USER_LEN;
    sbuf_put_u8(out, 1);
    for (size_t i = SID_USER_LEN; i > 0;
         i--) { /* a SID is little-endian, the log is not */
        sbuf_put_u8(out, account->sid[sid.len + i - 1]);
    }
    sbuf_put_u8(out, (uint8_t)sid.len);
    sbuf_put(out, sid);
}

/* `first`: what the event has before the user; -1: nothing. */
static uint32_t note(const struct cim_call *call, uint16_t id, int first,
                     const struct account *account)
{
    uint8_t data[DATA_CAP];
    struct sbuf out;

    sbuf_init(&out, data, sizeof(data));
    if (first >= 0) {
        sbuf_put_u8(&out, (uint8_t)first);
    }
    put_who(&out, account);
    return provider_audit(call->caller, id, sbuf_span(&out));
}

/* ---- input ---- */

static struct span octets_of(const struct cim_call *call, const char *name)
{
    const struct cim_value *value = cim_bag_get(call->in, name, 0);

    return value != NULL ? value->bytes : span_of(NULL, 0);
}

/* A hash of nothing is none: zeros would be what an unset one looks like. */
static bool take_ha1(struct span octets, uint8_t ha1[ACCOUNT_HA1_LEN])
{
    static const uint8_t none[ACCOUNT_HA1_LEN];

    if (octets.len != ACCOUNT_HA1_LEN || memcmp(octets.ptr, none, sizeof(none)) == 0) {
        return false;
    }
    memcpy(ha1, octets.ptr, ACCOUNT_HA1_LEN);
    return true;
}

/* Name and password, or the SID. `wanted` holds what the entry was before. */
static uint32_t take_identity(const struct cim_call *call, struct account *wanted)
{
    struct span name = cim_get_text(call->in, "DigestUsername");
    struct span sid = octets_of(call, "KerberosUserSid");
    struct span ha1 = octets_of(call, "DigestPassword");
    bool has_name = cim_bag_count(call->in, "DigestUsername") > 0;
    bool is_renamed = has_name && !span_equal_str(name, wanted->name);

    if (cim_bag_count(call->in, "KerberosUserSid") > 0) {
        if (has_name || sid.len == 0 || sid.len > ACCOUNT_SID_CAP ||
            sid.len % SID_USER_LEN != 0) {
            return PT_STATUS_INVALID_PARAMETER;
        }
        memset(wanted->sid, 0, sizeof(wanted->sid));
        memcpy(wanted->sid, sid.ptr, sid.len);
        wanted->sid_len = (uint8_t)sid.len;
        return PT_STATUS_SUCCESS;
    }
    if (!has_name) {
        name = span_str(wanted->name);
    }
    if (wanted->sid_len > 0 && !has_name) {
        return PT_STATUS_SUCCESS; /* stays who it is */
    }
    if (wanted->sid_len > 0 || !account_name_is_valid(name)) {
        return PT_STATUS_INVALID_NAME;
    }
    if (is_renamed) {
        (void)span_copy_str(name, wanted->name, sizeof(wanted->name));
        memset(wanted->ha1, 0, sizeof(wanted->ha1)); /* the old one was of the old name */
    }
    if ((is_renamed || cim_bag_count(call->in, "DigestPassword") > 0) &&
        !take_ha1(ha1, wanted->ha1)) {
        return PT_STATUS_INVALID_PASSWORD;
    }
    return PT_STATUS_SUCCESS;
}

static uint32_t take_realms(const struct cim_call *call, struct account *wanted)
{
    size_t count = cim_bag_count(call->in, "Realms");

    wanted->realms = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t realm = cim_bag_get(call->in, "Realms", i)->uint;

        if (!account_realm_is_valid((uint32_t)realm)) {
            return PT_STATUS_INVALID_REALM;
        }
        wanted->realms |= (uint64_t)1 << realm;
    }
    return count > 0 ? PT_STATUS_SUCCESS : PT_STATUS_INVALID_REALM;
}

static uint32_t take_entry(const struct cim_call *call, struct account *wanted)
{
    uint64_t access = cim_get_uint(call->in, "AccessPermission", 0);
    uint32_t status = take_identity(call, wanted);

    if (status != PT_STATUS_SUCCESS) {
        return status;
    }
    if (access > ACCOUNT_ACCESS_ANY) {
        return PT_STATUS_INVALID_PARAMETER;
    }
    wanted->access = (enum account_access)access;
    return take_realms(call, wanted);
}

/* ---- rights ---- */

static bool may_hand_out(const struct cim_call *call, uint64_t realms)
{
    return (realms & ~call->caller->realms) == 0;
}

/* The entry that a call is about, if the caller may change it. */
static uint32_t find(const struct cim_call *call, const struct account **account)
{
    uint64_t handle = cim_get_uint(call->in, "Handle", 0);

    *account = account_by_handle((uint32_t)handle);
    if (*account == NULL) {
        return PT_STATUS_INVALID_HANDLE;
    }
    return (*account)->is_system || !may_hand_out(call, account_realms(*account))
               ? PT_STATUS_NOT_PERMITTED
               : PT_STATUS_SUCCESS;
}

static uint32_t status_of(int result)
{
    switch (result) {
    case ERR_EXISTS:
        return PT_STATUS_DUPLICATE;
    case ERR_FULL:
        return PT_STATUS_MAX_LIMIT_REACHED;
    case ERR_TOO_BIG:
        return PT_STATUS_MAX_KERB_DOMAIN_REACHED;
    case ERR_INVALID:
        return PT_STATUS_INVALID_NAME;
    case ERR_NOT_FOUND:
        return PT_STATUS_INVALID_HANDLE;
    case ERR_DENIED:
        return PT_STATUS_NOT_PERMITTED;
    default:
        return provider_kept(result);
    }
}

/* ---- methods ---- */

static uint32_t add(struct cim_call *call)
{
    struct account wanted = {.is_enabled = true};
    uint32_t status = take_entry(call, &wanted);
    int result;

    if (status == PT_STATUS_SUCCESS && !may_hand_out(call, account_realms(&wanted))) {
        status = PT_STATUS_NOT_PERMITTED;
    }
    if (status == PT_STATUS_SUCCESS) {
        status = note(call, AUDIT_ACL_ADDED, -1, &wanted);
    }
    if (status == PT_STATUS_SUCCESS) {
        result = account_add(&wanted);
        status = status_of(result);
        if (result >= 0) {
            cim_set_uint(call->out, "Handle", (uint64_t)result);
        }
    }
    bytes_wipe(&wanted, sizeof(wanted));
    return status;
}

static int changes(const struct account *before, const struct account *after)
{
    int bits = 0;

    bits |= memcmp(before->ha1, after->ha1, sizeof(before->ha1)) != 0
                ? AUDIT_ACL_CHANGED_PASSWORD
                : 0;
    bits |= strcmp(before->name, after->name) != 0 ? AUDIT_ACL_CHANGED_NAME : 0;
    bits |= before->realms != after->realms ? AUDIT_ACL_CHANGED_REALMS : 0;
    return bits;
}

static uint32_t update(struct cim_call *call)
{
    const struct account *old;
    struct account wanted;
    uint32_t status = find(call, &old);

    if (status != PT_STATUS_SUCCESS) {
        return status;
    }
    wanted = *old;
    status = take_entry(call, &wanted);
    if (status == PT_STATUS_SUCCESS && !may_hand_out(call, account_realms(&wanted))) {
        status = PT_STATUS_NOT_PERMITTED;
    }
    if (status == PT_STATUS_SUCCESS) {
        status = note(call, AUDIT_ACL_MODIFIED, changes(old, &wanted), &wanted);
    }
    if (status == PT_STATUS_SUCCESS) {
        status = status_of(account_update(old->handle, &wanted));
    }
    bytes_wipe(&wanted, sizeof(wanted));
    return status;
}

static uint32_t remove_entry(struct cim_call *call)
{
    const struct account *old;
    uint32_t status = find(call, &old);

    if (status == PT_STATUS_SUCCESS) {
        status = note(call, AUDIT_ACL_REMOVED, -1, old);
    }
    return status == PT_STATUS_SUCCESS ? status_of(account_remove(old->handle)) : status;
}

static uint32_t set_enabled(struct cim_call *call)
{
    bool is_enabled = cim_get_boolean(call->in, "Enabled", false);
    const struct account *old;
    uint32_t status = find(call, &old);

    if (status == PT_STATUS_SUCCESS) {
        status = note(call, AUDIT_ACL_STATE, is_enabled ? 1 : 0, old);
    }
    return status == PT_STATUS_SUCCESS
               ? status_of(account_set_enabled(old->handle, is_enabled))
               : status;
}

static uint32_t get_enabled(struct cim_call *call)
{
    const struct account *account = account_by_handle(
        (uint32_t)cim_get_uint(call->in, "Handle", 0));

    if (account == NULL) {
        return PT_STATUS_INVALID_HANDLE;
    }
    cim_set_boolean(call->out, "Enabled", account->is_enabled);
    return PT_STATUS_SUCCESS;
}

/* The password, even its hash, is nobody's to read. */
static uint32_t get_entry(struct cim_call *call)
{
    const struct account *account = account_by_handle(
        (uint32_t)cim_get_uint(call->in, "Handle", 0));

    if (account == NULL) {
        return PT_STATUS_INVALID_HANDLE;
    }
    if (account->sid_len > 0) {
        cim_set_octets(call->out, "KerberosUserSid",
                       span_of(account->sid, account->sid_len));
    } else {
        cim_set_text(call->out, "DigestUsername", account->name);
    }
    cim_set_uint(call->out, "AccessPermission", account->access);
    for (unsigned realm = 0; realm < ACCOUNT_REALM_COUNT; realm++) {
        if ((account->realms >> realm & 1) != 0) {
            cim_set_uint(call->out, "Realms", realm);
        }
    }
    return PT_STATUS_SUCCESS;
}

static uint32_t enumerate(struct cim_call *call)
{
    uint64_t start = cim_get_uint(call->in, "StartIndex", 0);
    size_t total = account_count();
    size_t count;

    if (start < 1 || start > total) {
        return PT_STATUS_INVALID_INDEX;
    }
    count = total - (size_t)(start - 1);
    count = count < HANDLES_MOST ? count : HANDLES_MOST;
    cim_set_uint(call->out, "TotalCount", total);
    cim_set_uint(call->out, "HandlesCount", count);
    for (size_t i = 0; i < count; i++) {
        cim_set_uint(call->out, "Handles", account_at((size_t)start - 1 + i)->handle);
    }
    return PT_STATUS_SUCCESS;
}

/* As AMT: what hash it is cannot be seen, so the rule for passwords is the console's. */
static uint32_t set_admin(struct cim_call *call)
{
    struct span name = cim_get_text(call->in, "Username");
    struct account wanted = {.is_admin = true};
    const struct account *old = account_admin();
    uint32_t status;

    if (!account_name_is_valid(name)) {
        return PT_STATUS_INVALID_NAME;
    }
    if (!take_ha1(octets_of(call, "DigestPassword"), wanted.ha1)) {
        return PT_STATUS_INVALID_PASSWORD;
    }
    (void)span_copy_str(name, wanted.name, sizeof(wanted.name));
    wanted.realms = ACCOUNT_REALMS_ALL;
    status = note(call, AUDIT_ACL_MODIFIED, old != NULL ? changes(old, &wanted) : 0,
                  &wanted);
    if (status == PT_STATUS_SUCCESS) {
        status = status_of(account_set_admin(name, wanted.ha1));
    }
    bytes_wipe(&wanted, sizeof(wanted));
    return status;
}

static uint32_t get_admin(struct cim_call *call)
{
    const struct account *admin = account_admin();

    cim_set_text(call->out, "Username", admin != NULL ? admin->name : "");
    return PT_STATUS_SUCCESS;
}

/* There is no default password, so none is in force. */
static uint32_t get_admin_status(struct cim_call *call)
{
    cim_set_boolean(call->out, "IsDefault", account_admin() == NULL);
    return PT_STATUS_SUCCESS;
}

static const struct provider_method methods[] = {
    {"AddUserAclEntryEx", add},
    {"EnumerateUserAclEntries", enumerate},
    {"GetAclEnabledState", get_enabled},
    {"GetAdminAclEntry", get_admin},
    {"GetAdminAclEntryStatus", get_admin_status},
    {"GetAdminNetAclEntryStatus", get_admin_status},
    {"GetUserAclEntryEx", get_entry},
    {"RemoveUserAclEntry", remove_entry},
    {"SetAclEnabledState", set_enabled},
    {"SetAdminAclEntryEx", set_admin},
    {"UpdateUserAclEntryEx", update},
};

static bool is_question(const struct cim_call *call)
{
    return strncmp(call->method->name, "Get", 3) == 0 ||
           strncmp(call->method->name, "Enumerate", 9) == 0;
}

static int invoke(size_t index, struct cim_call *call)
{
    (void)index;
    int result = provider_run(call, methods, UTIL_COUNT(methods));

    if (call->return_value == PT_STATUS_SUCCESS && !is_question(call)) {
        log_info("account", "%s: %s", call->caller->user, call->method->name);
    }
    return result;
}

const struct cim_provider authorization_service_provider = {
    .class = &AMT_AuthorizationService_class, .read = read, .invoke = invoke};
