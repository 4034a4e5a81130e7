/* SPDX-License-Identifier: ISC */
/* Which URL leads to which protocol: the only place where HTTP and WS-Management meet. */
#ifndef VAMT_ROUTES_H
#define VAMT_ROUTES_H

#include <stddef.h>

#include "http/http_route.h"

extern const struct http_route routes[];
extern const size_t routes_count;

/* Once at boot, before http_start. */
void routes_init(void);

#endif
