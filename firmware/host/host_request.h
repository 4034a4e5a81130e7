/* SPDX-License-Identifier: ISC */
/* Requests to the host shim. Each happens at most once, whatever happens to the link. */
#ifndef VAMT_HOST_HOST_REQUEST_H
#define VAMT_HOST_HOST_REQUEST_H

#include "base/util.h"
#include "host/hostlink.pb.h"

/* The end of a request: the shim's `status`, or STATUS_UNAVAILABLE when no answer came
 * within CONFIG_HOST_REQUEST_MS (whether it happened is not known then). */
typedef void host_done_fn(void *context, vamt_Status status);

/* Ask for a power transition. Returns 0 and calls `done` once, later, from
 * host_client_poll; or ERR_FULL (CONFIG_HOST_REQUESTS in flight), ERR_CLOSED (no shim, see
 * host_model_is_live: nothing is sent). If the shim starts anew in between, the request is repeated
 * under the same id, so it happens at most once. `done` may be NULL; it may make new
 * requests. */
int host_request_power(vamt_PowerAction action, vamt_BootDevice boot, host_done_fn *done,
                       void *context) UTIL_MUST_CHECK;
/* Forget a callback (its context is going away); the request itself goes on. */
void host_request_forget(void *context);

#endif
