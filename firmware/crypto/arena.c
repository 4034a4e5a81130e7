/* SPDX-License-Identifier: ISC */
/*
 * Every block begins with a head: its own length and that of the block before it, so that both
 * neighbours can be found when it is freed. Free blocks are in doubly linked lists, one for each
 * power of two of their length. A last head of length 0, always in use, ends the arena.
 */
#include "crypto/arena.h"

#include <stdint.h>
#include <string.h>

#include "base/bytes.h"
#include "base/panic.h"
#include "base/util.h"
#include "config.h"
#include "mbedtls/platform.h"

enum {
    ALIGN = 16,
    HEAD = 16,   /* bytes before what the caller gets */
    LEAST = 32,  /* the smallest block, head included */
    LISTS = 24,  /* blocks of up to 2^24 bytes */
    USED = 0x55, /* marks in heads: neither is a likely overwritten value */
    FREE = 0xaa
};

struct head {
    uint32_t len;    /* of this block, head included */
    uint32_t before; /* length of the block before; 0: this is the first */
    uint32_t mark;
    uint32_t unused;
};

struct free_block {
    struct head head;
    struct free_block *next;
    struct free_block *prev;
};

_Static_assert(sizeof(struct head) == HEAD, "heads keep the alignment");
_Static_assert(sizeof(struct free_block) <= LEAST, "a free block holds its links");
_Static_assert(CONFIG_TLS_ARENA_CAP % ALIGN == 0, "the arena is whole units");
_Static_assert(CONFIG_TLS_ARENA_CAP < (1 << LISTS),
               "there is a list for the whole arena");

static _Alignas(ALIGN) uint8_t memory[CONFIG_TLS_ARENA_CAP];
static struct free_block *lists[LISTS];
static struct arena_status now;
static size_t fail_countdown;
static bool fails_for_good;

static unsigned list_of(size_t len)
{
    return 31u - (unsigned)__builtin_clz((uint32_t)len);
}

static struct head *head_at(size_t offset)
{
    return (struct head *)(void *)(memory + offset);
}

static size_t offset_of(const void *block)
{
    return (size_t)((const uint8_t *)block - memory);
}

static struct head *after(struct head *block)
{
    return head_at(offset_of(block) + block->len);
}

static void link_free(struct head *block)
{
    struct free_block *it = (struct free_block *)(void *)block;
    struct free_block **list = &lists[list_of(block->len)];

    block->mark = FREE;
    it->prev = NULL;
    it->next = *list;
    if (it->next != NULL) {
        it->next->prev = it;
    }
    *list = it;
}

static void unlink_free(struct head *block)
{
    struct free_block *it = (struct free_block *)(void *)block;

    panic_unless(block->mark == FREE);
    if (it->next != NULL) {
        it->next->prev = it->prev;
    }
    if (it->prev != NULL) {
        it->prev->next = it->next;
    } else {
        lists[list_of(block->len)] = it->next;
    }
}

static void set_len(struct head *block, size_t len)
{
    block->len = (uint32_t)len;
    after(block)->before = (uint32_t)len;
}

/* First fit in the list of that size, else the first of a longer list, where all fit. */
static struct head *find_free(size_t len)
{
    unsigned list = list_of(len);

    for (struct free_block *it = lists[list]; it != NULL; it = it->next) {
        if (it->head.len >= len) {
            return &it->head;
        }
    }
    for (list++; list < LISTS; list++) {
        if (lists[list] != NULL) {
            return &lists[list]->head;
        }
    }
    return NULL;
}

static bool must_fail(void)
{
    if (fail_countdown == 0) {
        return false;
    }
    if (fail_countdown > 1) {
        fail_countdown--;
        return false;
    }
    fail_countdown = fails_for_good ? 1 : 0;
    return true;
}

/* Cut what is over off the end of a block that is in no list. */
static void cut(struct head *block, size_t len)
{
    size_t rest = block->len - len;
    struct head *tail;

    if (rest < LEAST) {
        return;
    }
    set_len(block, len);
    tail = after(block);
    set_len(tail, rest);
    link_free(tail);
}

void *arena_alloc(size_t count, size_t len)
{
    struct head *block;
    size_t whole;

    if (len == 0 || count == 0) {
        return NULL;
    }
    if (must_fail() || count > CONFIG_TLS_ARENA_CAP / len) {
        now.failed++;
        return NULL;
    }
    whole = (count * len + HEAD + ALIGN - 1) / ALIGN * ALIGN;
    whole = whole < LEAST ? LEAST : whole;
    block = find_free(whole);
    if (block == NULL) {
        now.failed++;
        return NULL;
    }
    unlink_free(block);
    cut(block, whole);
    block->mark = USED;
    now.blocks++;
    now.used += block->len;
    now.used_most = now.used > now.used_most ? now.used : now.used_most;
    memset(block + 1, 0, block->len - HEAD);
    return block + 1;
}

void arena_free(void *given)
{
    struct head *block;

    if (given == NULL) {
        return;
    }
    panic_unless((uint8_t *)given >= memory + HEAD &&
                 (uint8_t *)given < memory + sizeof(memory) &&
                 offset_of(given) % ALIGN == 0);
    block = head_at(offset_of(given) - HEAD);
    panic_unless(block->mark == USED);
    now.blocks--;
    now.used -= block->len;
    bytes_wipe(given, block->len - HEAD);
    if (after(block)->mark == FREE) {
        struct head *next = after(block);

        unlink_free(next);
        set_len(block, block->len + next->len);
    }
    if (block->before != 0 && head_at(offset_of(block) - block->before)->mark == FREE) {
        struct head *prev = head_at(offset_of(block) - block->before);

        unlink_free(prev);
        set_len(prev, prev->len + block->len);
        block = prev;
    }
    link_free(block);
}

void arena_start(void)
{
    struct head *first = head_at(0);

    memset(lists, 0, sizeof(lists));
    memset(&now, 0, sizeof(now));
    fail_countdown = 0;
    first->before = 0;
    set_len(first, sizeof(memory) - HEAD);
    after(first)->len = 0;
    after(first)->mark = USED;
    link_free(first);
    (void)mbedtls_platform_set_calloc_free(arena_alloc, arena_free);
}

void arena_get_status(struct arena_status *status)
{
    *status = now;
    status->largest = 0;
    for (unsigned i = 0; i < LISTS; i++) {
        for (struct free_block *it = lists[i]; it != NULL; it = it->next) {
            size_t len = it->head.len - HEAD;

            status->largest = len > status->largest ? len : status->largest;
        }
    }
}

void arena_fail_at(size_t n, bool is_for_good)
{
    fail_countdown = n;
    fails_for_good = is_for_good;
}

bool arena_is_sound(void)
{
    size_t used = 0;
    uint32_t before = 0;
    struct head *block = head_at(0);

    for (;; block = after(block)) {
        if (block->before != before || (block->mark != USED && block->mark != FREE)) {
            return false;
        }
        if (block->len == 0) {
            return offset_of(block) == sizeof(memory) - HEAD && used == now.used;
        }
        used += block->mark == USED ? block->len : 0;
        before = block->len;
    }
}
