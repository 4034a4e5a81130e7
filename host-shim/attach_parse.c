/* SPDX-License-Identifier: ISC */
/* The words of "attach", checked; and what is made up when it is not given. */
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "attach.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/util.h"
#include "xmlutil.h"

enum { PASSWORD_MIN = 8, PASSWORD_MAX = 32, PASSWORD_MADE = 16, MEMORY_MIB = 8 };
enum {
    MEMORY_MIN_MIB = 8,
    MEMORY_MAX_MIB = 1024,
    AMT_HTTP_PORT = 16992,
    AMT_HTTPS_PORT = 16993
};

void attach_fail(struct attach_result *result, enum attach_code code, const char *format,
                 ...)
{
    va_list args;

    result->code = code;
    va_start(args, format);
    vsnprintf(result->text, sizeof result->text, format, args);
    va_end(args);
}

bool attach_password_is_valid(const char *password)
{
    size_t len = strlen(password);
    unsigned kinds = 0;

    for (const char *p = password; *p != '\0'; p++) {
        if (*p <= ' ' || *p > '~' || strchr("\",:", *p) != NULL) {
            return false;
        }
        kinds |= *p >= 'a' && *p <= 'z'   ? 1u
                 : *p >= 'A' && *p <= 'Z' ? 2u
                 : *p >= '0' && *p <= '9' ? 4u
                                          : 8u;
    }
    /* AMT counts '_' as neither letter nor special; ask for a real special one. */
    return len >= PASSWORD_MIN && len <= PASSWORD_MAX && kinds == 15u &&
           strpbrk(password, "!#$%&'()*+-./;<=>?@[\\]^`{|}~") != NULL;
}

static bool random_bytes(void *dst, size_t len)
{
    return getrandom(dst, len, 0) == (ssize_t)len;
}

static bool make_password(char *dst)
{
    static const char set[] =
        "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789@+=.";
    uint8_t raw[64];

    do {
        size_t len = 0;

        if (!random_bytes(raw, sizeof raw)) {
            return false;
        }
        for (size_t i = 0; i < sizeof raw && len < PASSWORD_MADE; i++) {
            /* only values below a multiple of the set's size, so that all are as likely */
            if (raw[i] < 256 / (sizeof set - 1) * (sizeof set - 1)) {
                dst[len++] = set[raw[i] % (sizeof set - 1)];
            }
        }
        dst[len] = '\0';
    } while (!attach_password_is_valid(dst) || strlen(dst) < PASSWORD_MADE);
    return true;
}

/* A key as the firmware's store reads it: 64 hexadecimal digits. */
static bool make_key(char dst[ATTACH_KEY_CAP])
{
    uint8_t raw[(ATTACH_KEY_CAP - 1) / 2];
    bool is_ok = random_bytes(raw, sizeof raw);

    for (size_t i = 0; is_ok && i < sizeof raw; i++) {
        snprintf(dst + 2 * i, 3, "%02x", raw[i]);
    }
    bytes_wipe(raw, sizeof raw);
    return is_ok;
}

static bool make_uuid(char *dst)
{
    uint8_t b[16];

    if (!random_bytes(b, sizeof b)) {
        return false;
    }
    b[6] = (uint8_t)((b[6] & 0x0f) | 0x40); /* RFC 4122 clause 4.4 */
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
    snprintf(dst, VIRT_UUID_CAP,
             "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0],
             b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12],
             b[13], b[14], b[15]);
    return true;
}

static bool parse_mac(const char *text, char *dst, size_t cap)
{
    unsigned b[6];
    char end;

    if (strlen(text) != 17 || sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%c", &b[0], &b[1],
                                     &b[2], &b[3], &b[4], &b[5], &end) != 6) {
        return false;
    }
    snprintf(dst, cap, "%s", text);
    return (b[0] & 1) == 0; /* a multicast address is nobody's own */
}

static bool make_mac(char *dst, size_t cap)
{
    uint8_t b[3];

    if (!random_bytes(b, sizeof b)) {
        return false;
    }
    snprintf(dst, cap, "52:54:00:%02x:%02x:%02x", b[0], b[1], b[2]);
    return true;
}

static bool parse_port(const char *text, unsigned *port)
{
    uint64_t value;

    if (!span_to_uint(span_str(text), 65535, &value) || value == 0) {
        return false;
    }
    *port = (unsigned)value;
    return true;
}

/* The companion's port when only ours is given. */
static unsigned default_guest_port(unsigned port)
{
    static const unsigned known[] = {16992, 16993, 16994, 16995, 5900, 664};

    for (size_t i = 0; i < UTIL_COUNT(known); i++) {
        if (port == known[i]) {
            return port;
        }
    }
    return AMT_HTTP_PORT;
}

