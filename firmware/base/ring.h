/* SPDX-License-Identifier: ISC */
/*
 * A byte ring over a caller's buffer. One writer, one reader, same thread.
 * Invariant: len <= cap; start < cap. The capacity needs not be a power of two.
 */
#ifndef VAMT_BASE_RING_H
#define VAMT_BASE_RING_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct ring {
    uint8_t *ptr;
    size_t cap;
    size_t start; /* index of the oldest byte */
    size_t len;   /* bytes held */
};

void ring_init(struct ring *r, void *ptr, size_t cap);
size_t ring_room(const struct ring *r);
/* Store as much as fits; returns how many bytes were stored. */
size_t ring_write(struct ring *r, struct span bytes);
/* The oldest bytes that lie in one piece, starting `offset` bytes after the oldest. */
struct span ring_peek(const struct ring *r, size_t offset);
/* Forget the oldest `len` bytes (at most r->len). */
void ring_drop(struct ring *r, size_t len);
/* Copy out and forget up to `cap` bytes; returns how many. */
size_t ring_read(struct ring *r, void *dst, size_t cap);

#endif
