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
#include "wsman/wsman_fault.h"
#include "wsman/wsman_request.h"

/* Once at boot, after the pools' memory exists. */
void wsman_init(void);

struct wsman_operation; /* a call that waits for its provider */

/* A request that is understood and about to be carried out. */
struct wsman_view {
    enum wsman_action action;
    const struct cim_class *class; /* NULL: none, or not in our schema */
    struct span class_name; /* as asked for, whether there is such a class or not */
    struct span method;     /* of WSMAN_ACTION_INVOKE, else empty */
};

/* What to do instead of carrying it out. */
enum wsman_veto_kind {
    WSMAN_VETO_NONE,  /* carry it out */
    WSMAN_VETO_SKIP,  /* nothing: the reply is empty and its status 503 */
    WSMAN_VETO_FAULT, /* answer with `fault` */
    /* Fail with `number`: a method that exists returns it, for all else it is the
     * AMT-STATUS of an InternalError. */
    WSMAN_VETO_STATUS
};
struct wsman_veto {
    enum wsman_veto_kind kind;
    enum wsman_fault fault;
    uint32_t number;
};

struct wsman_input {
    struct span document;
    const struct cim_caller *caller; /* NULL: nobody; only Identify is answered. Must stay
                                      * valid until the reply is complete. */
    uint64_t now_us;
    /* Called once, from the event loop, if wsman_handle returned 0. */
    void (*done)(void *context, unsigned http_status);
    /* Called once from wsman_handle if the request could be read (NULL: not). It may set
     * *veto, which is WSMAN_VETO_NONE. The view is valid during the call only. */
    void (*inspect)(void *context, const struct wsman_view *view,
                    struct wsman_veto *veto);
    void *context;
    uint32_t *pulled; /* if not NULL: set to the number of instances of a Pull, else 0 */
};

/* Answer a request into `reply`, which is emptied first and may lie over the document:
 * that is read before anything is written. Returns the HTTP status (200, 400 or 500; 413
 * if the document is beyond a limit), or 0: the reply comes later, `reply` must stay, and
 * *operation can be cancelled until `done`. */
unsigned wsman_handle(const struct wsman_input *input, struct sbuf *reply,
                      struct wsman_operation **operation);
/* The asker has gone: nothing will be written any more and `done` will not be called. */
void wsman_cancel(struct wsman_operation *operation);

#endif
