/* SPDX-License-Identifier: ISC */
/*
 * A pool of equal objects in static memory. Nothing is allocated after boot; exhaustion
 * is an ordinary result (NULL). Every pool is listed (pool_first), with its high-water
 * mark.
 */
#ifndef VAMT_BASE_POOL_H
#define VAMT_BASE_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"

struct pool {
    const char *name;
    uint8_t *objects; /* the first ones, */
    uint8_t *more;    /* and those that few clients never need */
    bool *used;
    size_t object_size;
    size_t first_count;
    size_t count;
    size_t in_use;
    size_t high_water; /* the most that were ever in use */
    struct pool *next; /* all pools, for pool_each */
};

/* Define a static pool `var` of `n` objects of `type`. Call pool_init(&var) at boot. */
#define POOL_DEFINE(var, type, n) \
    static type var##_objects[POOL_FIRST(n)]; \
    static UTIL_SELDOM type var##_more[(n) > 1 ? (n)-POOL_FIRST(n) : 1]; \
    static bool var##_used[n]; \
    static struct pool var = {.name = #var, \
                              .objects = (uint8_t *)var##_objects, \
                              .more = (uint8_t *)var##_more, \
                              .used = var##_used, \
                              .object_size = sizeof(type), \
                              .first_count = POOL_FIRST(n), \
                              .count = (n)}
/* An eighth of them, but one. */
#define POOL_FIRST(n) (((n) + 7) / 8)

/* Empty the pool and list it. Safe to call again. */
void pool_init(struct pool *pool);
/* An object (contents undefined), or NULL when all are in use. The lowest free one is
 * taken, so memory that was never needed is never touched. */
void *pool_get(struct pool *pool);
/* Give an object back. panic if it is not of this pool or not in use. NULL is ignored. */
void pool_put(struct pool *pool, void *object);
/* Position of an object of this pool, 0 .. count-1. */
size_t pool_index(const struct pool *pool, const void *object);
/* The object at a position, in use or not. panic if there is none. */
void *pool_at(const struct pool *pool, size_t index);
/* First listed pool, or NULL; go on by ->next. */
struct pool *pool_first(void);

/* For tests: let the n-th pool_get from now find its pool exhausted (0: none). Returns
 * how many were still missing to the one before: 0 if it has happened. */
size_t pool_fail_at(size_t n);

#endif
