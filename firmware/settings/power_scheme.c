/* SPDX-License-Identifier: ISC */
/* Power package, in RAM. */
#include "settings/power_scheme.h"

static enum power_scheme current = POWER_SCHEME_S0_TO_S5;

enum power_scheme power_scheme_get(void)
{
    return current;
}

void power_scheme_set(enum power_scheme scheme)
{
    current = scheme;
}
