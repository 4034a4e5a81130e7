/* SPDX-License-Identifier: ISC */
#include "digest_world.h"

#include <stdio.h>

#include "unit.h"

#include "account/digest_auth.h"
#include "base/err.h"
#include "crypto/crypto.h"
#include "http/fake_board.h"
#include "settings/identity.h"

struct digest_world digest_world;

void digest_world_new_nonce(void)
{
    char text[256];
    struct sbuf out;

    sbuf_init(&out, text, sizeof(text));
    digest_auth_put_challenge(&out, false);
    assert_int_equal(sbuf_terminate(&out), 0);
    fake_client_read_nonce(text, digest_world.nonce);
}

int digest_world_set_up(void **state)
{
    (void)state;
    memset(&digest_world, 0, sizeof(digest_world));
    fake_board_reset();
    account_let_users_in(true);
    assert_int_equal(crypto_start(), 0);
    identity_start();
    assert_int_equal(account_start(), 0);
    digest_world_new_nonce();
    digest_world.client = (struct fake_client){.user = "admin",
                                               .password = FAKE_BOARD_PASSWORD,
                                               .realm = identity_get()->realm,
                                               .method = "POST",
                                               .uri = "/wsman",
                                               .nonce = digest_world.nonce,
                                               .nc = "00000001",
                                               .cnonce = "abcdef0123456789"};
    return 0;
}

int digest_world_check_target(const char *header, const char *target)
{
    const struct account *account = NULL;
    struct digest_auth_request request = {.method = span_str("POST"),
                                          .target = span_str(target),
                                          .authorization = span_str(header),
                                          .peer = digest_world.peer};
    int result = digest_auth_check(&request, &account);

    assert_true((result == 0) == (account != NULL));
    digest_world.account = account;
    return result;
}

int digest_world_check(const char *header)
{
    return digest_world_check_target(header, "/wsman");
}

int digest_world_login(void)
{
    return digest_world_check(fake_client_header(&digest_world.client, FAKE_CLIENT_CURL));
}

const char *digest_world_with(const char *directive)
{
    static char header[4096];
    const struct fake_client *client = &digest_world.client;

    snprintf(header, sizeof(header),
             "Digest username=\"%s\", realm=\"%s\", nonce=\"%s\", uri=\"/wsman\", "
             "cnonce=\"%s\", nc=%s, qop=auth%s%s",
             client->user, client->realm, client->nonce, client->cnonce, client->nc,
             directive[0] != '\0' ? ", " : "", directive);
    return header;
}
