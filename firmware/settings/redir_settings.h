/* SPDX-License-Identifier: ISC */
/*
 * Switches of redirection (SOL, IDE-R) and KVM that consoles set. Kept in RAM; the settings
 * store is to hook in at redir_settings_get.
 */
#ifndef VAMT_SETTINGS_REDIR_SETTINGS_H
#define VAMT_SETTINGS_REDIR_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

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

/* Valid for ever; the caller may change fields. */
struct redir_settings *redir_settings_get(void);

#endif
