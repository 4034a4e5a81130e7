/* SPDX-License-Identifier: ISC */
/*
 * Digest authentication. INTEL-SA-00075 (CVE-2017-5689) was this function comparing only
 * as many characters as the client had sent: here the length is checked first, then all
 * 32 characters, whatever they are, and an unknown user costs the same time as a known
 * one.
 */
#include "account/digest_auth.h"

#include <stddef.h>

#include "account/account_lock.h"
#include "account/digest_nonce.h"
#include "base/bytes.h"
#include "base/err.h"
#include "crypto/hash.h"
#include "hal/board.h"
#include "settings/identity.h"

enum {
    RESPONSE_LEN = 2 * HASH_MD5_LEN,
    DIRECTIVE_CAP = 32, /* directives in one header */
    NC_DIGITS = 8
};

struct field {
    const char *name;
    size_t offset;
};

static const struct field fields[] = {
    {"username", offsetof(struct digest_auth, username)},
    {"realm", offsetof(struct digest_auth, realm)},
    {"nonce", offsetof(struct digest_auth, nonce)},
    {"uri", offsetof(struct digest_auth, uri)},
    {"response", offsetof(struct digest_auth, response)},
    {"algorithm", offsetof(struct digest_auth, algorithm)},
    {"qop", offsetof(struct digest_auth, qop)},
    {"nc", offsetof(struct digest_auth, nc)},
    {"cnonce", offsetof(struct digest_auth, cnonce)},
};

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

static void skip_blanks(struct span *s)
{
    while (s->len > 0 && is_blank(s->ptr[0])) {
        *s = span_slice(*s, 1, s->len);
    }
}

/* After the opening quote, up to and with the closing one. Text with escapes is
 * copied. */
static int take_quoted(struct span *s, struct sbuf *text, struct span *value)
{
    size_t start = text->len;
    bool has_escape = false;
    size_t at = 0;

    while (at < s->len && s->ptr[at] != '"') {
        if (s->ptr[at] == '\\') {
            if (!has_escape) {
                sbuf_put(text, span_slice(*s, 0, at));
                has_escape = true;
            }
            at++;
        }
        if (at >= s->len) {
            return ERR_INVALID;
        }
        if (has_escape) {
            sbuf_put_u8(text, s->ptr[at]);
        }
        at++;
    }
    if (at >= s->len || text->overflow) {
        return ERR_INVALID;
    }
    *value = has_escape ? span_of(text->ptr + start, text->len - start)
                        : span_slice(*s, 0, at);
    *s = span_slice(*s, at + 1, s->len);
    return 0;
}

/* A value without quotes ends at white space or a comma. Clients put more than a token's
 * characters there (uri=/wsman). */
static int take_unquoted(struct span *s, struct span *value)
{
    size_t at = 0;

    while (at < s->len && !is_blank(s->ptr[at]) && s->ptr[at] != ',') {
        if (s->ptr[at] == '"') {
            return ERR_INVALID;
        }
        at++;
    }
    *value = span_slice(*s, 0, at);
    *s = span_slice(*s, at, s->len);
    return at > 0 ? 0 : ERR_INVALID;
}

/* One `name = value`. */
static int take_directive(struct span *s, struct sbuf *text, struct span *name,
                          struct span *value)
{
    size_t equal = span_find(*s, '=');

    *name = span_trim(span_slice(*s, 0, equal));
    if (equal == s->len || name->len == 0 || span_find(*name, ',') < name->len ||
        span_find(*name, '"') < name->len || span_find(*name, ' ') < name->len) {
        return ERR_INVALID;
    }
    *s = span_slice(*s, equal + 1, s->len);
    skip_blanks(s);
    if (s->len > 0 && s->ptr[0] == '"') {
        *s = span_slice(*s, 1, s->len);
        return take_quoted(s, text, value);
    }
    return take_unquoted(s, value);
}

static int store(struct digest_auth *auth, struct span name, struct span value)
{
    for (size_t i = 0; i < UTIL_COUNT(fields); i++) {
        struct span *place = (struct span *)((uint8_t *)auth + fields[i].offset);

        if (span_equal_nocase(name, fields[i].name)) {
            if (place->ptr != NULL) {
                return ERR_INVALID;
            }
            *place = value;
            return 0;
        }
    }
    return 0;
}

/* Between two directives: white space and at least one comma, or the end. */
static int take_comma(struct span *s)
{
    skip_blanks(s);
    if (s->len > 0 && s->ptr[0] != ',') {
        return ERR_INVALID;
    }
    while (s->len > 0 && (is_blank(s->ptr[0]) || s->ptr[0] == ',')) {
        *s = span_slice(*s, 1, s->len);
    }
    return 0;
}

int digest_auth_parse(struct span header, struct digest_auth *auth)
{
    struct span rest = span_trim(header);
    struct sbuf text;
    unsigned count = 0;

    *auth = (struct digest_auth){0};
    sbuf_init(&text, auth->text, sizeof(auth->text));
    if (!span_equal_nocase(span_slice(rest, 0, 6), "Digest")) {
        return ERR_UNSUPPORTED;
    }
    rest = span_slice(rest, 6, rest.len);
    if (rest.len > 0 && !is_blank(rest.ptr[0])) {
        return ERR_UNSUPPORTED;
    }
    skip_blanks(&rest);
    while (rest.len > 0) {
        struct span name;
        struct span value;

        if (++count > DIRECTIVE_CAP || take_directive(&rest, &text, &name, &value) < 0 ||
            store(auth, name, value) < 0 || take_comma(&rest) < 0) {
            return ERR_INVALID;
        }
    }
    return 0;
}

