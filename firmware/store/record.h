/* SPDX-License-Identifier: ISC */
/*
 * Content of records, field after field: numbers little-endian, texts and octets with a 16-bit
 * length before. Newer images append fields; a reader finds the default where an older record
 * ends. So fields are never taken out or changed; what cannot be appended raises the record's
 * version, and the module that owns it reads both.
 *
 *     struct record_writer w;                     struct record_reader r;
 *     record_writer_init(&w, bytes, sizeof bytes) record_reader_init(&r, content);
 *     record_put_u16(&w, s->timeout);             s->timeout = record_get_u16(&r, 30);
 *     record_put_text(&w, s->name);               record_get_text(&r, s->name, sizeof s->name);
 *     store_write("name", 1, record_done(&w))     if (!record_is_sound(&r)) ... defaults
 */
#ifndef VAMT_STORE_RECORD_H
#define VAMT_STORE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sbuf.h"
#include "base/span.h"

struct record_writer {
    struct sbuf out;
};
void record_writer_init(struct record_writer *w, void *dst, size_t cap);
void record_put_u8(struct record_writer *w, uint8_t value);
void record_put_u16(struct record_writer *w, uint16_t value);
void record_put_u32(struct record_writer *w, uint32_t value);
void record_put_u64(struct record_writer *w, uint64_t value);
void record_put_bool(struct record_writer *w, bool value);
void record_put_text(struct record_writer *w, const char *text);
void record_put_octets(struct record_writer *w, struct span octets);
/* What was put; a NULL span if it did not fit (a bug: capacities are constants). */
struct span record_done(const struct record_writer *w);

struct record_reader {
    struct span rest;
    bool is_bad; /* sticky: a field is cut off, too long or not what it must be */
};
void record_reader_init(struct record_reader *r, struct span content);
/* Each returns `value` (or leaves dst as it is) where the record has ended before it. */
uint8_t record_get_u8(struct record_reader *r, uint8_t value);
uint16_t record_get_u16(struct record_reader *r, uint16_t value);
uint32_t record_get_u32(struct record_reader *r, uint32_t value);
uint64_t record_get_u64(struct record_reader *r, uint64_t value);
bool record_get_bool(struct record_reader *r, bool value);
/* A text of at most cap - 1 bytes without NUL; dst is terminated. */
void record_get_text(struct record_reader *r, char *dst, size_t cap);
/* The octets, in place; an empty span with NULL pointer where the record has ended. */
struct span record_get_octets(struct record_reader *r);
bool record_is_sound(const struct record_reader *r);

#endif
