/* SPDX-License-Identifier: ISC */
/*
 * HTTP on one connection: keep-alive, one request at a time (pipelined ones wait in the
 * TCP window), limits and deadlines of config.h.
 */
#ifndef VAMT_HTTP_HTTP_SESSION_H
#define VAMT_HTTP_HTTP_SESSION_H

#include "net/conn.h"

/* For the listeners of main.c. http_start must have run before the first connection. */
extern const struct conn_handler http_session_handler;

/* Empty the session pool (http_start calls it). */
void http_session_start(void);

#endif
