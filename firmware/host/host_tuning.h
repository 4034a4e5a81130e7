/* SPDX-License-Identifier: ISC */
/* What an operator sets through the shim (vamtctl latency, vamtctl fault): text for parts
 * of the firmware that host/ knows nothing of. */
#ifndef VAMT_HOST_TUNING_H
#define VAMT_HOST_TUNING_H

#include <stdbool.h>

#include "base/sbuf.h"
#include "base/span.h"
#include "host/hostlink.pb.h"

/* Takes a setting: true, or false and `detail` says why and nothing changed. With
 * `is_repeat` a text that is in force already is left alone: draws and counts go on.
 * Called from host_client_poll; `text` is valid during the call. */
typedef bool host_tuning_fn(vamt_TuningKind kind, struct span text, bool is_repeat,
                            struct sbuf *detail);

/* Who takes settings; without one they are refused. Once, after host_client_start. */
void host_tuning_listen(host_tuning_fn *take);

#endif
