/* SPDX-License-Identifier: ISC */
/*
 * Reliable byte channels over a stream that can break (FORMAT.md). A byte written stays
 * in its channel's `unacked` ring until the peer has acknowledged it; a new HELLO tells
 * from where to send again. The states are drawn in hostlink_priv.h.
 */
#include "host/hostlink.h"

#include <string.h>

#include "base/bytes.h"
#include "base/crc32.h"
#include "base/err.h"
#include "base/panic.h"
#include "host/hostlink_priv.h"

/* A frame shorter than this waits for a buffer with more room. */
enum { SMALL_FRAME = 512 };

/* ------------------------------------------------------------------ receiving */

static bool is_searching(const struct hostlink *link)
{
    return link->state != HOSTLINK_STATE_READY;
}

/* Drop the first byte of in[] and all up to where a HELLO may begin. */
static int search_on(struct hostlink *link)
{
    size_t at = hostlink_frame_find(span_of(link->in, link->in_len), 1);

    link->in_len -= at;
    memmove(link->in, link->in + at, link->in_len);
    link->skipped += at;
    if (link->skipped > CONFIG_HOST_SKIP_CAP) {
        link->skipped = 0;
        link->is_hello_due = true;
        return ERR_INVALID;
    }
    return HOSTLINK_NONE;
}

/* The stream makes no sense: a new attempt, looking for a HELLO in what is there. */
static int break_off(struct hostlink *link)
{
    hostlink_hello_begin(link);
    (void)search_on(link);
    return ERR_INVALID;
}

static int input_data(struct hostlink *link, const struct hostlink_header *header,
                      struct span payload)
{
    struct hostlink_channel *ch;

    if (header->channel >= CONFIG_HOST_CHANNELS) {
        return ERR_INVALID;
    }
    ch = &link->channels[header->channel];
    if (header->offset != ch->recv_offset ||
        payload.len > ch->told_limit - ch->recv_offset) {
        return ERR_INVALID;
    }
    panic_unless(ring_room(&ch->received) >= payload.len);
    ring_write(&ch->received, payload);
    ch->recv_offset += payload.len;
    return HOSTLINK_DATA;
}

static int input_ack(struct hostlink *link, const struct hostlink_header *header,
                     struct span payload)
{
    uint64_t limit = bytes_get_le64(payload.ptr);
    struct hostlink_channel *ch;

    if (header->channel >= CONFIG_HOST_CHANNELS) {
        return ERR_INVALID;
    }
    ch = &link->channels[header->channel];
    if (header->offset < ch->acked_offset || header->offset > ch->sent_offset ||
        limit < ch->peer_limit) {
        return ERR_INVALID;
    }
    ring_drop(&ch->unacked, (size_t)(header->offset - ch->acked_offset));
    ch->acked_offset = header->offset;
    ch->peer_limit = limit;
    return HOSTLINK_NONE;
}

/* in[] holds a whole frame. */
static int input_frame(struct hostlink *link, const struct hostlink_header *header,
                       unsigned *channel)
{
    struct span payload = span_of(link->in + HOSTLINK_HEADER_LEN, header->len);
    int event;

    if (crc32_of(payload) != bytes_get_le32(payload.ptr + payload.len)) {
        return ERR_INVALID;
    }
    switch (header->type) {
    case HOSTLINK_TYPE_HELLO:
        event = hostlink_hello_input(link, payload);
        break;
    case HOSTLINK_TYPE_DATA:
        event = input_data(link, header, payload);
        *channel = event == HOSTLINK_DATA ? header->channel : *channel;
        break;
    default:
        event = input_ack(link, header, payload);
        break;
    }
    return event;
}

/* Has in[] what the next step needs? Fills it from `bytes`. */
static bool fill(struct hostlink *link, struct span *bytes, size_t need)
{
    struct span taken;

    if (link->in_len < need) {
        size_t part = util_min(need - link->in_len, bytes->len);

        if (span_take(bytes, part, &taken) && part > 0) {
            memcpy(link->in + link->in_len, taken.ptr, part);
            link->in_len += part;
        }
    }
    return link->in_len >= need;
}

