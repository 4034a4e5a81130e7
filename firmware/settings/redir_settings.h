/* SPDX-License-Identifier: ISC */
/*
 * Switches of redirection (SOL, IDE-R) and KVM that consoles set: record `redirection`. The RFB
 * password is kept as it is, for the protocol on port 5900 needs it (DES challenge).
 */
#ifndef VAMT_SETTINGS_REDIR_SETTINGS_H
#define VAMT_SETTINGS_REDIR_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/util.h"

enum { REDIR_SETTINGS_RFB_PASSWORD_LEN = 8 };

struct redir_settings {
    bool ider_enabled;
    bool sol_enabled;
    bool listener_enabled;

    bool kvm_enabled;
    bool kvm_port_5900;
    bool kvm_opt_in; /* user consent wanted */
    bool kvm_back_to_back;
    uint8_t kvm_screen;       /* default screen */
    uint16_t kvm_opt_in_s;    /* time to type the consent code */
    uint16_t kvm_session_min; /* idle time that ends a session; 0: never */
    char rfb_password[REDIR_SETTINGS_RFB_PASSWORD_LEN + 1]; /* "": none */
};

/* Load; factory settings where there is no sound record. */
void redir_settings_start(void);
/* What is in force. Valid for ever. */
const struct redir_settings *redir_settings_get(void);
/* Keep these and put them into force. An error of store_write: nothing has changed. */
int redir_settings_set(const struct redir_settings *settings) UTIL_MUST_CHECK;
/* Factory settings, in force also if the store fails. */
int redir_settings_reset(void) UTIL_MUST_CHECK;

#endif
