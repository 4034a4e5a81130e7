/* SPDX-License-Identifier: ISC */
/* Redirection and KVM switches, in RAM. All services start switched off. */
#include "settings/redir_settings.h"

static struct redir_settings settings = {.kvm_opt_in_s = 300, .kvm_session_min = 3};

struct redir_settings *redir_settings_get(void)
{
    return &settings;
}
