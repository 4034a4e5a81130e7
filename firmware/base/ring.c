/* SPDX-License-Identifier: ISC */
/* A byte ring over a caller's buffer. */
#include "base/ring.h"

#include <string.h>

#include "base/util.h"

void ring_init(struct ring *r, void *ptr, size_t cap)
{
    *r = (struct ring){.ptr = ptr, .cap = cap};
}

size_t ring_room(const struct ring *r)
{
    return r->cap - r->len;
}

static size_t wrap(const struct ring *r, size_t index)
{
    return index >= r->cap ? index - r->cap : index;
}

size_t ring_write(struct ring *r, struct span bytes)
{
    size_t total = util_min(bytes.len, ring_room(r));
    size_t done = 0;

    while (done < total) {
        size_t end = wrap(r, r->start + r->len);
        size_t part = util_min(total - done, r->cap - end);

        memcpy(r->ptr + end, bytes.ptr + done, part);
        r->len += part;
        done += part;
    }
    return total;
}

struct span ring_peek(const struct ring *r, size_t offset)
{
    size_t from;

    if (offset >= r->len) {
        return span_of(r->ptr, 0);
    }
    from = wrap(r, r->start + offset);
    return span_of(r->ptr + from, util_min(r->len - offset, r->cap - from));
}

void ring_drop(struct ring *r, size_t len)
{
    len = util_min(len, r->len);
    r->start = r->cap > 0 ? wrap(r, r->start + len) : 0;
    r->len -= len;
}

size_t ring_read(struct ring *r, void *dst, size_t cap)
{
    size_t done = 0;

    while (done < cap && r->len > 0) {
        struct span part = ring_peek(r, 0);
        size_t n = util_min(part.len, cap - done);

        memcpy((uint8_t *)dst + done, part.ptr, n);
        ring_drop(r, n);
        done += n;
    }
    return done;
}
