/* SPDX-License-Identifier: ISC */
/* What the firmware tells the host shim of itself (vamtctl status). */
#ifndef VAMT_STATUS_H
#define VAMT_STATUS_H

#include <stdbool.h>

/* Note it if it changed; true then, and another host_client_poll tells it. Cheap; called
 * at the end of every turn of the main loop. */
bool status_update(void);

#endif
