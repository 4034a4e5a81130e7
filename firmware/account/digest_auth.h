/* SPDX-License-Identifier: ISC */
/*
 * Server side of HTTP digest authentication (RFC 7616 with MD5 and qop "auth", the only
 * form that AMT offers). The parser takes what real clients send: values quoted or not,
 * any order, `nc` of one to eight digits, unknown directives; it refuses what is
 * ambiguous.
 */
#ifndef VAMT_ACCOUNT_DIGEST_AUTH_H
#define VAMT_ACCOUNT_DIGEST_AUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "account/account.h"
#include "base/sbuf.h"
#include "base/span.h"
#include "base/util.h"

enum { DIGEST_AUTH_TEXT_CAP = 512 };

/* The directives, quotes and escapes undone; a NULL pointer: not there. Spans lie in the
 * header or in `text`. */
struct digest_auth {
    struct span username;
    struct span realm;
    struct span nonce;
    struct span uri;
    struct span response;
    struct span algorithm;
    struct span qop;
    struct span nc;
    struct span cnonce;
    uint8_t text[DIGEST_AUTH_TEXT_CAP]; /* values that had escapes */
};

/* Parse the value of an Authorization header. Returns 0; ERR_UNSUPPORTED for another
 * scheme; ERR_INVALID for bad syntax, a directive given twice or too many of them. */
int digest_auth_parse(struct span header, struct digest_auth *auth) UTIL_MUST_CHECK;

/* What is to be authenticated. */
struct digest_auth_request {
    struct span method;
    struct span target;        /* of the request line, as sent */
    struct span authorization; /* value of the header; NULL pointer: there is none */
    const uint8_t *peer;       /* ACCOUNT_PEER_LEN bytes */
};

/* Check name, realm, uri, the full response in constant time, and the nonce with its
 * count. 0: *account is who it is. ERR_TIMEOUT: the client knows the password but its
 * nonce or count is used up: answer stale="true". ERR_DENIED: anything else, also what
 * is right but locked out (account_lock.h). */
int digest_auth_check(const struct digest_auth_request *request,
                      const struct account **account) UTIL_MUST_CHECK;

/* The value of WWW-Authenticate with a new nonce (wire facts 1.1). */
void digest_auth_put_challenge(struct sbuf *out, bool stale);

#endif
