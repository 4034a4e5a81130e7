/* SPDX-License-Identifier: ISC */
/* Two connections to a slow http_world, for the tests of delays and faults. Every time is
 * exact: the profile has no spread. */
#ifndef VAMT_TESTS_HTTP_SLOW_H
#define VAMT_TESTS_HTTP_SLOW_H

#include <stddef.h>
#include <stdint.h>

#include "fake_conn.h"
#include "http_world.h"

enum {
    HTTP_SLOW_GET_MS = 100,
    HTTP_SLOW_PULL_MS = 30,
    HTTP_SLOW_ITEM_MS = 7,
    HTTP_SLOW_DIGEST_MS = 20,
    HTTP_SLOW_POWER_MS = 300000
};

extern struct fake_conn http_slow_one;
extern struct fake_conn http_slow_two;

/* Set-up and tear-down of a test. Requests are Gets, unless http_world.job says
 * otherwise. */
int http_slow_open(void **state);
int http_slow_close(void **state);
/* A request with a login and this body, and one without either. */
void http_slow_ask(struct fake_conn *conn, const char *body);
void http_slow_ask_without_login(struct fake_conn *conn);
/* Nothing until `ms` from now, and then the reply. */
void http_slow_expect(struct fake_conn *conn, uint64_t ms, const char *status);
/* Objects in use of a pool. */
size_t http_slow_in_use(const char *pool);

#endif
