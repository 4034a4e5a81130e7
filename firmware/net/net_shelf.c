/* SPDX-License-Identifier: ISC */
/* A few frames in fixed memory; searched from end to end, because there are few. */
#include "net/net_shelf.h"

#include <string.h>

bool net_shelf_put(struct net_shelf *shelf, unsigned kind, uint64_t due_us,
                   const struct span *parts, size_t count)
{
    struct net_shelf_frame *frame = shelf->frames;
    size_t len = 0;

    if (shelf->count == shelf->cap) {
        return false;
    }
    while (frame->is_used) {
        frame++;
    }
    for (size_t i = 0; i < count; i++) {
        if (parts[i].len > sizeof(frame->bytes) - len) {
            return false;
        }
        memcpy(frame->bytes + len, parts[i].ptr, parts[i].len);
        len += parts[i].len;
    }
    if (len == 0) {
        return false;
    }
    frame->due_us = due_us;
    frame->order = shelf->order++;
    frame->kind = kind;
    frame->is_used = true;
    frame->len = (uint16_t)len;
    shelf->count++;
    return true;
}

static bool is_before(const struct net_shelf_frame *a, const struct net_shelf_frame *b)
{
    return a->due_us < b->due_us || (a->due_us == b->due_us && a->order < b->order);
}

struct net_shelf_frame *net_shelf_first(const struct net_shelf *shelf, unsigned kind)
{
    struct net_shelf_frame *first = NULL;

    for (size_t i = 0; shelf->count > 0 && i < shelf->cap; i++) {
        struct net_shelf_frame *frame = &shelf->frames[i];

        if (frame->is_used && frame->kind == kind &&
            (first == NULL || is_before(frame, first))) {
            first = frame;
        }
    }
    return first;
}

void net_shelf_drop(struct net_shelf *shelf, struct net_shelf_frame *frame)
{
    frame->is_used = false;
    shelf->count--;
}

void net_shelf_clear(struct net_shelf *shelf)
{
    for (size_t i = 0; shelf->count > 0 && i < shelf->cap; i++) {
        if (shelf->frames[i].is_used) {
            net_shelf_drop(shelf, &shelf->frames[i]);
        }
    }
}

uint64_t net_shelf_deadline(const struct net_shelf *shelf)
{
    uint64_t next = UINT64_MAX;

    for (size_t i = 0; shelf->count > 0 && i < shelf->cap; i++) {
        if (shelf->frames[i].is_used && shelf->frames[i].due_us < next) {
            next = shelf->frames[i].due_us;
        }
    }
    return next;
}