/* One to eight hexadecimal digits, not zero; "6" is as good as "00000006". */
static bool read_nc(struct span text, uint32_t *nc)
{
    uint64_t value;

    if (text.len > NC_DIGITS || !span_hex_to_uint(text, UINT32_MAX, &value) ||
        value == 0) {
        return false;
    }
    *nc = (uint32_t)value;
    return true;
}

/* From "http://host:port/path" to "/path". */
static struct span without_authority(struct span uri)
{
    size_t skip = span_equal_nocase(span_slice(uri, 0, 7), "http://")    ? 7
                  : span_equal_nocase(span_slice(uri, 0, 8), "https://") ? 8
                                                                         : 0;
    struct span rest = span_slice(uri, skip, uri.len);

    return skip == 0 ? uri : span_slice(rest, span_find(rest, '/'), rest.len);
}

/* Everything except name, response and nonce. */
static bool is_acceptable(const struct digest_auth *auth, struct span target,
                          uint32_t *nc)
{
    if (auth->algorithm.ptr != NULL && !span_equal_nocase(auth->algorithm, "MD5")) {
        return false;
    }
    return auth->username.ptr != NULL && auth->cnonce.ptr != NULL &&
           auth->nonce.ptr != NULL && auth->response.len == RESPONSE_LEN &&
           auth->uri.len > 0 && span_equal_nocase(auth->qop, "auth") &&
           span_equal_str(auth->realm, identity_get()->realm) && read_nc(auth->nc, nc) &&
           span_equal(without_authority(auth->uri), without_authority(target));
}

static void put_hex(char text[RESPONSE_LEN], const uint8_t digest[HASH_MD5_LEN])
{
    struct sbuf out;

    sbuf_init(&out, text, RESPONSE_LEN);
    sbuf_put_hex_bytes(&out, span_of(digest, HASH_MD5_LEN), false);
}

/* RFC 7616 clause 3.4.1; nc, cnonce and qop as the client wrote them. */
static void make_response(const struct digest_auth *auth, struct span method,
                          const uint8_t ha1[ACCOUNT_HA1_LEN], char response[RESPONSE_LEN])
{
    const struct span colon = span_str(":");
    const struct span a2[] = {method, colon, auth->uri};
    uint8_t digest[HASH_MD5_LEN];
    char ha1_text[RESPONSE_LEN];
    char ha2_text[RESPONSE_LEN];
    struct span all[] = {span_of(ha1_text, sizeof(ha1_text)),
                         colon,
                         auth->nonce,
                         colon,
                         auth->nc,
                         colon,
                         auth->cnonce,
                         colon,
                         auth->qop,
                         colon,
                         span_of(ha2_text, sizeof(ha2_text))};

    put_hex(ha1_text, ha1);
    hash_md5(a2, UTIL_COUNT(a2), digest);
    put_hex(ha2_text, digest);
    hash_md5(all, UTIL_COUNT(all), digest);
    put_hex(response, digest);
    bytes_wipe(ha1_text, sizeof(ha1_text));
    bytes_wipe(digest, sizeof(digest));
}

/* Does the response prove the password of this account (NULL: of nobody)? */
static bool is_proved(const struct digest_auth *auth, struct span method,
                      const struct account *account)
{
    static const uint8_t nobody[ACCOUNT_HA1_LEN];
    char expected[RESPONSE_LEN];
    bool is_equal;

    make_response(auth, method, account != NULL ? account->ha1 : nobody, expected);
    is_equal = bytes_equal_secret(expected, auth->response.ptr, RESPONSE_LEN);
    bytes_wipe(expected, sizeof(expected));
    return is_equal && account != NULL;
}

/* A console that is at work goes on when somebody else at its address, or with its name,
 * is locked out. */
static bool is_locked(const struct digest_auth *auth, const uint8_t *peer,
                      uint64_t now_us)
{
    return account_lock_is_on(auth->username, peer, now_us) &&
           !digest_nonce_is_proved(auth->nonce, auth->username);
}

/* The password is looked at also when the account is locked or there is none, so that
 * the time tells neither. */
int digest_auth_check(const struct digest_auth_request *request,
                      const struct account **account)
{
    uint64_t now_us = board_now_us();
    const struct account *found;
    struct digest_auth auth;
    bool is_refused;
    uint32_t nc = 0;

    if (request->authorization.ptr == NULL ||
        digest_auth_parse(request->authorization, &auth) < 0) {
        return ERR_DENIED;
    }
    if (!is_acceptable(&auth, request->target, &nc)) {
        account_lock_note(auth.username, request->peer, now_us);
        return ERR_DENIED;
    }
    found = account_find(auth.username);
    is_refused = is_locked(&auth, request->peer, now_us);
    if (!is_proved(&auth, request->method, found) || is_refused) {
        account_lock_failure(auth.username, request->peer, now_us);
        return ERR_DENIED;
    }
    if (digest_nonce_use(auth.nonce, nc, auth.username) < 0) {
        return ERR_TIMEOUT;
    }
    account_lock_success(auth.username, request->peer);
    *account = found;
    return 0;
}

void digest_auth_put_challenge(struct sbuf *out, bool stale)
{
    sbuf_printf(out, "Digest realm=\"%s\", nonce=\"", identity_get()->realm);
    digest_nonce_put(out);
    sbuf_printf(out, "\",stale=\"%s\",qop=\"auth\"", stale ? "true" : "false");
}
