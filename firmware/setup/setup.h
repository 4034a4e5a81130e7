/* SPDX-License-Identifier: ISC */
/*
 * Provisioning: whether this device belongs to somebody, and how (set-up and configuration).
 *
 *      PRE  --(activation by host: Setup, AdminSetup)-->  POST   mode CLIENT or ADMIN
 *       ^                                                  |
 *       +------------- Unprovision ------------------------+
 *
 * A companion is in POST and ADMIN from its first boot (its owner's host shim attached it and
 * gave it a password), unless the seed `unprovisioned` is there. In PRE only the local system
 * account $$OsAdmin can log in (account.h), and only what activation needs is open to it.
 * State IN (AMT's remote configuration over the network) does not happen here.
 */
#ifndef VAMT_SETUP_SETUP_H
#define VAMT_SETUP_SETUP_H

#include <stdbool.h>
#include <stdint.h>

#include "account/account.h"
#include "base/util.h"

/* AMT_SetupAndConfigurationService.ProvisioningState */
enum setup_state { SETUP_PRE = 0, SETUP_IN = 1, SETUP_POST = 2 };
/* IPS_HostBasedSetupService.CurrentControlMode */
enum setup_mode { SETUP_MODE_NONE = 0, SETUP_MODE_CLIENT = 1, SETUP_MODE_ADMIN = 2 };

/* Load the state, and finish an unprovisioning that was cut off. After store_start,
 * account_start, settings_start. ERR_IO: random numbers, or the store could not be written. */
int setup_start(void) UTIL_MUST_CHECK;
enum setup_state setup_state(void);
enum setup_mode setup_mode(void);
/* "unprovisioned", "client control", "admin control". */
const char *setup_name(void);

/* Give the device an administrator `admin` with HA1 and a control mode. ERR_INVALID: not in this
 * state; ERR_DENIED: client control mode was disabled; ERR_IO: the store. */
int setup_activate(enum setup_mode mode,
                   const uint8_t ha1[ACCOUNT_HA1_LEN]) UTIL_MUST_CHECK;
/* Client to admin control. ERR_INVALID, ERR_IO. */
int setup_upgrade(void) UTIL_MUST_CHECK;
/* May Setup take the device into client control mode? Until this is taken away, for ever or to
 * the next full unprovisioning (IPS_HostBasedSetupService.DisableClientControlMode). */
bool setup_allows_client(void);
int setup_disable_client(void)
    UTIL_MUST_CHECK; /* ERR_INVALID: not in admin mode; ERR_IO */
/* Back to PRE. Full: everything that a console could change is as new; partial: network, host
 * name and trusted roots stay. Records are changed at once; the engine resets a moment later,
 * after the reply is out (engine_reset). A power cut on the way: the next setup_start finishes.
 * ERR_INVALID: in PRE already; ERR_IO: something could not be written; it is in PRE and resets
 * all the same, unless nothing was changed at all. */
int setup_unprovision(bool is_full) UTIL_MUST_CHECK;

#endif