/* [ADDRESS:]PORT[=GUESTPORT] */
static bool parse_forward(const char *text, struct compxml_forward *f)
{
    char copy[128];
    char *equals;
    char *colon;
    struct in_addr any;

    if (strlen(text) >= sizeof copy) {
        return false;
    }
    strcpy(copy, text);
    equals = strchr(copy, '=');
    if (equals != NULL) {
        *equals = '\0';
        if (!parse_port(equals + 1, &f->guest_port)) {
            return false;
        }
    }
    colon = strrchr(copy, ':');
    if (colon != NULL) {
        *colon = '\0';
    }
    snprintf(f->address, sizeof f->address, "%.63s", colon != NULL ? copy : "127.0.0.1");
    if (inet_pton(AF_INET, f->address, &any) != 1 ||
        !parse_port(colon != NULL ? colon + 1 : copy, &f->port)) {
        return false;
    }
    if (equals == NULL) {
        f->guest_port = default_guest_port(f->port);
    }
    return true;
}

/* An address that a host of the network `mask` can have; in host byte order. */
static bool is_host_address(uint32_t address, uint32_t mask)
{
    uint32_t first = address >> 24;

    return first != 0 && first != 127 && first < 224 && (address & ~mask) != 0 &&
           (address | mask) != UINT32_MAX;
}

/* ADDRESS/PREFIX[,GATEWAY]: nothing that the firmware would refuse when it reads its seed. */
static bool parse_address(const char *text, struct attach *out)
{
    char address[64];
    char gateway[64] = "";
    unsigned prefix;
    int end = 0;
    struct in_addr own;
    struct in_addr other;
    uint32_t mask;

    if (sscanf(text, "%63[0-9.]/%2u%n", address, &prefix, &end) != 2 || prefix < 1 ||
        prefix > 30 || inet_pton(AF_INET, address, &own) != 1) {
        return false;
    }
    mask = UINT32_MAX << (32 - prefix);
    if (!is_host_address(ntohl(own.s_addr), mask)) {
        return false;
    }
    if (text[end] == ',') {
        snprintf(gateway, sizeof gateway, "%.63s", text + end + 1);
        if (inet_pton(AF_INET, gateway, &other) != 1 ||
            !is_host_address(ntohl(other.s_addr), mask) || other.s_addr == own.s_addr ||
            ((ntohl(other.s_addr) ^ ntohl(own.s_addr)) & mask) != 0) {
            return false;
        }
    } else if (text[end] != '\0') {
        return false;
    }
    xmlutil_copy(out->address, sizeof out->address, text);
    snprintf(out->seed, sizeof out->seed, "static %s/%u%s%s", address, prefix,
             gateway[0] ? " gateway " : "", gateway);
    return true;
}

static bool parse_net(const struct request *r, struct attach *out,
                      struct attach_result *result)
{
    struct compxml *c = &out->compxml;
    const char *network = request_get(r, "network");
    const char *bridge = request_get(r, "bridge");

    for (size_t i = 0; i < r->count; i++) {
        if (strcmp(r->keys[i], "forward") != 0) {
            continue;
        }
        if (c->forward_count == COMPXML_FORWARDS_MAX ||
            !parse_forward(r->values[i], &c->forwards[c->forward_count++])) {
            attach_fail(
                result, ATTACH_USAGE,
                "--forward %s: expected [ADDRESS:]PORT[=COMPANION-PORT], at most %d",
                r->values[i], (int)COMPXML_FORWARDS_MAX);
            return false;
        }
    }
    if ((network != NULL) + (bridge != NULL) + (c->forward_count > 0) > 1) {
        attach_fail(result, ATTACH_USAGE,
                    "--network, --bridge and --forward exclude another");
        return false;
    }
    if (network != NULL || bridge != NULL) {
        c->net = network != NULL ? COMPXML_NET_NETWORK : COMPXML_NET_BRIDGE;
        xmlutil_copy(c->net_name, sizeof c->net_name, network != NULL ? network : bridge);
    } else if (c->forward_count == 0) {
        c->forwards[c->forward_count++] = (struct compxml_forward){
            "127.0.0.1", AMT_HTTP_PORT, AMT_HTTP_PORT};
        c->forwards[c->forward_count++] = (struct compxml_forward){
            "127.0.0.1", AMT_HTTPS_PORT, AMT_HTTPS_PORT};
    }
    if (c->net == COMPXML_NET_FORWARD && out->address[0] != '\0') {
        attach_fail(result, ATTACH_USAGE, "--address needs --network or --bridge");
        return false;
    }
    return true;
}

static bool parse_machine(const struct request *r, struct attach *out,
                          struct attach_result *result)
{
    const char *memory = request_get(r, "memory");
    const char *accel = request_get(r, "accel");
    const char *mac = request_get(r, "mac");
    uint64_t mib = MEMORY_MIB;

