/* SPDX-License-Identifier: ISC */
/* What host_client.c does with settings and their results. */
#ifndef VAMT_HOST_HOST_TUNING_PRIV_H
#define VAMT_HOST_HOST_TUNING_PRIV_H

#include <stdint.h>

#include "host/host_tuning.h"

/* Forget the listener and all results. */
void host_tuning_init(void);
/* A new session with the shim of this epoch: another shim's ids mean nothing any more. */
void host_tuning_set_peer(uint64_t epoch);
/* A setting has arrived. One that was answered in an earlier session with the same shim
 * is answered again and has no other effect. */
void host_tuning_take(const vamt_Tuning *tuning);
/* The oldest result that is not in the stream; false if there is none. */
bool host_tuning_next_unsent(vamt_TuningResult *out);
void host_tuning_set_sent(uint32_t id);

#endif
