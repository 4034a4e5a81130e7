/* SPDX-License-Identifier: ISC */
/* All modules of this folder at once. */
#include "settings/settings.h"

#include "settings/boot_options.h"
#include "settings/general_settings.h"
#include "settings/power_scheme.h"
#include "settings/redir_settings.h"

void settings_start(void)
{
    general_settings_start();
    redir_settings_start();
    power_scheme_start();
    boot_options_start();
}

/* The first failure counts; the others are reset all the same. */
static int worse(int result, int next)
{
    return result < 0 ? result : next;
}

int settings_reset(bool keep_network)
{
    int result = general_settings_reset(keep_network);

    result = worse(result, redir_settings_reset());
    result = worse(result, power_scheme_reset());
    return worse(result, boot_options_reset());
}
