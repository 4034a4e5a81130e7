/* SPDX-License-Identifier: ISC */
/* Power states and requests in DMTF's numbers (CIM_PowerManagementService). */
#ifndef VAMT_PROVIDERS_POWER_STATE_H
#define VAMT_PROVIDERS_POWER_STATE_H

#include <stdint.h>

#include "host/host_model.h"

enum {
    POWER_ON = 2,
    POWER_SLEEP_LIGHT = 3,
    POWER_SLEEP_DEEP = 4,
    POWER_CYCLE = 5,
    POWER_HIBERNATE = 7,
    POWER_OFF = 8,
    POWER_RESET = 10,
    POWER_NMI = 11,
    POWER_OFF_GRACEFUL = 12,
    POWER_RESET_GRACEFUL = 14,
    POWER_LAST = 16
};

/* State of the host; 0 if not known: the property is left out then. */
uint16_t power_state_now(void);
/* What to ask the host for; POWER_ACTION_NONE if this device never does that. AMT too
 * refuses sleep and hibernation (firmware-facts.md 6). */
vamt_PowerAction power_state_action(uint64_t request);

#endif
