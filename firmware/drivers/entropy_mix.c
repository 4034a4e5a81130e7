/* SPDX-License-Identifier: ISC */
/*
 * Hashed, not XORed: a source that knows what another one gave could cancel it. A source that
 * failed is not asked again in the same call, for its wait may be long.
 */
#include "drivers/entropy_mix.h"

#include <stdint.h>
#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "crypto/hash.h"

enum { WORD = 8, WORDS = HASH_SHA256_LEN / WORD };

struct draw {
    uint8_t bytes[ENTROPY_SOURCES_MAX][HASH_SHA256_LEN];
    uint8_t before[ENTROPY_SOURCES_MAX][HASH_SHA256_LEN]; /* what the block before had */
    bool failed[ENTROPY_SOURCES_MAX];
    bool has_before;
};

/* A source that is broken gives the same again and again. Two equal words of 64 bits are the
 * doing of chance once in 2^61 draws. */
static bool is_stuck(const struct draw *draw, size_t source)
{
    const uint8_t *bytes = draw->bytes[source];

    for (size_t i = 1; i < WORDS; i++) {
        if (memcmp(bytes, bytes + i * WORD, WORD) == 0) {
            return true;
        }
    }
    return draw->has_before && memcmp(bytes, draw->before[source], HASH_SHA256_LEN) == 0;
}

/* True if one of them is enough. */
static bool read_all(struct draw *draw, const struct entropy_source *sources,
                     size_t count)
{
    bool is_good = false;

    for (size_t i = 0; i < count; i++) {
        memset(draw->bytes[i], 0, HASH_SHA256_LEN);
        draw->failed[i] = draw->failed[i] ||
                          sources[i].read(draw->bytes[i], HASH_SHA256_LEN) < 0;
        is_good |= !draw->failed[i] && sources[i].is_enough && !is_stuck(draw, i);
    }
    memcpy(draw->before, draw->bytes, sizeof(draw->before));
    draw->has_before = true;
    return is_good;
}

int entropy_mix(const struct entropy_source *sources, size_t count, void *dst, size_t len)
{
    struct draw draw = {.has_before = false};
    uint8_t digest[HASH_SHA256_LEN];
    uint8_t *out = dst;
    bool is_good = count <= ENTROPY_SOURCES_MAX;

    for (size_t done = 0; is_good && done < len; done += sizeof(digest)) {
        uint32_t number = (uint32_t)done;
        struct span parts[] = {span_of(&number, sizeof(number)),
                               span_of(draw.bytes, count * sizeof(draw.bytes[0]))};

        is_good = read_all(&draw, sources, count);
        hash_sha256(parts, UTIL_COUNT(parts), digest);
        memcpy(out + done, digest, util_min(sizeof(digest), len - done));
    }
    bytes_wipe(&draw, sizeof(draw));
    bytes_wipe(digest, sizeof(digest));
    if (!is_good) {
        bytes_wipe(dst, len);
        return ERR_IO;
    }
    return 0;
}