    if (memory != NULL &&
        (!span_to_uint(span_str(memory), MEMORY_MAX_MIB, &mib) || mib < MEMORY_MIN_MIB)) {
        attach_fail(result, ATTACH_USAGE, "--memory %s: expected %d to %d MiB", memory,
                    (int)MEMORY_MIN_MIB, (int)MEMORY_MAX_MIB);
        return false;
    }
    out->compxml.memory_mib = (unsigned)mib;
    if (accel != NULL && strcmp(accel, "kvm") != 0 && strcmp(accel, "tcg") != 0) {
        attach_fail(result, ATTACH_USAGE, "--accel %s: expected kvm or tcg", accel);
        return false;
    }
    out->is_accel_given = accel != NULL;
    out->compxml.is_kvm = accel != NULL && accel[0] == 'k';
    if (mac != NULL ? !parse_mac(mac, out->compxml.mac, sizeof out->compxml.mac)
                    : !make_mac(out->compxml.mac, sizeof out->compxml.mac)) {
        attach_fail(result, ATTACH_USAGE, "--mac %s: expected a unicast address like %s",
                    mac ? mac : "", "52:54:00:12:34:56");
        return false;
    }
    return true;
}

/* Whose it is at first, and what protects it. */
static bool parse_trust(const struct request *r, struct attach *out,
                        struct attach_result *result)
{
    const char *hashes = request_get(r, "provisioning-hashes");
    unsigned line;

    out->is_unprovisioned = request_get(r, "unprovisioned") != NULL;
    out->is_tls_only = request_get(r, "tls-only") != NULL;
    if (hashes != NULL) {
        line = attach_hashes_check(hashes);
        if (line > 0) {
            attach_fail(result, ATTACH_USAGE,
                        "--provisioning-hashes: line %u is not NAME SHA256, or one too "
                        "many",
                        line);
            return false;
        }
        xmlutil_copy(out->hashes, sizeof out->hashes, hashes);
    }
    if (!make_password(out->local_password) || !make_key(out->store_key)) {
        attach_fail(result, ATTACH_FAILED, "no randomness for keys");
        return false;
    }
    return true;
}

static bool parse_password(const struct request *r, struct attach *out,
                           struct attach_result *result)
{
    const char *password = request_get(r, "password");

    if (out->is_unprovisioned) {
        if (password != NULL) {
            attach_fail(result, ATTACH_USAGE,
                        "--unprovisioned and --password-file exclude another: there is "
                        "no administrator until a console makes one");
        }
        return password == NULL;
    }
    if (password == NULL) {
        out->is_password_ours = true;
        if (!make_password(out->password)) {
            attach_fail(result, ATTACH_FAILED, "no randomness for a password");
            return false;
        }
        return true;
    }
    if (!attach_password_is_valid(password)) {
        attach_fail(
            result, ATTACH_USAGE,
            "the password breaks the rule: 8 to 32 characters, with a lower-case "
            "letter, an upper-case letter, a digit and a special character, none of "
            "\" , :");
        return false;
    }
    snprintf(out->password, sizeof out->password, "%s", password);
    return true;
}

enum attach_code attach_parse(const struct request *r, const char *image,
                              struct attach *out, struct attach_result *result)
{
    const char *domain = request_get(r, "domain");
    const char *address = request_get(r, "address");
    const char *name = request_get(r, "name");
    const char *other = request_get(r, "image");

    memset(out, 0, sizeof *out);
    memset(result, 0, sizeof *result);
    strcpy(out->seed, "dhcp");
    if (domain == NULL || domain[0] == '\0' || strlen(domain) >= sizeof out->domain) {
        attach_fail(result, ATTACH_USAGE, "a domain is missing or its name is too long");
        return result->code;
    }
    xmlutil_copy(out->domain, sizeof out->domain, domain);
    xmlutil_copy(out->compxml.name, sizeof out->compxml.name, name != NULL ? name : "");
    image = other != NULL ? other : image;
    if (image[0] != '/' || strlen(image) >= sizeof out->compxml.image) {
        attach_fail(result, ATTACH_USAGE, "--image %s: expected an absolute path", image);
        return result->code;
    }
    xmlutil_copy(out->compxml.image, sizeof out->compxml.image, image);
    if (address != NULL && !parse_address(address, out)) {
        attach_fail(
            result, ATTACH_USAGE,
            "--address %s: expected ADDRESS/PREFIX[,GATEWAY], IPv4, the addresses "
            "of two hosts of that network",
            address);
        return result->code;
    }
    if (!parse_net(r, out, result) || !parse_machine(r, out, result) ||
        !parse_trust(r, out, result) || !parse_password(r, out, result)) {
        return result->code;
    }
    if (!make_uuid(out->compxml.uuid)) {
        attach_fail(result, ATTACH_FAILED, "no randomness for a UUID");
    }
    return result->code;
}
