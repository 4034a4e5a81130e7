/* SPDX-License-Identifier: ISC */
/*
 * Device settings that consoles read and write in AMT_GeneralSettings: record `general`.
 */
#ifndef VAMT_SETTINGS_GENERAL_SETTINGS_H
#define VAMT_SETTINGS_GENERAL_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/util.h"

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

/* Load; factory settings where there is no sound record. */
void general_settings_start(void);
/* What is in force. Valid for ever. */
const struct general_settings *general_settings_get(void);
/* Keep these and put them into force. An error of store_write: nothing has changed. */
int general_settings_set(const struct general_settings *settings) UTIL_MUST_CHECK;
/* Factory settings; names and what else the network needs stay if `keep_network`. In force also
 * if the store fails. */
int general_settings_reset(bool keep_network) UTIL_MUST_CHECK;
/* IdleWakeTimeout in force: what a console wrote, else the latency profile's. Minutes. */
uint32_t general_settings_idle_min(void);

#endif
