/* SPDX-License-Identifier: ISC */
/*
 * The device's identity. The realm is a digest over a label and the UUID: it must not
 * change over restarts (consoles drop a device whose realm changes) and must differ
 * between devices.
 */
#include "settings/identity.h"

#include "base/sbuf.h"
#include "base/span.h"
#include "crypto/hash.h"
#include "hal/board.h"

#define IDENTITY_VERSION "11.8.50"
#define IDENTITY_BUILD   "3425"

static struct identity identity = {
    .version = IDENTITY_VERSION, .build = IDENTITY_BUILD, .host_name = "vamt"};

void identity_start(void)
{
    uint8_t digest[HASH_MD5_LEN];
    struct span parts[2];
    struct sbuf realm;

    board_uuid(identity.uuid);
    parts[0] = span_str("vAMT digest realm 1");
    parts[1] = span_of(identity.uuid, sizeof(identity.uuid));
    hash_md5(parts, 2, digest);
    sbuf_init(&realm, identity.realm, IDENTITY_REALM_LEN);
    sbuf_put_str(&realm, "Digest:");
    sbuf_put_hex_bytes(&realm, span_of(digest, sizeof(digest)), true);
    identity.realm[IDENTITY_REALM_LEN] = '\0';
}

const struct identity *identity_get(void)
{
    return &identity;
}

const char *identity_version(void)
{
    return IDENTITY_VERSION "." IDENTITY_BUILD;
}
