/* SPDX-License-Identifier: ISC */
/*
 * TLS sessions without a network: the server is ours, the client is OpenSSL's library (nobody
 * here wrote it). Between them a double of TCP that keeps the rules of net/conn.h and stops the
 * test if the session breaks them. Keys, certificates and settings are variables; certificates are
 * made by the openssl command when the tests start.
 */
#ifndef VAMT_TESTS_TLS_WORLD_H
#define VAMT_TESTS_TLS_WORLD_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/tls.h"
#include "pki/pki.h"
#include "settings/tls_settings.h"

enum { TLS_WORLD_CAP = 256 * 1024, TLS_WORLD_ROOTS = 3 };

/* What the doubles of pki/ and settings/ say, and what the protocol inside does and saw. */
struct tls_world {
    struct tls_settings settings;
    size_t identity_count; /* 0 to 2: P-256, RSA */
    bool can_make;         /* a first one when it is asked for */
    size_t root_count;
    struct pki_certificate roots[TLS_WORLD_ROOTS];
    uint8_t revoked[32];
    size_t revoked_len;
    uint32_t generation;
    bool plain_is_open;
    bool secure_is_open;

    bool is_deaf;  /* the protocol takes no byte */
    bool is_full;  /* ... refuses connections */
    bool hangs_up; /* ... closes after its first echo */
    unsigned opened;
    unsigned closed;
    unsigned ended;
    unsigned timeouts;
    struct conn *last;   /* the protocol's latest connection */
    char peer_name[128]; /* tls_peer_name when it was opened */
};
extern struct tls_world tls_world;

/* Make the certificates, once for the whole program; remove them. */
int tls_world_make(void **state);
int tls_world_remove(void **state);
/* Everything as after a start: two identities, TLS on, no session. */
int tls_world_setup(void **state);
/* There is no session any more, and nothing is left in the arena. */
int tls_world_teardown(void **state);
/* A trusted root from a file of the folder (tests/unit/crypto/openssl.h). */
void tls_world_trust(const char *file);
/* Take changes of the world into force. */
void tls_world_apply(void);

/* One connection of a client. */
struct tls_peer {
    struct conn conn; /* TCP */
    bool is_open;
    bool is_closing;
    bool is_aborted;
    size_t room;  /* of TCP's send buffer; SIZE_MAX: any */
    size_t chunk; /* bytes that go to the server at once */
    size_t in_len;
    uint8_t in[TLS_WORLD_CAP]; /* for the server, not consumed yet */
    SSL *ssl;
    size_t got_len;
    uint8_t got[TLS_WORLD_CAP]; /* plain text from the server */
    int failure;                /* of the client's handshake: reason of OpenSSL's error */
};

/* A client's context: versions (0: any), a certificate of the folder (NULL: none). */
SSL_CTX *tls_peer_context(int version, const char *certificate, const char *key);
/* Connect; result of our open. The peer is the caller's. */
int tls_peer_open(struct tls_peer *p, SSL_CTX *context);
/* Move bytes both ways until nothing happens any more. */
void tls_peer_run(struct tls_peer *p);
/* Run the handshake. True if both sides have finished it. */
bool tls_peer_connect(struct tls_peer *p);
/* Send plain text and see what comes back until nothing happens. */
void tls_peer_say(struct tls_peer *p, const void *text, size_t len);
/* Raw bytes to the server, around the client. */
void tls_peer_push(struct tls_peer *p, const void *bytes, size_t len);
/* The peer closes TCP's sending side / is gone. */
void tls_peer_end(struct tls_peer *p);
void tls_peer_drop(struct tls_peer *p);
/* Time passes; a deadline that is over is told. */
void tls_peer_wait(struct tls_peer *p, uint64_t ms);

#endif
