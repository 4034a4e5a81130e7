/* SPDX-License-Identifier: ISC */
/*
 * The power package: in which power states of the host the management engine has power
 * (AMT_SystemPowerScheme, one of its instances is current). Record `power-scheme`.
 */
#ifndef VAMT_SETTINGS_POWER_SCHEME_H
#define VAMT_SETTINGS_POWER_SCHEME_H

#include "base/util.h"

enum power_scheme {
    POWER_SCHEME_S0,      /* "Desktop: ON in S0" */
    POWER_SCHEME_S0_TO_S5 /* "Desktop: ON in S0, ME Wake in S3, S4-5": the default */
};

/* Load; the default where there is no sound record. */
void power_scheme_start(void);
enum power_scheme power_scheme_get(void);
/* An error of store_write: nothing has changed. */
int power_scheme_set(enum power_scheme scheme) UTIL_MUST_CHECK;
/* The default, in force also if the store fails. */
int power_scheme_reset(void) UTIL_MUST_CHECK;

#endif
