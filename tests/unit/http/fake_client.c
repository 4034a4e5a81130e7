/* SPDX-License-Identifier: ISC */
/* The digest client double; header shapes typed from the wire facts. */
#include "fake_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"

static void md5_text(const char *text, char hex[33])
{
    struct span part = span_str(text);
    uint8_t digest[HASH_MD5_LEN];

    hash_md5(&part, 1, digest);
    for (size_t i = 0; i < sizeof(digest); i++) {
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    }
}

void fake_client_response(const struct fake_client *c, char response[33])
{
    char text[4096];
    char ha1[33];
    char ha2[33];

    snprintf(text, sizeof(text), "%s:%s:%s", c->user, c->realm, c->password);
    md5_text(text, ha1);
    snprintf(text, sizeof(text), "%s:%s", c->method, c->uri);
    md5_text(text, ha2);
    snprintf(text, sizeof(text), "%s:%s:%s:%s:auth:%s", ha1, c->nonce, c->nc, c->cnonce,
             ha2);
    md5_text(text, response);
}

const char *fake_client_header(const struct fake_client *c, enum fake_client_style style)
{
    static char header[4096];
    char r[33];

    fake_client_response(c, r);
    switch (style) {
    case FAKE_CLIENT_CURL:
        snprintf(header, sizeof(header),
                 "Digest username=\"%s\", realm=\"%s\", nonce=\"%s\", uri=\"%s\", "
                 "cnonce=\"%s\", nc=%s, qop=auth, response=\"%s\"",
                 c->user, c->realm, c->nonce, c->uri, c->cnonce, c->nc, r);
        break;
    case FAKE_CLIENT_MC:
        snprintf(header, sizeof(header),
                 "Digest username=\"%s\",realm=\"%s\",nonce=\"%s\",uri=\"%s\",qop=auth,"
                 "response=\"%s\",nc=%s,cnonce=\"%s\"",
                 c->user, c->realm, c->nonce, c->uri, r, c->nc, c->cnonce);
        break;
    case FAKE_CLIENT_MPS:
        snprintf(header, sizeof(header),
                 "Digest username=\"%s\",realm=\"%s\",nonce=\"%s\",uri=\"%s\","
                 "algorithm=\"MD5\",response=\"%s\",qop=\"auth\",nc=\"%s\",cnonce=\"%s\"",
                 c->user, c->realm, c->nonce, c->uri, r, c->nc, c->cnonce);
        break;
    case FAKE_CLIENT_GO:
        snprintf(header, sizeof(header),
                 "Digest nonce=\"%s\", cnonce=\"%s\", qop=\"auth\", nc=%s, uri=\"%s\", "
                 "algorithm=MD5, opaque=\"\", userhash=false, response=\"%s\", "
                 "realm=\"%s\", username=\"%s\"",
                 c->nonce, c->cnonce, c->nc, c->uri, r, c->realm, c->user);
        break;
    default:
        snprintf(header, sizeof(header),
                 "Digest username=\"%s\", realm=\"%s\", nonce=\"%s\", uri=\"%s\", "
                 "response=\"%s\", algorithm=\"MD5\", qop=\"auth\", nc=%s, cnonce=\"%s\"",
                 c->user, c->realm, c->nonce, c->uri, r, c->nc, c->cnonce);
        break;
    }
    return header;
}

void fake_client_read_nonce(const char *reply, char nonce[33])
{
    const char *at = strstr(reply, "nonce=\"");

    if (at == NULL || strlen(at) < 7 + 33) {
        abort();
    }
    memcpy(nonce, at + 7, 32);
    nonce[32] = '\0';
}
