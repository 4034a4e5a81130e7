/* SPDX-License-Identifier: ISC */
/* Start of the HTTP server. */
#include "http/http.h"

#include "base/err.h"
#include "http/http_session.h"
#include "http/http_slot.h"

int http_start(const struct http_route *routes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (routes[i].method == NULL || routes[i].path == NULL ||
            routes[i].handler == NULL) {
            return ERR_INVALID;
        }
    }
    http_route_set(routes, count);
    http_slot_start();
    http_session_start();
    return 0;
}
