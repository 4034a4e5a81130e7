/* SPDX-License-Identifier: ISC */
/* Device settings, with the defaults of a real device. */
#include "settings/general_settings.h"

#include <string.h>

#include "latency/latency.h"
#include "settings/settings_record.h"
#include "store/store.h"

enum {
    RECORD_VERSION = 1,
    RECORD_CAP = 3 * 2 + GENERAL_SETTINGS_NAME_CAP + 2 * GENERAL_SETTINGS_DOMAIN_CAP + 32
};
static const char record[] = "general";

static const struct general_settings factory = {.host_name = "",
                                                .ping_reply = true,
                                                .rmcp_ping_reply = true,
                                                .shared_fqdn = true,
                                                .ddns_by_dhcp = true,
                                                .ddns_ttl = 900,
                                                .ddns_interval_min = 1440};

static struct general_settings settings = {.host_name = "",
                                           .ping_reply = true,
                                           .rmcp_ping_reply = true,
                                           .shared_fqdn = true,
                                           .ddns_by_dhcp = true,
                                           .ddns_ttl = 900,
                                           .ddns_interval_min = 1440};

void general_settings_start(void)
{
    struct general_settings s = factory;
    struct record_reader r;

    settings = factory;
    if (!settings_record_open(record, RECORD_VERSION, &r)) {
        return;
    }
    record_get_text(&r, s.host_name, sizeof(s.host_name));
    record_get_text(&r, s.domain, sizeof(s.domain));
    record_get_text(&r, s.os_fqdn, sizeof(s.os_fqdn));
    s.ping_reply = record_get_bool(&r, s.ping_reply);
    s.rmcp_ping_reply = record_get_bool(&r, s.rmcp_ping_reply);
    s.wsman_only = record_get_bool(&r, s.wsman_only);
    s.shared_fqdn = record_get_bool(&r, s.shared_fqdn);
    s.ddns_update = record_get_bool(&r, s.ddns_update);
    s.ddns_by_dhcp = record_get_bool(&r, s.ddns_by_dhcp);
    s.dhcpv6_timeout = record_get_u16(&r, s.dhcpv6_timeout);
    s.has_idle_min = record_get_bool(&r, s.has_idle_min);
    s.idle_min = record_get_u32(&r, s.idle_min);
    s.ddns_ttl = record_get_u32(&r, s.ddns_ttl);
    s.ddns_interval_min = record_get_u32(&r, s.ddns_interval_min);
    s.address_family = record_get_u32(&r, s.address_family);
    s.presence_interval = record_get_u32(&r, s.presence_interval);
    if (settings_record_close(record, &r)) {
        settings = s;
    }
}

const struct general_settings *general_settings_get(void)
{
    return &settings;
}

int general_settings_set(const struct general_settings *s)
{
    uint8_t bytes[RECORD_CAP];
    struct record_writer w;
    int result;

    record_writer_init(&w, bytes, sizeof(bytes));
    record_put_text(&w, s->host_name);
    record_put_text(&w, s->domain);
    record_put_text(&w, s->os_fqdn);
    record_put_bool(&w, s->ping_reply);
    record_put_bool(&w, s->rmcp_ping_reply);
    record_put_bool(&w, s->wsman_only);
    record_put_bool(&w, s->shared_fqdn);
    record_put_bool(&w, s->ddns_update);
    record_put_bool(&w, s->ddns_by_dhcp);
    record_put_u16(&w, s->dhcpv6_timeout);
    record_put_bool(&w, s->has_idle_min);
    record_put_u32(&w, s->idle_min);
    record_put_u32(&w, s->ddns_ttl);
    record_put_u32(&w, s->ddns_interval_min);
    record_put_u32(&w, s->address_family);
    record_put_u32(&w, s->presence_interval);
    result = store_write(record, RECORD_VERSION, record_done(&w));
    if (result == 0) {
        settings = *s;
    }
    return result;
}

int general_settings_reset(bool keep_network)
{
    struct general_settings s = factory;
    int result;

    if (keep_network) {
        memcpy(s.host_name, settings.host_name, sizeof(s.host_name));
        memcpy(s.domain, settings.domain, sizeof(s.domain));
        s.ping_reply = settings.ping_reply;
        s.shared_fqdn = settings.shared_fqdn;
        s.ddns_update = settings.ddns_update;
        s.ddns_by_dhcp = settings.ddns_by_dhcp;
        s.ddns_ttl = settings.ddns_ttl;
        s.ddns_interval_min = settings.ddns_interval_min;
        s.address_family = settings.address_family;
        s.dhcpv6_timeout = settings.dhcpv6_timeout;
    }
    result = keep_network ? general_settings_set(&s) : store_remove(record);
    settings = s;
    return result;
}

uint32_t general_settings_idle_min(void)
{
    return settings.has_idle_min ? settings.idle_min : latency_profile()->idle_min;
}
