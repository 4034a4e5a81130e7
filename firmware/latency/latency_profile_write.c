/* SPDX-License-Identifier: ISC */
/* A profile as text: the settings that differ from those of an empty profile. */
#include <string.h>

#include "latency/latency_key.h"
#include "latency/latency_profile.h"
#include "latency/latency_time.h"

static bool is_flat(const struct latency_spread *spread)
{
    return spread->us[0] == spread->us[LATENCY_SPREAD_POINTS - 1];
}

static void write_spread(const struct latency_spread *spread, struct sbuf *out)
{
    latency_time_write(spread->us, is_flat(spread) ? 1 : LATENCY_SPREAD_POINTS, out);
}

static void write_time(uint64_t time_us, struct sbuf *out)
{
    uint32_t us = (uint32_t)time_us;

    latency_time_write(&us, 1, out);
}

static void write_value(const struct latency_key *key, const void *value,
                        struct sbuf *out)
{
    switch (key->kind) {
    case LATENCY_KIND_NAME:
        sbuf_put_str(out, value);
        break;
    case LATENCY_KIND_SEED:
        sbuf_put_uint(out, *(const uint64_t *)value);
        break;
    case LATENCY_KIND_FLAG:
        sbuf_put_str(out, *(const bool *)value ? key->yes : key->no);
        break;
    case LATENCY_KIND_IDLE:
        if (*(const uint32_t *)value == LATENCY_PROFILE_IDLE_NEVER) {
            sbuf_put_str(out, "never");
            break;
        }
        sbuf_put_uint(out, *(const uint32_t *)value);
        break;
    case LATENCY_KIND_COUNT:
        sbuf_put_uint(out, *(const uint32_t *)value);
        break;
    case LATENCY_KIND_TIME:
        write_time(*(const uint64_t *)value, out);
        break;
    case LATENCY_KIND_SPREAD:
        write_spread(value, out);
        break;
    }
}

static bool is_same(const struct latency_key *key, const void *a, const void *b)
{
    switch (key->kind) {
    case LATENCY_KIND_NAME:
        return false; /* always written, first */
    case LATENCY_KIND_FLAG:
        return *(const bool *)a == *(const bool *)b;
    case LATENCY_KIND_SEED:
    case LATENCY_KIND_TIME:
        return *(const uint64_t *)a == *(const uint64_t *)b;
    case LATENCY_KIND_IDLE:
    case LATENCY_KIND_COUNT:
        return *(const uint32_t *)a == *(const uint32_t *)b;
    case LATENCY_KIND_SPREAD:
        break;
    }
    return memcmp(a, b, sizeof(struct latency_spread)) == 0;
}

void latency_profile_write(const struct latency_profile *profile, struct sbuf *out)
{
    struct latency_profile empty;

    latency_profile_init(&empty);
    for (size_t i = 0; i < LATENCY_KEY_COUNT; i++) {
        struct latency_key key = latency_key_get(i);
        const void *value = latency_key_value(&key, profile);

        if (!is_same(&key, value, latency_key_value(&key, &empty))) {
            sbuf_printf(out, "%s%s = ", key.prefix, key.name);
            write_value(&key, value, out);
            sbuf_put_str(out, "\n");
        }
    }
}