/* in[] may hold more than one frame after a search: keep the rest. */
static void drop_frame(struct hostlink *link, size_t len)
{
    link->in_len -= len;
    memmove(link->in, link->in + len, link->in_len);
}

/* One step: a header or a frame. Returns an event, an error, or NONE to go on. */
static int step(struct hostlink *link, struct span *bytes, unsigned *channel, bool *wait)
{
    struct hostlink_header header;
    bool searching = is_searching(link);
    int event;

    *wait = !fill(link, bytes, HOSTLINK_HEADER_LEN);
    if (*wait) {
        return HOSTLINK_NONE;
    }
    if (!hostlink_frame_header(link->in, &header)) {
        return searching ? search_on(link) : break_off(link);
    }
    if (searching && header.type != HOSTLINK_TYPE_HELLO) {
        return search_on(link);
    }
    *wait = !fill(link, bytes, HOSTLINK_OVERHEAD + header.len);
    if (*wait) {
        return HOSTLINK_NONE;
    }
    event = input_frame(link, &header, channel);
    if (event >= 0) {
        drop_frame(link, HOSTLINK_OVERHEAD + header.len);
        return event;
    }
    return searching ? search_on(link) : break_off(link);
}

int hostlink_input(struct hostlink *link, struct span *bytes, unsigned *channel)
{
    bool wait = false;
    int event = HOSTLINK_NONE;

    if (link->state == HOSTLINK_STATE_CLOSED) {
        *bytes = span_slice(*bytes, bytes->len, 0);
        return HOSTLINK_NONE;
    }
    while (event == HOSTLINK_NONE && !wait) {
        event = step(link, bytes, channel, &wait);
    }
    return event;
}

/* ------------------------------------------------------------------ sending */

static size_t room_in(const struct sbuf *out)
{
    return out->cap - out->len;
}

/* Zero bytes, no frame anywhere: they carry a peer to the end of its half frame. */
static bool put_filler(struct hostlink *link, struct sbuf *out)
{
    static const uint8_t zeroes[64];

    while (link->filler > 0) {
        size_t part = util_min(util_min(link->filler, sizeof(zeroes)), room_in(out));

        if (part == 0) {
            return false;
        }
        sbuf_put(out, span_of(zeroes, part));
        link->filler -= part;
    }
    return true;
}

static bool put_hello(struct hostlink *link, struct sbuf *out)
{
    if (!link->is_hello_due) {
        return true;
    }
    if (!put_filler(link, out) || room_in(out) < hostlink_hello_len()) {
        return false;
    }
    hostlink_hello_put(link, out);
    link->is_hello_due = false;
    return true;
}

static void put_ack(struct hostlink_channel *ch, unsigned index, struct sbuf *out)
{
    uint64_t limit = ch->recv_offset + ring_room(&ch->received);
    struct hostlink_header header = {HOSTLINK_ACK_LEN, HOSTLINK_TYPE_ACK, index,
                                     ch->recv_offset};
    size_t start = out->len;

    if ((ch->recv_offset == ch->told_recv &&
         limit - ch->told_limit < CONFIG_HOST_WINDOW / 4) ||
        room_in(out) < HOSTLINK_OVERHEAD + HOSTLINK_ACK_LEN) {
        return;
    }
    hostlink_frame_begin(out, &header);
    sbuf_put_le64(out, limit);
    hostlink_frame_end(out, start);
    ch->told_recv = ch->recv_offset;
    ch->told_limit = limit;
}

