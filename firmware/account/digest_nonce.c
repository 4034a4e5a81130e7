/* SPDX-License-Identifier: ISC */
/*
 * Nonces. Their time field counts microseconds and is strictly rising, so it also names
 * the nonce in the table. Invariant: a nonce that is not in the table is accepted as new
 * only if it is younger than every one that was pushed out (`forgotten_time`) and younger
 * than CONFIG_DIGEST_NONCE_MS; so no forgotten nonce, and with it no replayed request,
 * comes back.
 */
#include "account/digest_nonce.h"

#include <stdbool.h>
#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "config.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "hal/board.h"

enum {
    RAW_LEN = 24,
    TIME_LEN = 8,
    MAC_AT = 12,
    MAC_LEN = RAW_LEN - MAC_AT,
    KEY_LEN = 32
};
#define NONCE_LIFE_US ((uint64_t)CONFIG_DIGEST_NONCE_MS * 1000)

struct seen {
    bool in_use;
    uint64_t time;                      /* names the nonce */
    uint64_t used_us;                   /* last use */
    uint32_t highest;                   /* nc */
    uint64_t window;                    /* bit n: nc highest - n was seen */
    char name[CONFIG_ACCOUNT_NAME_CAP]; /* who used it first */
};

static struct seen table[CONFIG_DIGEST_NONCE_COUNT];
static uint8_t key[KEY_LEN];
static bool has_key;
static uint64_t last_time;
static uint64_t forgotten_time;

int digest_nonce_start(void)
{
    memset(table, 0, sizeof(table));
    forgotten_time = 0;
    has_key = random_fill(key, sizeof(key)) == 0;
    return has_key ? 0 : ERR_IO;
}

static void put_nonce_of(struct sbuf *out, uint64_t time)
{
    uint8_t raw[RAW_LEN] = {0};
    uint8_t mac[HASH_SHA256_LEN];

    bytes_put_le64(raw, time);
    hash_hmac_sha256(span_of(key, sizeof(key)), span_of(raw, MAC_AT), mac);
    memcpy(raw + MAC_AT, mac, MAC_LEN);
    sbuf_put_base64(out, span_of(raw, sizeof(raw)));
}

void digest_nonce_put(struct sbuf *out)
{
    uint64_t now_us = board_now_us();

    last_time = now_us > last_time ? now_us : last_time + 1;
    put_nonce_of(out, last_time);
}

static unsigned base64_value(uint8_t c)
{
    if (c >= 'A' && c <= 'Z') {
        return (unsigned)(c - 'A');
    }
    if (c >= 'a' && c <= 'z') {
        return (unsigned)(c - 'a') + 26;
    }
    if (c >= '0' && c <= '9') {
        return (unsigned)(c - '0') + 52;
    }
    return c == '+' ? 62 : 63; /* anything else fails the comparison below */
}

/* Reads the time out of a nonce and proves it by making the nonce again. */
static bool read_time(struct span nonce, uint64_t *time)
{
    uint8_t again[DIGEST_NONCE_LEN];
    struct sbuf out;
    uint8_t raw[12];

    if (nonce.len != DIGEST_NONCE_LEN || !has_key) {
        return false;
    }
    for (size_t i = 0; i < sizeof(raw) / 3; i++) {
        uint32_t bits = 0;

        for (size_t j = 0; j < 4; j++) {
            bits = bits << 6 | base64_value(nonce.ptr[4 * i + j]);
        }
        raw[3 * i] = (uint8_t)(bits >> 16);
        raw[3 * i + 1] = (uint8_t)(bits >> 8);
        raw[3 * i + 2] = (uint8_t)bits;
    }
    *time = bytes_get_le64(raw);
    sbuf_init(&out, again, sizeof(again));
    put_nonce_of(&out, *time);
    return bytes_equal_secret(again, nonce.ptr, DIGEST_NONCE_LEN);
}

static struct seen *find_seen(uint64_t time)
{
    for (size_t i = 0; i < UTIL_COUNT(table); i++) {
        if (table[i].in_use && table[i].time == time) {
            return &table[i];
        }
    }
    return NULL;
}

/* A free place, or that of the nonce that was unused for the longest time. */
static struct seen *take_place(void)
{
    struct seen *oldest = &table[0];

    for (size_t i = 0; i < UTIL_COUNT(table); i++) {
        if (!table[i].in_use) {
            return &table[i];
        }
        if (table[i].used_us < oldest->used_us) {
            oldest = &table[i];
        }
    }
    if (oldest->time > forgotten_time) {
        forgotten_time = oldest->time;
    }
    return oldest;
}

static int use_new(uint64_t time, uint32_t nc, uint64_t now_us, struct span name)
{
    struct seen *place;

    if (time <= forgotten_time || time > last_time ||
        (now_us > time && now_us - time > NONCE_LIFE_US)) {
        return ERR_TIMEOUT;
    }
    place = take_place();
    *place = (struct seen){
        .in_use = true, .time = time, .used_us = now_us, .highest = nc, .window = 1};
    (void)span_copy_str(name, place->name, sizeof(place->name));
    return 0;
}

static int use_seen(struct seen *seen, uint32_t nc, uint64_t now_us)
{
    uint32_t step;

    if (now_us - seen->used_us > NONCE_LIFE_US) {
        return ERR_TIMEOUT;
    }
    if (nc > seen->highest) {
        step = nc - seen->highest;
        seen->window = step < DIGEST_NONCE_WINDOW ? seen->window << step | 1 : 1;
        seen->highest = nc;
    } else {
        step = seen->highest - nc;
        if (step >= DIGEST_NONCE_WINDOW || (seen->window >> step & 1) != 0) {
            return ERR_EXISTS;
        }
        seen->window |= (uint64_t)1 << step;
    }
    seen->used_us = now_us;
    return 0;
}

int digest_nonce_use(struct span nonce, uint32_t nc, struct span name)
{
    uint64_t now_us = board_now_us();
    struct seen *seen;
    uint64_t time;

    if (!read_time(nonce, &time)) {
        return ERR_TIMEOUT;
    }
    seen = find_seen(time);
    return seen != NULL ? use_seen(seen, nc, now_us) : use_new(time, nc, now_us, name);
}

bool digest_nonce_is_proved(struct span nonce, struct span name)
{
    const struct seen *seen;
    uint64_t time;

    if (!read_time(nonce, &time)) {
        return false;
    }
    seen = find_seen(time);
    return seen != NULL && name.len > 0 && span_equal_str(name, seen->name) &&
           board_now_us() - seen->used_us <= NONCE_LIFE_US;
}
