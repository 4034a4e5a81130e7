/* SPDX-License-Identifier: ISC */
/* Device settings, in RAM, with the defaults of a real device. */
#include "settings/general_settings.h"

#include "latency/latency.h"

static struct general_settings settings = {.host_name = "",
                                           .ping_reply = true,
                                           .rmcp_ping_reply = true,
                                           .shared_fqdn = true,
                                           .ddns_by_dhcp = true,
                                           .ddns_ttl = 900,
                                           .ddns_interval_min = 1440};

struct general_settings *general_settings_get(void)
{
    return &settings;
}

uint32_t general_settings_idle_min(void)
{
    return settings.has_idle_min ? settings.idle_min : latency_profile()->idle_min;
}
