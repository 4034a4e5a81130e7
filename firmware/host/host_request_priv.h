/* SPDX-License-Identifier: ISC */
/* What host_client.c does with the requests in flight. */
#ifndef VAMT_HOST_HOST_REQUEST_PRIV_H
#define VAMT_HOST_HOST_REQUEST_PRIV_H

#include <stdbool.h>
#include <stdint.h>

#include "host/host_request.h"

/* Forget all requests without calling anyone; ids start at 1. */
void host_request_init(void);
/* The oldest request that is not in the stream; false if there is none. */
bool host_request_next_unsent(uint64_t now_us, vamt_Request *out);
void host_request_set_sent(uint32_t id);
/* The stream was lost: all unanswered requests are to be sent again. */
void host_request_set_all_unsent(void);
/* An answer. False if no such request is waiting (it has expired). */
bool host_request_finish(const vamt_Response *response);
/* Start the deadlines of new requests and end what is due with STATUS_UNAVAILABLE. Returns
 * how many of those were in the stream. */
unsigned host_request_expire(uint64_t now_us);
/* When host_request_expire is to be called next; UINT64_MAX: nothing waits. */
uint64_t host_request_deadline(void);

#endif
