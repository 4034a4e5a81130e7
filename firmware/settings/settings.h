/* SPDX-License-Identifier: ISC */
/*
 * All that consoles can change of the device's own settings, together. Each module of this folder
 * keeps a record in the store; tls_settings has a start and a reset of its own.
 */
#ifndef VAMT_SETTINGS_SETTINGS_H
#define VAMT_SETTINGS_SETTINGS_H

#include <stdbool.h>

/* Load every module's record; what has none, or a damaged one, gets its factory settings. After
 * store_start. */
void settings_start(void);
/* Factory settings, also in the store (unprovisioning). What the network needs to stay
 * reachable (host and domain name, answers to pings) is kept if `keep_network`. Returns 0, or
 * ERR_IO, ERR_FULL if a record could not be replaced: memory has the factory settings then. */
int settings_reset(bool keep_network);

#endif
