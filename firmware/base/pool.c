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
            return pool->objects + i * pool->object_size;
        }
    }
    return NULL;
}

size_t pool_index(const struct pool *pool, const void *object)
{
    size_t offset = (size_t)((const uint8_t *)object - pool->objects);

    panic_unless(offset % pool->object_size == 0);
    panic_unless(offset / pool->object_size < pool->count);
    return offset / pool->object_size;
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
