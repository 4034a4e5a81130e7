/* SPDX-License-Identifier: ISC */
/*
 * Open enumerations. The context's name does not change from page to page; the cursor is
 * kept here (wire-facts.md, section 5). The table is bounded: the least recently used
 * enumeration goes when it is full, and idle ones expire.
 */
#ifndef VAMT_WSMAN_WSMAN_CONTEXT_H
#define VAMT_WSMAN_WSMAN_CONTEXT_H

#include <stdint.h>

#include "base/sbuf.h"
#include "base/span.h"
#include "cim/cim.h"

enum wsman_mode { WSMAN_MODE_OBJECT, WSMAN_MODE_EPR, WSMAN_MODE_OBJECT_AND_EPR };

struct wsman_context {
    uint32_t id; /* 0: free */
    uint64_t used_us;
    enum wsman_mode mode;
    struct cim_cursor cursor;
};

/* A new context with a new name. Never fails. */
struct wsman_context *wsman_context_open(uint64_t now_us);
/* By its name on the wire; NULL if it is malformed, unknown or expired. */
struct wsman_context *wsman_context_find(struct span name, uint64_t now_us);
void wsman_context_close(struct wsman_context *context);
/* The name: the number's four bytes, lowest first, in upper-case hex, and a fixed rest. */
void wsman_context_put_name(struct sbuf *out, const struct wsman_context *context);

#endif
