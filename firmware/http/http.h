/* SPDX-License-Identifier: ISC */
/* Start of the HTTP server. Connections come in through http_session_handler. */
#ifndef VAMT_HTTP_HTTP_H
#define VAMT_HTTP_HTTP_H

#include <stddef.h>

#include "base/util.h"
#include "http/http_route.h"

/* Set up pools and routes. account_start and identity_start must have run. `routes` stays
 * valid for ever. Returns 0, or ERR_INVALID for a route without method, path or
 * handler. */
int http_start(const struct http_route *routes, size_t count) UTIL_MUST_CHECK;

#endif
