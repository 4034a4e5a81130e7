/* SPDX-License-Identifier: ISC */
/*
 * How often each block was erased. Saved every SAVE_EACH erases only: a reset in between loses
 * what was counted since, per block. The sum hardly loses anything, for each record carries it;
 * what the table does not know of it is kept as one number and taken as evenly spread.
 */
#include "base/sbuf.h"
#include "store/store_priv.h"

enum { SAVE_EACH = 16, OVER_MAX = UINT16_MAX };

static uint32_t erases[STORE_BLOCKS_MAX];
static uint32_t block_count;
static uint32_t unplaced; /* done, of blocks that were forgotten */
static uint32_t unsaved;

void store_wear_init(uint32_t blocks)
{
    for (size_t i = 0; i < UTIL_COUNT(erases); i++) {
        erases[i] = 0;
    }
    block_count = (uint32_t)util_min(blocks, STORE_BLOCKS_MAX);
    unplaced = 0;
    unsaved = 0;
}

void store_wear_count(uint32_t block)
{
    if (block < block_count) {
        erases[block]++;
        unsaved++;
    }
}

uint32_t store_wear_total(void)
{
    uint32_t total = unplaced;

    for (uint32_t i = 0; i < block_count; i++) {
        total += erases[i];
    }
    return total;
}

uint32_t store_wear_worst(void)
{
    uint32_t worst = 0;

    for (uint32_t i = 0; i < block_count; i++) {
        worst = erases[i] > worst ? erases[i] : worst;
    }
    return worst + (block_count == 0 ? 0 : unplaced / block_count);
}

void store_wear_heard(uint32_t total)
{
    uint32_t known = store_wear_total();

    if (total > known) {
        unplaced += total - known;
    }
}

bool store_wear_is_due(void)
{
    return unsaved >= SAVE_EACH;
}

/* The least count, then what each block has over it: little, since wear is levelled. */
struct span store_wear_encode(void *dst, size_t cap)
{
    uint32_t least = UINT32_MAX;
    struct sbuf out;

    for (uint32_t i = 0; i < block_count; i++) {
        least = erases[i] < least ? erases[i] : least;
    }
    sbuf_init(&out, dst, cap);
    sbuf_put_le32(&out, unplaced);
    sbuf_put_le32(&out, least);
    for (uint32_t i = 0; i < block_count; i++) {
        sbuf_put_le16(&out, (uint16_t)util_min(erases[i] - least, OVER_MAX));
    }
    unsaved = 0;
    return out.overflow ? span_of(NULL, 0) : sbuf_span(&out);
}

/* On top of what has been counted since the start. */
void store_wear_decode(struct span content)
{
    uint32_t least;
    uint16_t over;

    if (!span_take_le32(&content, &unplaced) || !span_take_le32(&content, &least)) {
        return;
    }
    for (uint32_t i = 0; i < block_count && span_take_le16(&content, &over); i++) {
        erases[i] += least + over;
    }
}
