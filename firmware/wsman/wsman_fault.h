/* SPDX-License-Identifier: ISC */
/* The faults of WS-Management in AMT's words (wire-facts.md, section 7). */
#ifndef VAMT_WSMAN_WSMAN_FAULT_H
#define VAMT_WSMAN_WSMAN_FAULT_H

#include <stdint.h>

#include "base/sbuf.h"
#include "base/span.h"

enum wsman_fault {
    WSMAN_FAULT_NONE,
    WSMAN_FAULT_DESTINATION_UNREACHABLE,
    WSMAN_FAULT_ACTION_NOT_SUPPORTED,
    WSMAN_FAULT_HEADER_REQUIRED, /* MessageInformationHeaderRequired */
    WSMAN_FAULT_HEADER_INVALID,  /* InvalidMessageInformationHeader */
    WSMAN_FAULT_MUST_UNDERSTAND,
    WSMAN_FAULT_SCHEMA,
    WSMAN_FAULT_REPRESENTATION,
    WSMAN_FAULT_SELECTORS,
    WSMAN_FAULT_ALREADY_EXISTS,
    WSMAN_FAULT_QUOTA,
    WSMAN_FAULT_DENIED,
    WSMAN_FAULT_UNSUPPORTED,
    WSMAN_FAULT_ENCODING_LIMIT, /* a reply beyond our limit */
    WSMAN_FAULT_ENVELOPE_SIZE,  /* MaxEnvelopeSize below the least that AMT takes */
    WSMAN_FAULT_CONTEXT,        /* InvalidEnumerationContext */
    WSMAN_FAULT_FILTER,         /* FilterDialectRequestedUnavailable */
    WSMAN_FAULT_INTERNAL
};

/* The fault for a CIM_ERR_ result of cim.h. */
enum wsman_fault wsman_fault_from_cim(int result);
/* Write a whole fault envelope answering `relates_to`; returns the HTTP status. */
unsigned wsman_fault_write(struct sbuf *out, enum wsman_fault fault,
                           struct span relates_to);

/* The same for InternalError with "AMT-STATUS <number>" (a PT_STATUS) as its detail. */
unsigned wsman_fault_write_status(struct sbuf *out, uint32_t number,
                                  struct span relates_to);
/* The fault with this subcode, given without prefix and in any case: "AccessDenied". The
 * first if there are several, WSMAN_FAULT_NONE if there is none. */
enum wsman_fault wsman_fault_find(struct span subcode);
/* The subcode of a fault, without prefix. */
const char *wsman_fault_name(enum wsman_fault fault);

#endif
