/* SPDX-License-Identifier: ISC */
/* A digest client for tests: writes Authorization values the way real clients do. */
#ifndef VAMT_TESTS_FAKE_CLIENT_H
#define VAMT_TESTS_FAKE_CLIENT_H

#include <stddef.h>

struct fake_client {
    const char *user;
    const char *password;
    const char *realm;
    const char *method;
    const char *uri;
    const char *nonce;
    const char *nc; /* as written */
    const char *cnonce;
};

/* 32 lower-case digits and a NUL. */
void fake_client_response(const struct fake_client *client, char response[33]);
/* Styles of real clients; the text lasts until the next call. */
enum fake_client_style {
    FAKE_CLIENT_CURL,    /* spaces after commas, nc and qop unquoted */
    FAKE_CLIENT_MC,      /* MeshCommander: no spaces, nc and qop unquoted */
    FAKE_CLIENT_MPS,     /* every directive quoted */
    FAKE_CLIENT_GO,      /* quoted qop, algorithm, opaque, other order */
    FAKE_CLIENT_REQUESTS /* python-requests: quoted qop, unquoted nc, algorithm quoted */
};
const char *fake_client_header(const struct fake_client *client,
                               enum fake_client_style style);
/* The nonce in a 401, copied: 32 characters and a NUL. */
void fake_client_read_nonce(const char *reply, char nonce[33]);

#endif
