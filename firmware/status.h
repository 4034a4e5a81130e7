/* SPDX-License-Identifier: ISC */
/* What the firmware tells the host shim of itself (vamtctl status). */
#ifndef VAMT_STATUS_H
#define VAMT_STATUS_H

/* Tell it if it changed. Cheap; called in every turn of the main loop. */
void status_update(void);

#endif
