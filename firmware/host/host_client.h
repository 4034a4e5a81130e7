/* SPDX-License-Identifier: ISC */
/* The firmware's end of hostlink: drives the port, the link, the model and the requests.
 */
#ifndef VAMT_HOST_HOST_CLIENT_H
#define VAMT_HOST_HOST_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"
#include "hal/hostport.h"
#include "host/hostlink.pb.h"

/* Start over `port` (may be NULL: no shim ever). `epoch` is random, not 0. Called once,
 * before host_model_listen. Lines given to host_client_log before are kept. */
void host_client_start(struct hostport *port, uint64_t epoch);
/* Do what is ready. Returns when to be called again (board_now_us scale): `now_us` if
 * more is waiting already, UINT64_MAX if only activity of the port matters. Requests,
 * status and log lines of this turn are sent by it. */
uint64_t host_client_poll(uint64_t now_us);
/* What to tell the shim of ourselves; sent after each HELLO and when anything but
 * uptime_ms differs from what was sent last. Copied. True if it does: then the next poll
 * must not wait for anything. */
bool host_client_set_status(const vamt_FirmwareStatus *status);
/* A log line for the shim: kept until it can be sent, see host_log.h. Fits
 * log_set_forward; may be called at any time. */
void host_client_log(enum log_level level, struct span line);
/* Is the shim there (HELLO exchanged)? */
bool host_client_is_connected(void);

#endif
