/* SPDX-License-Identifier: ISC */
/* Enumerate, Pull and Release (WS-Enumeration with DSP0226 clause 8). */
#ifndef VAMT_WSMAN_WSMAN_ENUM_H
#define VAMT_WSMAN_WSMAN_ENUM_H

#include <stdint.h>

#include "base/sbuf.h"
#include "cim/cim.h"
#include "wsman/wsman_fault.h"
#include "wsman/wsman_request.h"

enum wsman_fault wsman_enum_enumerate(const struct wsman_request *request,
                                      const struct cim_caller *caller, uint64_t now_us,
                                      struct sbuf *reply);
/* *pulled (unless NULL): how many instances the reply has; not set on a fault. */
enum wsman_fault wsman_enum_pull(const struct wsman_request *request,
                                 const struct cim_caller *caller, uint64_t now_us,
                                 struct sbuf *reply, uint32_t *pulled);
enum wsman_fault wsman_enum_release(const struct wsman_request *request, uint64_t now_us,
                                    struct sbuf *reply);

#endif
