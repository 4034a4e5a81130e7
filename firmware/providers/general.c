/* SPDX-License-Identifier: ISC */
/*
 * AMT_GeneralSettings. DigestRealm must be the one of the HTTP login: consoles compare
 * them. What consoles may not write is ignored, for they write back all that they read.
 */
#include "cim/schema.h"
#include "latency/latency_profile.h"
#include "providers/provider.h"
#include "settings/general_settings.h"
#include "settings/identity.h"

#define NAME "Intel(r) AMT: General Settings"

enum { NETWORK_ENABLED = 1, PRIVACY_DEFAULT = 0, POWER_AC = 0 };
enum { IDLE_LEAST_MIN = 1 };

/* The name that a console has set, or the one of the device. */
static const char *host_name(void)
{
    const char *name = general_settings_get()->host_name;
    return name[0] != '\0' ? name : identity_get()->host_name;
}

static int read(size_t index, struct cim_bag *out)
{
    (void)index;
    const struct general_settings *settings = general_settings_get();
    cim_set_uint(out, "AMTNetworkEnabled", NETWORK_ENABLED);
    cim_set_uint(out, "DDNSPeriodicUpdateInterval", settings->ddns_interval_min);
    cim_set_uint(out, "DDNSTTL", settings->ddns_ttl);
    cim_set_boolean(out, "DDNSUpdateByDHCPServerEnabled", settings->ddns_by_dhcp);
    cim_set_boolean(out, "DDNSUpdateEnabled", settings->ddns_update);
    cim_set_uint(out, "DHCPv6ConfigurationTimeout", settings->dhcpv6_timeout);
    cim_set_text(out, "DigestRealm", identity_get()->realm);
    cim_set_text(out, "DomainName", settings->domain);
    cim_set_text(out, "ElementName", NAME);
    cim_set_text(out, "HostName", host_name());
    cim_set_text(out, "HostOSFQDN", settings->os_fqdn);
    cim_set_uint(out, "IdleWakeTimeout", general_settings_idle_min());
    cim_set_text(out, "InstanceID", NAME);
    cim_set_boolean(out, "NetworkInterfaceEnabled", true);
    cim_set_boolean(out, "PingResponseEnabled", settings->ping_reply);
    cim_set_uint(out, "PowerSource", POWER_AC);
    cim_set_uint(out, "PreferredAddressFamily", settings->address_family);
    cim_set_uint(out, "PresenceNotificationInterval", settings->presence_interval);
    cim_set_uint(out, "PrivacyLevel", PRIVACY_DEFAULT);
    cim_set_boolean(out, "RmcpPingResponseEnabled", settings->rmcp_ping_reply);
    cim_set_boolean(out, "SharedFQDN", settings->shared_fqdn);
    cim_set_boolean(out, "WsmanOnlyMode", settings->wsman_only);
    return CIM_OK;
}

/* Copy a text property if it is there; false if it is too long. */
static bool take_text(const struct cim_bag *in, const char *name, char *dst, size_t cap)
{
    return cim_bag_get(in, name, 0) == NULL ||
           span_copy_str(cim_get_text(in, name), dst, cap) >= 0;
}

/* Minutes to sleep; false if out of range. */
static bool take_idle(const struct cim_bag *in, struct general_settings *settings)
{
    if (cim_bag_get(in, "IdleWakeTimeout", 0) == NULL) {
        return true;
    }
    uint64_t minutes = cim_get_uint(in, "IdleWakeTimeout", 0);
    if (minutes < IDLE_LEAST_MIN || minutes > LATENCY_PROFILE_IDLE_NEVER) {
        return false;
    }
    settings->has_idle_min = true;
    settings->idle_min = (uint32_t)minutes;
    return true;
}

static void take_numbers(const struct cim_bag *in, struct general_settings *settings)
{
    settings->dhcpv6_timeout = (uint16_t)provider_take_uint(
        in, "DHCPv6ConfigurationTimeout", settings->dhcpv6_timeout);
    settings->ddns_ttl = (uint32_t)provider_take_uint(in, "DDNSTTL", settings->ddns_ttl);
    settings->ddns_interval_min = (uint32_t)provider_take_uint(
        in, "DDNSPeriodicUpdateInterval", settings->ddns_interval_min);
    settings->address_family = (uint32_t)provider_take_uint(in, "PreferredAddressFamily",
                                                            settings->address_family);
    settings->presence_interval = (uint32_t)provider_take_uint(
        in, "PresenceNotificationInterval", settings->presence_interval);
}

static int write(size_t index, const struct cim_bag *in)
{
    (void)index;
    struct general_settings next = *general_settings_get();
    bool fits = take_text(in, "HostName", next.host_name, sizeof(next.host_name)) &&
                take_text(in, "DomainName", next.domain, sizeof(next.domain)) &&
                take_text(in, "HostOSFQDN", next.os_fqdn, sizeof(next.os_fqdn)) &&
                take_idle(in, &next);
    if (!fits) {
        return CIM_ERR_REPRESENTATION;
    }
    provider_take_boolean(in, "DDNSUpdateByDHCPServerEnabled", &next.ddns_by_dhcp);
    provider_take_boolean(in, "DDNSUpdateEnabled", &next.ddns_update);
    provider_take_boolean(in, "PingResponseEnabled", &next.ping_reply);
    provider_take_boolean(in, "RmcpPingResponseEnabled", &next.rmcp_ping_reply);
    provider_take_boolean(in, "SharedFQDN", &next.shared_fqdn);
    provider_take_boolean(in, "WsmanOnlyMode", &next.wsman_only);
    take_numbers(in, &next);
    return general_settings_set(&next) < 0 ? CIM_ERR_INTERNAL : CIM_OK;
}

const struct cim_provider general_provider = {
    .class = &AMT_GeneralSettings_class, .read = read, .write = write};
