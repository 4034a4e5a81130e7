/* SPDX-License-Identifier: ISC */
/* Latency profile and faults as they come from the seeds `latency` and `faults` at boot
 * and from the host shim later. */
#ifndef VAMT_TUNING_H
#define VAMT_TUNING_H

/* Read the seeds and listen to the shim. After host_client_start. A bad seed is logged
 * with its line and left alone. */
void tuning_start(void);

#endif
