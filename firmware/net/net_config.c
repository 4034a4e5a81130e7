/* SPDX-License-Identifier: ISC */
/* The text form of the network's configuration. */
#include "net/net_config.h"

#include <string.h>

#include "base/err.h"

/* Take the next word; empty at the end. */
static struct span next_word(struct span *text)
{
    size_t start = 0;

    *text = span_trim(*text);
    while (start < text->len && text->ptr[start] > ' ') {
        start++;
    }
    struct span word = span_slice(*text, 0, start);
    *text = span_slice(*text, start, text->len - start);
    return word;
}

int net_config_parse_address(struct span text, uint8_t address[4])
{
    uint8_t parsed[4];

    for (size_t i = 0; i < sizeof(parsed); i++) {
        size_t dot = span_find(text, '.');
        struct span part = span_slice(text, 0, dot);
        uint64_t value;

        /* A last part with a dot after it, or an earlier part without. */
        if ((i == sizeof(parsed) - 1) != (dot == text.len)) {
            return ERR_INVALID;
        }
        if (part.len > 3 || !span_to_uint(part, UINT8_MAX, &value) ||
            (part.len > 1 && part.ptr[0] == '0')) {
            return ERR_INVALID;
        }
        parsed[i] = (uint8_t)value;
        text = span_slice(text, dot + 1, text.len);
    }
    memcpy(address, parsed, sizeof(parsed));
    return 0;
}

void net_config_mask(uint8_t prefix, uint8_t mask[4])
{
    for (unsigned i = 0; i < 4; i++) {
        unsigned bits = prefix > 8 * i ? prefix - 8 * i : 0;
        mask[i] = bits >= 8 ? 0xff : (uint8_t)(0xff00u >> bits);
    }
}

static bool is_zero(const uint8_t address[4])
{
    static const uint8_t none[4];

    return memcmp(address, none, sizeof(none)) == 0;
}

/* Neither the network's own number nor its broadcast address, and no class D, E, 0 or 127. */
static bool is_host(const uint8_t address[4], const uint8_t mask[4])
{
    bool low = true;
    bool high = true;

    for (unsigned i = 0; i < 4; i++) {
        uint8_t host = (uint8_t)(address[i] & ~mask[i]);
        low = low && host == 0;
        high = high && (host | mask[i]) == 0xff;
    }
    return !low && !high && address[0] != 0 && address[0] != 127 && address[0] < 224;
}

static bool is_same_network(const uint8_t a[4], const uint8_t b[4], const uint8_t mask[4])
{
    for (unsigned i = 0; i < 4; i++) {
        if (((a[i] ^ b[i]) & mask[i]) != 0) {
            return false;
        }
    }
    return true;
}

static int parse_address_prefix(struct span word, struct net_config *config)
{
    size_t slash = span_find(word, '/');
    uint64_t prefix;
    uint8_t mask[4];

    if (net_config_parse_address(span_slice(word, 0, slash), config->address) != 0 ||
        slash == word.len ||
        !span_to_uint(span_slice(word, slash + 1, word.len), 30, &prefix) ||
        prefix == 0) {
        return ERR_INVALID;
    }
    config->prefix = (uint8_t)prefix;
    net_config_mask(config->prefix, mask);
    return is_host(config->address, mask) ? 0 : ERR_INVALID;
}

/* "gateway ADDRESS" and "dns ADDRESS", each at most once. */
static int parse_options(struct span text, struct net_config *config)
{
    for (struct span word = next_word(&text); word.len > 0; word = next_word(&text)) {
        uint8_t *field = span_equal_str(word, "gateway") ? config->gateway
                         : span_equal_str(word, "dns")   ? config->dns
                                                         : NULL;

        if (field == NULL || !is_zero(field) ||
            net_config_parse_address(next_word(&text), field) != 0 || is_zero(field)) {
            return ERR_INVALID;
        }
    }
    return 0;
}

int net_config_parse(struct span text, struct net_config *config)
{
    struct net_config parsed = {.dhcp = false};
    struct span word = next_word(&text);
    uint8_t mask[4];

    if (span_equal_str(word, "dhcp")) {
        parsed.dhcp = true;
        if (next_word(&text).len > 0) {
            return ERR_INVALID;
        }
        *config = parsed;
        return 0;
    }
    if (!span_equal_str(word, "static") ||
        parse_address_prefix(next_word(&text), &parsed) != 0 ||
        parse_options(text, &parsed) != 0) {
        return ERR_INVALID;
    }
    net_config_mask(parsed.prefix, mask);
    if (!is_zero(parsed.gateway) &&
        (!is_host(parsed.gateway, mask) ||
         !is_same_network(parsed.gateway, parsed.address, mask) ||
         memcmp(parsed.gateway, parsed.address, sizeof(parsed.address)) == 0)) {
        return ERR_INVALID;
    }
    *config = parsed;
    return 0;
}

static bool is_label_byte(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '-';
}

int net_config_parse_hostname(struct span text, char name[NET_CONFIG_HOSTNAME_CAP])
{
    name[0] = '\0';
    text = span_trim(text);
    if (text.len == 0 || text.len >= NET_CONFIG_HOSTNAME_CAP || text.ptr[0] == '-' ||
        text.ptr[text.len - 1] == '-') {
        return ERR_INVALID;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (!is_label_byte(text.ptr[i])) {
            return ERR_INVALID;
        }
    }
    memcpy(name, text.ptr, text.len);
    name[text.len] = '\0';
    return 0;
}
