/* SPDX-License-Identifier: ISC */
/*
 * Certificates lie one after the other in one buffer. What can be told of one alone is refused
 * when it comes; signatures are checked when the root is there, with the whole chain.
 */
#include "setup/setup_chain.h"

#include <stddef.h>
#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/log.h"
#include "config.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "crypto/x509.h"
#include "hal/board.h"
#include "setup/setup_hash.h"

_Static_assert(CONFIG_SETUP_CHAIN_COUNT <= X509_CHAIN_CAP, "x509_verify_chain takes it");

enum { SUFFIX_CAP = 128, SERIALS_SHOWN = 3 };

/* What AMT also takes as a sign of a provisioning certificate, from before the usage existed. */
static const char org_unit[] = "Intel(R) Client Setup Certificate";

static uint8_t bytes[CONFIG_SETUP_CHAIN_CAP];
static size_t bytes_len;
static struct span chain[CONFIG_SETUP_CHAIN_COUNT];
static size_t count;
static bool is_whole;
static struct x509_info info;      /* big; of the certificate in hand */
static char issuer[X509_NAME_CAP]; /* whom the last one names */

static uint8_t nonce[SETUP_CHAIN_NONCE_LEN];
static bool has_nonce;
static char suffix[SUFFIX_CAP];
static bool is_suffix_bad; /* there is one, and it cannot be told */

void setup_chain_reset(void)
{
    bytes_len = 0;
    count = 0;
    is_whole = false;
}

static int renew_nonce(void)
{
    has_nonce = random_fill(nonce, sizeof(nonce)) == 0;
    return has_nonce ? 0 : ERR_IO;
}

static void load_suffix(void)
{
    char text[SUFFIX_CAP];
    int len = board_seed("pki-dns-suffix", text, sizeof(text));

    suffix[0] = '\0';
    is_suffix_bad = false;
    if (len == ERR_NOT_FOUND) {
        return;
    }
    if (len < 0 || span_copy_str(span_trim(span_of(text, (size_t)len)), suffix,
                                 sizeof(suffix)) <= 0) {
        log_error("setup", "seed pki-dns-suffix cannot be read: no certificate will do");
        is_suffix_bad = true;
    }
}

int setup_chain_start(void)
{
    setup_chain_reset();
    load_suffix();
    return renew_nonce();
}

enum setup_chain_state setup_chain_state(void)
{
    return is_whole ? SETUP_CHAIN_WHOLE : count > 0 ? SETUP_CHAIN_PART : SETUP_CHAIN_NONE;
}

struct span setup_chain_nonce(void)
{
    return span_of(nonce, has_nonce ? sizeof(nonce) : 0);
}

const char *setup_chain_suffix(void)
{
    return suffix;
}

/* Is `name` the domain, or does it lie under it? */
static bool is_under(struct span name, struct span domain)
{
    struct span tail;

    if (name.len < domain.len || domain.len == 0) {
        return false;
    }
    tail = span_slice(name, name.len - domain.len, domain.len);
    for (size_t i = 0; i < domain.len; i++) {
        uint8_t a = tail.ptr[i];
        uint8_t b = domain.ptr[i];

        a = a >= 'A' && a <= 'Z' ? (uint8_t)(a | 0x20) : a;
        b = b >= 'A' && b <= 'Z' ? (uint8_t)(b | 0x20) : b;
        if (a != b) {
            return false;
        }
    }
    return name.len == domain.len || name.ptr[name.len - domain.len - 1] == '.';
}

/* A domain above ours must have two labels at least: "com" is nobody's. */
static bool is_for_us(const char *common_name)
{
    struct span name = span_str(common_name);
    struct span ours = span_str(suffix);

    if (ours.len == 0) {
        return !is_suffix_bad;
    }
    if (span_starts_with(name, "*.")) {
        name = span_slice(name, 2, name.len);
    }
    return is_under(name, ours) ||
           (span_find(name, '.') < name.len && is_under(ours, name));
}

static const char *leaf_fault(void)
{
    if (!x509_is_provisioning(&info) && strcmp(info.org_unit, org_unit) != 0) {
        return "the leaf is not for provisioning";
    }
    if (!info.is_rsa) {
        return "the leaf's key is not RSA";
    }
    if (!is_for_us(info.common_name)) {
        return "the leaf is for another domain";
    }
    return NULL;
}

static const char *authority_fault(void)
{
    if (!info.is_ca) {
        return "one that signs others is no authority";
    }
    return strcmp(info.subject, issuer) != 0 ? "it is not the issuer of the one before"
                                             : NULL;
}

static const char *root_fault(struct span der)
{
    if (setup_hash_find(der) == NULL) {
        return "the root is not trusted";
    }
    return x509_verify_chain(chain, count, board_wall_s()) < 0 ? "the chain is broken"
                                                               : NULL;
}

