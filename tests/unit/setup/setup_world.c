/* SPDX-License-Identifier: ISC */
#include "setup/setup_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "unit.h"

#include "account/account.h"
#include "audit/audit.h"
#include "base/sbuf.h"
#include "crypto/crypto.h"
#include "crypto/hash.h"
#include "pki/pki.h"
#include "settings/identity.h"
#include "settings/settings.h"
#include "settings/tls_settings.h"
#include "setup/setup.h"
#include "setup/setup_chain.h"
#include "store/store.h"

enum { BLOCK = 4096, BLOCKS = 128, FILE_CAP = 4096, PATH_CAP = 256, FILES = 32 };
static const char key[] =
    "00112233445566778899aabbccddeeff0123456789abcdef0011223344556677";

struct flash_sim setup_world_sim;
static char folder[] = "/tmp/setup_world.XXXXXX";
static bool is_made;

void setup_world_open(bool is_unprovisioned)
{
    host_double_reset();
    flash_sim_open(&setup_world_sim, BLOCK, BLOCKS, 0xff);
    host_double_flash = &setup_world_sim.flash;
    host_double_set_seed("store-key", key);
    host_double_set_seed("local-password", "L0cal-Passw0rd!");
    if (is_unprovisioned) {
        host_double_set_seed("unprovisioned", "yes");
    } else {
        host_double_set_seed("admin-password", "P@ssw0rd!");
    }
    assert_int_equal(crypto_start(), 0);
    identity_start();
}

void setup_world_close(void)
{
    host_double_flash = NULL;
    assert_int_equal(store_start(), 0); /* lets go of the flash */
    flash_sim_close(&setup_world_sim);
}

/* A reset leaves nothing in memory; what remembers more than it loads is emptied by a start
 * without flash. */
static void forget(void)
{
    struct flash *flash = host_double_flash;

    host_double_flash = NULL;
    assert_int_equal(store_start(), 0);
    assert_int_equal(pki_start(), 0);
    host_double_flash = flash;
}

int setup_world_start(void)
{
    int result;

    forget();
    assert_int_equal(store_start(), 0);
    settings_start();
    tls_settings_start();
    assert_int_equal(audit_start(), 0);
    (void)!account_start(); /* without a seed there is no account */
    result = setup_start();
    assert_int_equal(pki_start(), 0);
    return result;
}

static void remove_folder(void)
{
    char command[PATH_CAP];

    snprintf(command, sizeof(command), "rm -rf %s", folder);
    (void)!system(command);
}

static void make(void)
{
    char command[PATH_CAP];

    assert_non_null(mkdtemp(folder));
    atexit(remove_folder);
    snprintf(command, sizeof(command), "tests/unit/setup/make_chain %s", folder);
    assert_int_equal(system(command), 0);
    is_made = true;
}

static void put_hash(struct sbuf *out, const char *name)
{
    uint8_t hash[HASH_SHA256_LEN];
    struct span der = setup_world_der(name);

    hash_sha256(&der, 1, hash);
    sbuf_printf(out, "Test %s ", name);
    sbuf_put_hex_bytes(out, span_of(hash, sizeof(hash)), false);
    sbuf_put_str(out, "\n");
}

void setup_world_certificates(void)
{
    static char hashes[FILE_CAP];
    struct sbuf out;

    if (!is_made) {
        make();
    }
    sbuf_init(&out, hashes, sizeof(hashes));
    put_hash(&out, "root");
    put_hash(&out, "d9");
    assert_int_equal(sbuf_terminate(&out), 0);
    host_double_set_seed("provisioning-hashes", hashes);
    host_double_wall_s = time(NULL) + 60;
}

static size_t read_file(const char *name, uint8_t *dst)
{
    char path[PATH_CAP];
    FILE *file;
    size_t len;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    file = fopen(path, "rb");
    assert_non_null(file);
    len = fread(dst, 1, FILE_CAP, file);
    fclose(file);
    assert_in_range(len, 1, FILE_CAP - 1);
    return len;
}

struct span setup_world_der(const char *name)
{
    static uint8_t bytes[FILES][FILE_CAP];
    static char names[FILES][32];
    static size_t lens[FILES];
    size_t i = 0;

    while (i < FILES && names[i][0] != '\0' && strcmp(names[i], name) != 0) {
        i++;
    }
    assert_in_range(i, 0, FILES - 1);
    if (names[i][0] == '\0') {
        char file[40];

        snprintf(names[i], sizeof(names[i]), "%s", name);
        snprintf(file, sizeof(file), "%s.der", name);
        lens[i] = read_file(file, bytes[i]);
    }
    return span_of(bytes[i], lens[i]);
}

struct span setup_world_sign(struct span text)
{
    static uint8_t signature[FILE_CAP];
    char path[PATH_CAP];
    char command[4 * PATH_CAP];
    FILE *file;

    snprintf(path, sizeof(path), "%s/text", folder);
    file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text.ptr, 1, text.len, file), text.len);
    fclose(file);
    snprintf(command, sizeof(command),
             "cd %s && openssl dgst -sha256 -sign leaf.key -out signature text", folder);
    assert_int_equal(system(command), 0);
    return span_of(signature, read_file("signature", signature));
}

struct span setup_world_sign_nonces(struct span ours, struct span theirs)
{
    uint8_t text[256];

    assert_in_range(ours.len + theirs.len, 1, sizeof(text));
    memcpy(text, ours.ptr, ours.len);
    memcpy(text + ours.len, theirs.ptr, theirs.len);
    return setup_world_sign(span_of(text, ours.len + theirs.len));
}

void setup_world_add_chain(void)
{
    assert_int_equal(setup_chain_add(setup_world_der("leaf"), true, false), 0);
    assert_int_equal(setup_chain_add(setup_world_der("inter"), false, false), 0);
    assert_int_equal(setup_chain_add(setup_world_der("root"), false, true), 0);
}
