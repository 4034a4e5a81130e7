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
/* Is the link ready? */
void host_model_set_link(bool ready);
/* A new session: the kept snapshot is an old shim's until the next one comes. */
void host_model_set_old(void);

#endif