/* Copy it behind the others, and look at it alone. */
static int append(struct span der, bool is_leaf)
{
    const char *fault;
    int result;

    if (count == CONFIG_SETUP_CHAIN_COUNT || der.len > sizeof(bytes) - bytes_len) {
        return ERR_TOO_BIG;
    }
    if (der.len == 0) {
        return ERR_DENIED;
    }
    result = x509_parse(der, &info);
    if (result == ERR_FULL) {
        return ERR_BUSY;
    }
    if (result < 0) {
        fault = "it cannot be read";
    } else if (!x509_is_valid_at(&info, board_wall_s())) {
        fault = "it is expired, or not valid yet";
    } else {
        fault = is_leaf ? leaf_fault() : authority_fault();
    }
    if (fault != NULL) {
        log_warn("setup", "certificate %u refused: %s", (unsigned)count + 1, fault);
        return ERR_DENIED;
    }
    memcpy(issuer, info.issuer, sizeof(issuer));
    memcpy(bytes + bytes_len, der.ptr, der.len);
    chain[count++] = span_of(bytes + bytes_len, der.len);
    bytes_len += der.len;
    return 0;
}

static int add(struct span der, bool is_leaf, bool is_root)
{
    const char *fault;
    int result;

    if (is_leaf) {
        setup_chain_reset();
    }
    if ((is_leaf && is_root) || is_leaf != (count == 0) || is_whole) {
        return ERR_INVALID;
    }
    result = append(der, is_leaf);
    if (result < 0 || !is_root) {
        return result;
    }
    fault = root_fault(der);
    if (fault != NULL) {
        log_warn("setup", "certificate chain refused: %s", fault);
        return ERR_DENIED;
    }
    is_whole = true;
    return 0;
}

int setup_chain_add(struct span der, bool is_leaf, bool is_root)
{
    int result = add(der, is_leaf, is_root);

    if (result < 0) {
        setup_chain_reset();
    }
    return result;
}

static void describe(struct setup_record *record)
{
    struct span root = chain[count - 1];

    memset(record, 0, sizeof(*record));
    record->kind = SETUP_RECORD_ADMIN;
    memcpy(record->hash, setup_hash_find(root)->sha256, SETUP_HASH_LEN);
    record->hash_len = SETUP_HASH_LEN;
    record->has_more_serials = count - 1 > SERIALS_SHOWN;
    for (size_t i = 0; i < count; i++) {
        struct span serial;

        if (x509_parse(chain[i], &info) < 0) {
            continue;
        }
        if (i == 0) {
            (void)span_copy_str(span_str(info.common_name), record->common_name,
                                sizeof(record->common_name));
            continue;
        }
        serial = info.serial;
        if (i <= SERIALS_SHOWN &&
            serial.len <= sizeof(record->serials) - record->serials_len) {
            memcpy(record->serials + record->serials_len, serial.ptr, serial.len);
            record->serials_len = (uint8_t)(record->serials_len + serial.len);
        }
    }
}

static int verify(struct span certificate, struct span mc_nonce, struct span signature)
{
    uint8_t text[2 * SETUP_CHAIN_NONCE_LEN];
    int result;

    if (mc_nonce.len != SETUP_CHAIN_NONCE_LEN || !has_nonce) {
        return ERR_INVALID;
    }
    memcpy(text, nonce, sizeof(nonce));
    memcpy(text + sizeof(nonce), mc_nonce.ptr, mc_nonce.len);
    result = x509_verify_signature(certificate, 256, span_of(text, sizeof(text)),
                                   signature);
    return result == 0 ? 0 : result == ERR_FULL ? ERR_BUSY : ERR_DENIED;
}

/* Whatever came of an attempt, the next one needs another nonce. */
static void use_up(void)
{
    setup_chain_reset();
    if (renew_nonce() < 0) {
        log_error("setup", "no random numbers: no more set-up by certificate");
    }
}

int setup_chain_prove(struct span mc_nonce, struct span signature,
                      struct setup_record *record)
{
    int result = is_whole ? verify(chain[0], mc_nonce, signature) : ERR_INVALID;

    if (result == 0) {
        describe(record);
    }
    use_up();
    return result;
}

int setup_chain_prove_client(struct span certificate, struct span mc_nonce,
                             struct span signature, struct setup_record *record)
{
    int result = verify(certificate, mc_nonce, signature);

    if (result == 0) {
        memset(record, 0, sizeof(*record));
        record->kind = SETUP_RECORD_CLIENT;
        hash_sha256(&certificate, 1, record->hash);
        record->hash_len = HASH_SHA256_LEN;
    }
    use_up();
    return result;
}
