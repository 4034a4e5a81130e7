/* SPDX-License-Identifier: ISC */
/* The control socket of vamtd: accepts vamtctl, checks who it is, answers. CONTROL.md. */
#ifndef VAMT_SHIM_CONTROL_H
#define VAMT_SHIM_CONTROL_H

#include "companion.h"

/* Listen at `path`. `image`: the firmware image that attach uses unless told otherwise. 0;
 * ERR_EXISTS: another vamtd listens there; ERR_IO with a logged reason. */
int control_start(const char *path, const char *image);
/* Close everything and remove the socket. */
void control_stop(void);
/* A companion has a new log line: for those that follow it. */
void control_logged(struct companion *c);

#endif
