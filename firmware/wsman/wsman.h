/* SPDX-License-Identifier: ISC */
/*
 * WS-Management (DSP0226) as AMT speaks it: one request document in, one reply document
 * out. Knows CIM, not HTTP.
 */
#ifndef VAMT_WSMAN_WSMAN_H
#define VAMT_WSMAN_WSMAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/sbuf.h"
#include "base/span.h"
#include "cim/cim.h"

/* Once at boot, after the pools' memory exists. */
void wsman_init(void);

struct wsman_operation; /* a call that waits for its provider */

struct wsman_input {
    struct span document;
    const struct cim_caller *caller; /* NULL: nobody; only Identify is answered. Must stay
                                      * valid until the reply is complete. */
    uint64_t now_us;
    /* Called once, from the event loop, if wsman_handle returned 0. */
    void (*done)(void *context, unsigned http_status);
    void *context;
};

/* Answer a request into `reply`, which is emptied first and may lie over the document: that
 * is read before anything is written. Returns the HTTP status (200, 400
 * or 500; 413 if the document is beyond a limit), or 0: the reply comes later, `reply` must
 * stay, and *operation can be cancelled until `done`. */
unsigned wsman_handle(const struct wsman_input *input, struct sbuf *reply,
                      struct wsman_operation **operation);
/* The asker has gone: nothing will be written any more and `done` will not be called. */
void wsman_cancel(struct wsman_operation *operation);

#endif
