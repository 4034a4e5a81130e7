/* SPDX-License-Identifier: ISC */
/*
 * How TLS is to be used on the network (AMT_TLSSettingData "Intel(r) AMT 802.3 TLS Settings").
 * A Put stages; AMT_SetupAndConfigurationService.CommitChanges puts into force and into the store.
 */
#ifndef VAMT_SETTINGS_TLS_SETTINGS_H
#define VAMT_SETTINGS_TLS_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

enum { TLS_SETTINGS_NAMES = 4, TLS_SETTINGS_NAME_CAP = 64 };

struct tls_settings {
    bool is_enabled; /* 16993 (and 16995) listen */
    bool
        accepts_plain; /* 16992 (and 16994) listen as well; only if is_enabled is true may
                              * this be false */
    bool is_mutual;    /* clients must show a certificate under a trusted root */
    /* Between the host and its own device: kept for consoles, of no effect here. */
    bool is_local_enabled;
    bool is_local_mutual;
    char names[TLS_SETTINGS_NAMES]
              [TLS_SETTINGS_NAME_CAP]; /* TrustedCN; all "": any name */
};

/* Load from the store; else TLS on, plain as the seed `plain-ports` says ("off": closed), not
 * mutual. */
void tls_settings_start(void);
/* What is in force. */
const struct tls_settings *tls_settings_get(void);
/* What the next commit puts into force; the caller may change fields. */
struct tls_settings *tls_settings_staged(void);
/* Put the staged ones into force. 0; ERR_INVALID (nothing could connect any more); ERR_IO. */
int tls_settings_commit(void);
void tls_settings_reset(void);
/* Rises with each commit that changed something. */
uint32_t tls_settings_generation(void);

#endif
