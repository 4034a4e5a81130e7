/* SPDX-License-Identifier: ISC */
/*
 * The Authorization header of a stranger. Invariants: nobody gets in without knowing the
 * password, and what the parser returns lies in the header or in its own text.
 */
#include <stdint.h>
#include <stdlib.h>

#include "account/digest_auth.h"
#include "crypto/crypto.h"
#include "settings/identity.h"
#include "tests/unit/http/fake_board.c"

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

static bool lies_in(struct span part, struct span whole)
{
    return part.len == 0 ||
           (part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len);
}

static void check_spans(struct span header)
{
    struct digest_auth auth;
    int result = digest_auth_parse(header, &auth);
    struct span text = span_of(auth.text, sizeof(auth.text));
    const struct span all[] = {auth.username, auth.realm,    auth.nonce,
                               auth.uri,      auth.response, auth.algorithm,
                               auth.qop,      auth.nc,       auth.cnonce};

    require(result <= 0);
    for (size_t i = 0; i < UTIL_COUNT(all); i++) {
        require(lies_in(all[i], header) || lies_in(all[i], text));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool started;
    static const uint8_t peer[ACCOUNT_PEER_LEN];
    const struct account *account = NULL;
    struct digest_auth_request request = {.method = span_str("POST"),
                                          .target = span_str("/wsman"),
                                          .authorization = span_of(data, size),
                                          .peer = peer};

    if (!started) {
        fake_board_reset();
        require(crypto_start() == 0);
        identity_start();
        require(account_start() == 0);
        account_let_users_in(true);
        started = true;
    }
    check_spans(span_of(data, size));
    require(digest_auth_check(&request, &account) < 0 && account == NULL);
    return 0;
}
