/* SPDX-License-Identifier: ISC */
/* Fixed pools with high-water marks. */
#include "base/pool.h"

#include <string.h>

#include "base/panic.h"

static struct pool *all_pools;
static size_t fail_countdown;

static bool is_listed(const struct pool *pool)
{
    for (const struct pool *p = all_pools; p != NULL; p = p->next) {
        if (p == pool) {
            return true;
        }
    }
    return false;
}

void pool_init(struct pool *pool)
{
    memset(pool->used, 0, pool->count * sizeof(pool->used[0]));
    pool->in_use = 0;
    pool->high_water = 0;
    if (!is_listed(pool)) {
        pool->next = all_pools;
        all_pools = pool;
    }
}

static bool must_fail(void)
{
    return fail_countdown != 0 && --fail_countdown == 0;
}

void *pool_get(struct pool *pool)
{
    if (must_fail()) {
        return NULL;
    }
    for (size_t i = 0; i < pool->count; i++) {
        if (!pool->used[i]) {
            pool->used[i] = true;
            pool->in_use++;
            if (pool->in_use > pool->high_water) {
                pool->high_water = pool->in_use;
            }
            return pool_at(pool, i);
        }
    }
    return NULL;
}

void *pool_at(const struct pool *pool, size_t index)
{
    panic_unless(index < pool->count);
    return index < pool->first_count
               ? pool->objects + index * pool->object_size
               : pool->more + (index - pool->first_count) * pool->object_size;
}

size_t pool_index(const struct pool *pool, const void *object)
{
    uintptr_t at = (uintptr_t)object;
    uintptr_t first = (uintptr_t)pool->objects;
    bool is_first = at >= first && at - first < pool->first_count * pool->object_size;
    uintptr_t offset = at - (is_first ? first : (uintptr_t)pool->more);
    size_t index = offset / pool->object_size + (is_first ? 0 : pool->first_count);

    panic_unless(offset % pool->object_size == 0 && index < pool->count);
    return index;
}

void pool_put(struct pool *pool, void *object)
{
    size_t index;

    if (object == NULL) {
        return;
    }
    index = pool_index(pool, object);
    panic_unless(pool->used[index]);
    pool->used[index] = false;
    pool->in_use--;
}

size_t pool_fail_at(size_t n)
{
    size_t left = fail_countdown;

    fail_countdown = n;
    return left;
}

struct pool *pool_first(void)
{
    return all_pools;
}
