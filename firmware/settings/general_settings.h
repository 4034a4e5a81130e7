/* SPDX-License-Identifier: ISC */
/*
 * Device settings that consoles read and write in AMT_GeneralSettings. Kept in RAM; the
 * settings store is to hook in at general_settings_get.
 */
#ifndef VAMT_SETTINGS_GENERAL_SETTINGS_H
#define VAMT_SETTINGS_GENERAL_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

enum { GENERAL_SETTINGS_NAME_CAP = 64, GENERAL_SETTINGS_DOMAIN_CAP = 192 };

struct general_settings {
    char host_name[GENERAL_SETTINGS_NAME_CAP];
    char domain[GENERAL_SETTINGS_DOMAIN_CAP];
    char os_fqdn[GENERAL_SETTINGS_DOMAIN_CAP];
    bool ping_reply;
    bool rmcp_ping_reply;
    bool wsman_only;
    bool shared_fqdn;
    bool ddns_update;
    bool ddns_by_dhcp;
    uint16_t dhcpv6_timeout;
    bool has_idle_min; /* a console has written IdleWakeTimeout */
    uint32_t idle_min; /* then: minutes to Moff; 65535: never */
    uint32_t ddns_ttl;
    uint32_t ddns_interval_min;
    uint32_t address_family; /* 0: IPv4 first */
    uint32_t presence_interval;
};

/* Valid for ever; the caller may change fields. */
struct general_settings *general_settings_get(void);
/* IdleWakeTimeout in force: what a console wrote, else the latency profile's. Minutes. */
uint32_t general_settings_idle_min(void);

#endif
