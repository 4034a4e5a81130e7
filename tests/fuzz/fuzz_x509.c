/* SPDX-License-Identifier: ISC */
/*
 * Certificates, keys and certificate requests from consoles and TLS clients. The first byte chooses
 * what the rest is read as. Invariants: spans lie in the input, names are terminated and printable,
 * what is accepted as a key is described the same when it is read again, nothing stays in the arena.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "crypto/arena.h"
#include "crypto/crypto.h"
#include "crypto/keypair.h"
#include "crypto/x509.h"
#include "tests/unit/http/fake_board.c"

static uint8_t key[256]; /* one of ours, to sign requests with */
static struct sbuf key_der;

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

static void check_name(const char *name, size_t cap)
{
    require(memchr(name, '\0', cap) != NULL);
    for (; *name != '\0'; name++) {
        require((uint8_t)*name >= ' ' && *name != 0x7f);
    }
}

static void read_certificate(struct span der)
{
    static struct x509_info info;

    if (x509_parse(der, &info) < 0) {
        return;
    }
    check_name(info.subject, sizeof(info.subject));
    check_name(info.issuer, sizeof(info.issuer));
    check_name(info.common_name, sizeof(info.common_name));
    check_name(info.org_unit, sizeof(info.org_unit));
    require(lies_in(info.serial, der) && lies_in(info.public_key, der));
    require(info.eku_count <= X509_OIDS);
    for (size_t i = 0; i < info.eku_count; i++) {
        require(lies_in(info.eku[i], der));
    }
    (void)x509_is_provisioning(&info);
    require(lies_in(keypair_bare_public(info.public_key), der));
}

/* The input is cut in two by its second byte: a chain of that and itself. */
static void read_chain(struct span der)
{
    size_t at = der.len == 0 ? 0 : der.len * der.ptr[0] / 256;
    const struct span chain[] = {span_slice(der, 1, at),
                                 span_slice(der, 1 + at, der.len)};

    (void)!x509_verify_chain(chain, 2, INT64_MIN);
    (void)!x509_verify_chain(chain, 1, 1790000000);
    (void)!x509_verify_signature(chain[0], 256, span_str("text"), chain[1]);
}

static void read_key(struct span der)
{
    static uint8_t bytes[2][CONFIG_PKI_KEY_CAP];
    uint8_t public_der[2][KEYPAIR_PUBLIC_CAP];
    struct keypair_info info[2];
    struct sbuf private[2];
    struct sbuf public[2];

    for (size_t i = 0; i < 2; i++) {
        sbuf_init(&private[i], bytes[i], sizeof(bytes[i]));
        sbuf_init(&public[i], public_der[i], sizeof(public_der[i]));
    }
    if (keypair_describe(der, &info[0], &private[0], &public[0]) < 0) {
        return;
    }
    require(keypair_describe(sbuf_span(&private[0]), &info[1], &private[1], &public[1]) ==
            0);
    require(info[0].is_rsa == info[1].is_rsa && info[0].bits == info[1].bits);
    require(span_equal(sbuf_span(&private[0]), sbuf_span(&private[1])));
    require(span_equal(sbuf_span(&public[0]), sbuf_span(&public[1])));
    require(keypair_describe_public(sbuf_span(&public[0]), &info[1]) == 0);
}

static void sign_request(struct span der)
{
    static uint8_t bytes[CONFIG_PKI_CERTIFICATE_CAP];
    struct sbuf out;

    sbuf_init(&out, bytes, sizeof(bytes));
    require((x509_make_request(sbuf_span(&key_der), 256, der, &out) == 0) ==
            (out.len > 0));
}

static void start(void)
{
    static uint8_t public_der[KEYPAIR_PUBLIC_CAP];
    struct sbuf public;

    fake_board_reset();
    require(crypto_start() == 0);
    sbuf_init(&key_der, key, sizeof(key));
    sbuf_init(&public, public_der, sizeof(public_der));
    require(keypair_make_p256(&key_der, &public) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const readers[])(struct span) = {read_certificate, read_chain, read_key,
                                                   sign_request};
    static bool is_started;
    struct arena_status before;
    struct arena_status after;

    if (!is_started) {
        start();
        is_started = true;
    }
    if (size == 0) {
        return 0;
    }
    arena_get_status(&before);
    readers[data[0] % UTIL_COUNT(readers)](span_of(data + 1, size - 1));
    arena_get_status(&after);
    require(before.blocks == after.blocks && before.used == after.used);
    require(arena_is_sound());
    return 0;
}