/* One frame of the channel, if it has something that may be sent and fits. */
static bool put_data(struct hostlink_channel *ch, unsigned index, struct sbuf *out)
{
    size_t done = (size_t)(ch->sent_offset - ch->acked_offset);
    uint64_t credit = ch->peer_limit - ch->sent_offset;
    size_t want = util_min(ch->unacked.len - done, CONFIG_HOST_FRAME_CAP);
    size_t start = out->len;
    struct hostlink_header header = {0, HOSTLINK_TYPE_DATA, index, ch->sent_offset};
    size_t fits;

    want = credit < want ? (size_t)credit : want;
    if (want == 0 || room_in(out) <= HOSTLINK_OVERHEAD) {
        return false;
    }
    fits = room_in(out) - HOSTLINK_OVERHEAD;
    if (fits < want && fits < SMALL_FRAME && start != 0) {
        return false;
    }
    header.len = util_min(want, fits);
    hostlink_frame_begin(out, &header);
    for (size_t put = 0; put < header.len;) {
        struct span part = ring_peek(&ch->unacked, done + put);

        part = span_slice(part, 0, header.len - put);
        sbuf_put(out, part);
        put += part.len;
    }
    hostlink_frame_end(out, start);
    ch->sent_offset += header.len;
    return true;
}

void hostlink_output(struct hostlink *link, struct sbuf *out)
{
    unsigned idle = 0;

    if (link->state == HOSTLINK_STATE_CLOSED || !put_hello(link, out) ||
        link->state != HOSTLINK_STATE_READY) {
        return;
    }
    for (unsigned i = 0; i < CONFIG_HOST_CHANNELS; i++) {
        put_ack(&link->channels[i], i, out);
    }
    while (idle < CONFIG_HOST_CHANNELS) {
        unsigned i = link->next_channel;

        idle = put_data(&link->channels[i], i, out) ? 0 : idle + 1;
        link->next_channel = (i + 1) % CONFIG_HOST_CHANNELS;
    }
}

/* ------------------------------------------------------------------ the user's side */

void hostlink_init(struct hostlink *link, uint64_t epoch)
{
    panic_unless(epoch != 0);
    memset(link, 0, sizeof(*link));
    link->epoch = epoch;
    link->token = epoch;
    hostlink_hello_forget(link);
}

void hostlink_connected(struct hostlink *link)
{
    link->in_len = 0;
    hostlink_hello_begin(link);
}

void hostlink_disconnected(struct hostlink *link)
{
    link->state = HOSTLINK_STATE_CLOSED;
}

bool hostlink_is_ready(const struct hostlink *link)
{
    return link->state == HOSTLINK_STATE_READY;
}

void hostlink_hello_again(struct hostlink *link)
{
    if (link->state == HOSTLINK_STATE_WAIT_HELLO) {
        link->is_hello_due = true;
        link->filler = HOSTLINK_FRAME_CAP;
    }
}

void hostlink_restart(struct hostlink *link)
{
    hostlink_hello_forget(link);
    if (link->state != HOSTLINK_STATE_CLOSED) {
        hostlink_hello_begin(link);
    }
}

int hostlink_write(struct hostlink *link, unsigned channel, struct span bytes)
{
    if (channel >= CONFIG_HOST_CHANNELS) {
        return ERR_INVALID;
    }
    if (bytes.len > ring_room(&link->channels[channel].unacked)) {
        return ERR_FULL;
    }
    ring_write(&link->channels[channel].unacked, bytes);
    return 0;
}

size_t hostlink_room(const struct hostlink *link, unsigned channel)
{
    return channel < CONFIG_HOST_CHANNELS ? ring_room(&link->channels[channel].unacked)
                                          : 0;
}

size_t hostlink_unacked(const struct hostlink *link, unsigned channel)
{
    return channel < CONFIG_HOST_CHANNELS ? link->channels[channel].unacked.len : 0;
}

size_t hostlink_read(struct hostlink *link, unsigned channel, void *dst, size_t cap)
{
    if (channel >= CONFIG_HOST_CHANNELS) {
        return 0;
    }
    return ring_read(&link->channels[channel].received, dst, cap);
}

size_t hostlink_unread(const struct hostlink *link, unsigned channel)
{
    return channel < CONFIG_HOST_CHANNELS ? link->channels[channel].received.len : 0;
}

uint64_t hostlink_peer_epoch(const struct hostlink *link)
{
    return link->peer_epoch;
}

void hostlink_peer_versions(const struct hostlink *link, unsigned *min, unsigned *max)
{
    *min = link->peer_min;
    *max = link->peer_max;
}
