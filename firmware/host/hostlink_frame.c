/* SPDX-License-Identifier: ISC */
/*
 * hostlink frames (FORMAT.md, "Frames"): a header with its own CRC, so that a wrong
 * length is not believed, then the payload with its CRC.
 */
#include <string.h>

#include "base/bytes.h"
#include "base/crc32.h"
#include "base/util.h"
#include "host/hostlink_priv.h"

enum { HEADER_CRC_AT = HOSTLINK_HEADER_LEN - HOSTLINK_CRC_LEN };

static bool is_plausible(const struct hostlink_header *header, const uint8_t *raw)
{
    switch (header->type) {
    case HOSTLINK_TYPE_HELLO:
        return header->channel == 0 && header->len >= HOSTLINK_HELLO_FIXED_LEN &&
               header->len <= HOSTLINK_HELLO_CAP &&
               memcmp(raw + HOSTLINK_MAGIC_AT, HOSTLINK_MAGIC, HOSTLINK_MAGIC_LEN) == 0;
    case HOSTLINK_TYPE_DATA:
        return header->len >= 1 && header->len <= CONFIG_HOST_FRAME_CAP;
    case HOSTLINK_TYPE_ACK:
        return header->len == HOSTLINK_ACK_LEN;
    default:
        return false;
    }
}

bool hostlink_frame_header(const uint8_t *raw, struct hostlink_header *header)
{
    struct hostlink_header h = {.len = bytes_get_le16(raw),
                                .type = raw[2],
                                .channel = raw[3],
                                .offset = bytes_get_le64(raw + HOSTLINK_MAGIC_AT)};

    if (!is_plausible(&h, raw) ||
        crc32_of(span_of(raw, HEADER_CRC_AT)) != bytes_get_le32(raw + HEADER_CRC_AT)) {
        return false;
    }
    *header = h;
    return true;
}

void hostlink_frame_begin(struct sbuf *out, const struct hostlink_header *header)
{
    uint8_t raw[HEADER_CRC_AT];

    bytes_put_le16(raw, (uint16_t)header->len);
    raw[2] = (uint8_t)header->type;
    raw[3] = (uint8_t)header->channel;
    bytes_put_le64(raw + HOSTLINK_MAGIC_AT, header->offset);
    sbuf_put(out, span_of(raw, sizeof(raw)));
    sbuf_put_le32(out, crc32_of(span_of(raw, sizeof(raw))));
}

void hostlink_frame_end(struct sbuf *out, size_t start)
{
    struct span frame = span_slice(sbuf_span(out), start, out->len);

    sbuf_put_le32(out, crc32_of(span_slice(frame, HOSTLINK_HEADER_LEN, frame.len)));
}

size_t hostlink_frame_find(struct span bytes, size_t from)
{
    static const char magic[] = HOSTLINK_MAGIC;

    for (; from < bytes.len; from++) {
        struct span seen = span_slice(bytes, from + HOSTLINK_MAGIC_AT,
                                      HOSTLINK_MAGIC_LEN);

        if (span_equal(seen, span_of(magic, seen.len))) {
            break;
        }
    }
    return util_min(from, bytes.len);
}
