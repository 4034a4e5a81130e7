/* SPDX-License-Identifier: ISC */
/*
 * The power package: in which power states of the host the management engine has power
 * (AMT_SystemPowerScheme, one of its instances is current). Kept in RAM until the settings store.
 */
#ifndef VAMT_SETTINGS_POWER_SCHEME_H
#define VAMT_SETTINGS_POWER_SCHEME_H

enum power_scheme {
    POWER_SCHEME_S0,      /* "Desktop: ON in S0" */
    POWER_SCHEME_S0_TO_S5 /* "Desktop: ON in S0, ME Wake in S3, S4-5": the default */
};

enum power_scheme power_scheme_get(void);
void power_scheme_set(enum power_scheme scheme);

#endif
