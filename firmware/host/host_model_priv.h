/* SPDX-License-Identifier: ISC */
/* What host_client.c tells the model. */
#ifndef VAMT_HOST_HOST_MODEL_PRIV_H
#define VAMT_HOST_HOST_MODEL_PRIV_H

#include <stdbool.h>

#include "host/host_model.h"

/* Forget the snapshot and the listeners. */
void host_model_init(void);
/* A snapshot has arrived: keep it and call the listeners. */
void host_model_set(const vamt_HostSnapshot *snapshot);
/* Is the link ready? Told in every poll. */
void host_model_set_link(bool ready, uint64_t now_us);
/* A new session: the kept snapshot is an old shim's until the next one comes. */
void host_model_set_old(uint64_t now_us);
/* When an absence becomes too long to be a restart; UINT64_MAX: the shim is there, or long
 * gone. */
uint64_t host_model_deadline(void);

#endif
