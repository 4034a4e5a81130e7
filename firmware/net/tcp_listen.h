/* SPDX-License-Identifier: ISC */
/* Listening ports: each belongs to a service and can be opened and closed at run time. */
#ifndef VAMT_NET_TCP_LISTEN_H
#define VAMT_NET_TCP_LISTEN_H

#include <stdbool.h>

#include "net/conn.h"

/* No port is open. Once, at boot. */
void tcp_listen_start(void);
/* Listen on service->port on every address; nothing to do if it is open. `service` must stay
 * valid. False if lwIP has no room, the port is taken, or CONFIG_NET_SERVICE_COUNT are open. */
bool tcp_listen_open(const struct conn_service *service);
/* Connections that came in go on. */
void tcp_listen_close(const struct conn_service *service);

#endif
