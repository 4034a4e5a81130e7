/* SPDX-License-Identifier: ISC */
/* Which events are audited (audit_policy.h): two bits per event, kept per application. */
#include "audit/audit_policy.h"

#include <string.h>

#include "audit/audit_event.h"
#include "base/err.h"
#include "store/record.h"
#include "store/store.h"

#define RECORD "audit-policy"

enum { VERSION = 1, RECORD_CAP = 256 };

/* The events of an application are numbered from `first`. */
static const struct app {
    uint16_t number;
    uint8_t first;
    uint8_t count;
} apps[] = {
    {AUDIT_APP_SECURITY, 0, 20},    {AUDIT_APP_RCO, 0, 10},
    {AUDIT_APP_REDIRECTION, 0, 13}, {AUDIT_APP_FIRMWARE, 0, 2},
    {AUDIT_APP_AUDIT, 0, 6},        {AUDIT_APP_TIME, 0, 1},
    {AUDIT_APP_NETWORK, 0, 6},      {AUDIT_APP_STORAGE, 0, 4},
    {AUDIT_APP_EVENT, 0, 4},        {AUDIT_APP_BREAKER, 0, 7},
    {AUDIT_APP_AGENT, 0, 3},        {AUDIT_APP_WIRELESS, 0, 6},
    {AUDIT_APP_EAC, 0, 5},          {AUDIT_APP_KVM, 0, 5},
    {AUDIT_APP_OPT_IN, 0, 3},       {AUDIT_APP_SCREEN, 0, 1},
    {AUDIT_APP_WATCHDOG, 1, 2},
};

struct bits {
    uint32_t enabled;
    uint32_t critical;
};

static struct bits policy[UTIL_COUNT(apps)];

static void set_default(struct bits *bits)
{
    for (size_t i = 0; i < UTIL_COUNT(apps); i++) {
        bits[i] = (struct bits){.enabled = UINT32_MAX};
    }
}

/* Index of the application that knows this event, or the number of applications. */
static size_t app_of(struct audit_event event)
{
    size_t i;

    for (i = 0; i < UTIL_COUNT(apps); i++) {
        if (apps[i].number == event.app && event.event >= apps[i].first &&
            event.event - apps[i].first < apps[i].count) {
            break;
        }
    }
    return i;
}

static uint32_t bit_of(struct audit_event event)
{
    return (uint32_t)1 << event.event;
}

bool audit_policy_find(struct audit_event event, struct audit_policy_entry *entry)
{
    size_t i = app_of(event);

    if (i == UTIL_COUNT(apps)) {
        return false;
    }
    *entry = (struct audit_policy_entry){
        .event = event,
        .is_enabled = (policy[i].enabled & bit_of(event)) != 0,
        .is_critical = (policy[i].enabled & policy[i].critical & bit_of(event)) != 0};
    return true;
}

bool audit_policy_at(size_t index, struct audit_policy_entry *entry)
{
    for (size_t i = 0; i < UTIL_COUNT(apps); i++) {
        if (index < apps[i].count) {
            struct audit_event event = {.app = apps[i].number,
                                        .event = (uint16_t)(apps[i].first + index)};
            return audit_policy_find(event, entry);
        }
        index -= apps[i].count;
    }
    return false;
}

static int save(const struct bits *bits)
{
    uint8_t bytes[RECORD_CAP];
    struct record_writer w;

    record_writer_init(&w, bytes, sizeof(bytes));
    for (size_t i = 0; i < UTIL_COUNT(apps); i++) {
        record_put_u16(&w, apps[i].number);
        record_put_u32(&w, bits[i].enabled);
        record_put_u32(&w, bits[i].critical);
    }
    return store_write(RECORD, VERSION, record_done(&w)) < 0 ? ERR_IO : 0;
}

int audit_policy_set(const struct audit_policy_entry *entries, size_t count)
{
    struct bits wanted[UTIL_COUNT(apps)];
    int result;

    memcpy(wanted, policy, sizeof(wanted));
    for (size_t i = 0; i < count; i++) {
        const struct audit_policy_entry *entry = &entries[i];
        size_t app = app_of(entry->event);
        uint32_t bit;

        if (app == UTIL_COUNT(apps)) {
            return ERR_NOT_FOUND;
        }
        bit = bit_of(entry->event);
        wanted[app].enabled &= ~bit;
        wanted[app].critical &= ~bit;
        wanted[app].enabled |= entry->is_enabled ? bit : 0;
        wanted[app].critical |= entry->is_enabled && entry->is_critical ? bit : 0;
    }
    result = save(wanted);
    if (result == 0) {
        memcpy(policy, wanted, sizeof(policy));
    }
    return result;
}

int audit_policy_start(void)
{
    uint8_t bytes[RECORD_CAP];
    uint16_t version;
    struct record_reader r;
    int len;

    set_default(policy);
    len = store_read(RECORD, &version, bytes, sizeof(bytes));
    if (len < 0 || version != VERSION) {
        return len == ERR_NOT_FOUND ? 0 : ERR_IO;
    }
    record_reader_init(&r, span_of(bytes, (size_t)len));
    while (r.rest.len > 0 && !r.is_bad) {
        struct audit_event app = {.app = record_get_u16(&r, 0)};
        struct bits bits = {.enabled = record_get_u32(&r, UINT32_MAX)};

        bits.critical = record_get_u32(&r, 0);
        for (size_t i = 0; i < UTIL_COUNT(apps); i++) {
            if (apps[i].number == app.app && !r.is_bad) {
                policy[i] = bits;
            }
        }
    }
    if (!record_is_sound(&r)) {
        set_default(policy);
        return ERR_IO;
    }
    return 0;
}
