/* SPDX-License-Identifier: ISC */
/* Device settings, in RAM, with the defaults of a real device. */
#include "settings/general_settings.h"

static struct general_settings settings = {.host_name = "",
                                           .ping_reply = true,
                                           .rmcp_ping_reply = true,
                                           .shared_fqdn = true,
                                           .ddns_by_dhcp = true,
                                           .idle_min = 65535,
                                           .ddns_ttl = 900,
                                           .ddns_interval_min = 1440};

struct general_settings *general_settings_get(void)
{
    return &settings;
}
