/* SPDX-License-Identifier: ISC */
/* A bump allocator for one document; each block is preceded by its length. */
#include "xml/xml_heap.h"

#include <stdint.h>
#include <string.h>

#include "base/util.h"
#include "config.h"

enum { ALIGN = 16 };

static _Alignas(ALIGN) uint8_t heap[CONFIG_XML_ARENA_CAP];
static size_t used;
static size_t high_water;
static size_t fail_countdown;
static bool has_failed;

void xml_heap_reset(void)
{
    used = 0;
    has_failed = false;
}

void xml_heap_fail_at(size_t n)
{
    fail_countdown = n;
}

static bool must_fail(void)
{
    return fail_countdown != 0 && --fail_countdown == 0;
}

static size_t block_len(const void *block)
{
    size_t len;

    memcpy(&len, (const uint8_t *)block - ALIGN, sizeof(len));
    return len;
}

static void set_block_len(void *block, size_t len)
{
    memcpy((uint8_t *)block - ALIGN, &len, sizeof(len));
}

static size_t block_offset(const void *block)
{
    return (size_t)((const uint8_t *)block - heap);
}

static void note_use(void)
{
    if (used > high_water) {
        high_water = used;
    }
}

void *xml_heap_alloc(size_t len)
{
    size_t rounded = (len + ALIGN - 1) / ALIGN * ALIGN;
    uint8_t *block;

    if (must_fail() || rounded < len || rounded > sizeof(heap) - used ||
        ALIGN > sizeof(heap) - used - rounded) {
        has_failed = true;
        return NULL;
    }
    block = heap + used + ALIGN;
    set_block_len(block, rounded);
    used += ALIGN + rounded;
    note_use();
    return block;
}

bool xml_heap_has_failed(void)
{
    return has_failed;
}

static bool is_last(const void *block)
{
    return block_offset(block) + block_len(block) == used;
}

void xml_heap_free(void *block)
{
    if (block != NULL && is_last(block)) {
        used = block_offset(block) - ALIGN;
    }
}

void *xml_heap_resize(void *block, size_t len)
{
    void *bigger;

    if (block == NULL) {
        return xml_heap_alloc(len);
    }
    if (len <= block_len(block)) {
        return block;
    }
    if (is_last(block)) {
        size_t before = used;
        size_t old_len = block_len(block);

        used = block_offset(block) - ALIGN;
        bigger = xml_heap_alloc(len);
        if (bigger == NULL) {
            used = before;
            set_block_len(block, old_len);
        }
        return bigger;
    }
    bigger = xml_heap_alloc(len);
    if (bigger != NULL) {
        memcpy(bigger, block, block_len(block));
    }
    return bigger;
}

size_t xml_heap_high_water(void)
{
    return high_water;
}
