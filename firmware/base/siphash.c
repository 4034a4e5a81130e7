/* SPDX-License-Identifier: ISC */
/* SipHash-2-4, after the paper's description (clause 2). */
#include "base/siphash.h"

#include "base/bytes.h"

static uint64_t rotate(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}

static void mix(uint64_t v[4], unsigned rounds)
{
    for (unsigned i = 0; i < rounds; i++) {
        v[0] += v[1];
        v[2] += v[3];
        v[1] = rotate(v[1], 13) ^ v[0];
        v[3] = rotate(v[3], 16) ^ v[2];
        v[0] = rotate(v[0], 32);
        v[2] += v[1];
        v[0] += v[3];
        v[1] = rotate(v[1], 17) ^ v[2];
        v[3] = rotate(v[3], 21) ^ v[0];
        v[2] = rotate(v[2], 32);
    }
}

static void absorb(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    mix(v, 2);
    v[0] ^= word;
}

uint64_t siphash_24(const uint8_t key[SIPHASH_KEY_LEN], struct span data)
{
    uint64_t k0 = bytes_get_le64(key);
    uint64_t k1 = bytes_get_le64(key + 8);
    /* "somepseudorandomlygeneratedbytes" in four words */
    uint64_t v[4] = {k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d,
                     k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573};
    size_t done = 0;

    for (; data.len - done >= 8; done += 8) {
        absorb(v, bytes_get_le64(data.ptr + done));
    }
    /* The last word: the bytes left over, and the length in its top byte. */
    uint64_t last = (uint64_t)data.len << 56;
    for (unsigned shift = 0; done < data.len; done++, shift += 8) {
        last |= (uint64_t)data.ptr[done] << shift;
    }
    absorb(v, last);
    v[2] ^= 0xff;
    mix(v, 4);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}
