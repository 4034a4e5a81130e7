/* SPDX-License-Identifier: ISC */
/* Fields of records, in and out. */
#include "store/record.h"

#include <string.h>

#include "base/bytes.h"

enum { LENGTH_MAX = UINT16_MAX };

void record_writer_init(struct record_writer *w, void *dst, size_t cap)
{
    sbuf_init(&w->out, dst, cap);
}

void record_put_u8(struct record_writer *w, uint8_t value)
{
    sbuf_put_u8(&w->out, value);
}

void record_put_u16(struct record_writer *w, uint16_t value)
{
    sbuf_put_le16(&w->out, value);
}

void record_put_u32(struct record_writer *w, uint32_t value)
{
    sbuf_put_le32(&w->out, value);
}

void record_put_u64(struct record_writer *w, uint64_t value)
{
    sbuf_put_le64(&w->out, value);
}

void record_put_bool(struct record_writer *w, bool value)
{
    sbuf_put_u8(&w->out, value ? 1 : 0);
}

void record_put_text(struct record_writer *w, const char *text)
{
    record_put_octets(w, span_str(text));
}

void record_put_octets(struct record_writer *w, struct span octets)
{
    if (octets.len > LENGTH_MAX) {
        w->out.overflow = true;
        return;
    }
    sbuf_put_le16(&w->out, (uint16_t)octets.len);
    sbuf_put(&w->out, octets);
}

struct span record_done(const struct record_writer *w)
{
    return w->out.overflow ? span_of(NULL, 0) : sbuf_span(&w->out);
}

void record_reader_init(struct record_reader *r, struct span content)
{
    r->rest = content;
    r->is_bad = false;
}

/* Is there another field? After a bad one nothing more is read: what follows it may be
 * anything. */
static bool has_more(const struct record_reader *r)
{
    return !r->is_bad && r->rest.len > 0;
}

uint8_t record_get_u8(struct record_reader *r, uint8_t value)
{
    if (has_more(r) && !span_take_u8(&r->rest, &value)) {
        r->is_bad = true;
    }
    return value;
}

uint16_t record_get_u16(struct record_reader *r, uint16_t value)
{
    if (has_more(r) && !span_take_le16(&r->rest, &value)) {
        r->is_bad = true;
    }
    return value;
}

uint32_t record_get_u32(struct record_reader *r, uint32_t value)
{
    if (has_more(r) && !span_take_le32(&r->rest, &value)) {
        r->is_bad = true;
    }
    return value;
}

uint64_t record_get_u64(struct record_reader *r, uint64_t value)
{
    if (has_more(r) && !span_take_le64(&r->rest, &value)) {
        r->is_bad = true;
    }
    return value;
}

bool record_get_bool(struct record_reader *r, bool value)
{
    uint8_t byte = record_get_u8(r, value ? 1 : 0);
    if (byte > 1) {
        r->is_bad = true;
        return value;
    }
    return byte == 1;
}

/* Length and octets of a field; false where the record ended before it, or is cut in it. */
static bool take_octets(struct record_reader *r, struct span *octets)
{
    uint16_t len;

    if (!has_more(r)) {
        return false;
    }
    if (!span_take_le16(&r->rest, &len) || !span_take(&r->rest, len, octets)) {
        r->is_bad = true;
        return false;
    }
    return true;
}

void record_get_text(struct record_reader *r, char *dst, size_t cap)
{
    struct span text;

    if (!take_octets(r, &text)) {
        return;
    }
    if (text.len >= cap || span_find(text, '\0') < text.len) {
        r->is_bad = true;
        return;
    }
    memcpy(dst, text.ptr, text.len);
    dst[text.len] = '\0';
}

struct span record_get_octets(struct record_reader *r)
{
    struct span octets;

    return take_octets(r, &octets) ? octets : span_of(NULL, 0);
}

bool record_is_sound(const struct record_reader *r)
{
    return !r->is_bad;
}
