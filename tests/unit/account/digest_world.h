/* SPDX-License-Identifier: ISC */
/* Accounts as after power on, and a client that can log in. */
#ifndef VAMT_TESTS_DIGEST_WORLD_H
#define VAMT_TESTS_DIGEST_WORLD_H

#include "account/account.h"
#include "http/fake_client.h"

struct digest_world {
    struct fake_client client; /* admin, POST /wsman, nc 1, the nonce below */
    char nonce[33];
    uint8_t peer[ACCOUNT_PEER_LEN];
    const struct account *account; /* who logged in last; NULL: nobody */
};
extern struct digest_world digest_world;

/* For cmocka. */
int digest_world_set_up(void **state);
void digest_world_new_nonce(void);
/* The result of digest_auth_check for POST to this target. */
int digest_world_check_target(const char *header, const char *target);
int digest_world_check(const char *header); /* /wsman */
/* The client's own header, in the way of curl. */
int digest_world_login(void);
/* A curl-like header of the client with this text instead of its response directive; the text
 * lasts until the next call. */
const char *digest_world_with(const char *directive);

#endif
