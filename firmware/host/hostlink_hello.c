/* SPDX-License-Identifier: ISC */
/*
 * The handshake of hostlink (FORMAT.md, "HELLO"). Each attempt has a token that no other
 * attempt has; a HELLO that echoes our token is an answer to this very attempt, so old
 * bytes still under way can never be taken for it. What a HELLO tells is frozen when its
 * attempt begins, so both sides judge the same facts and come to the same verdict.
 */
#include "base/bytes.h"
#include "base/err.h"
#include "base/util.h"
#include "host/hostlink_priv.h"

/* No peer has more room than this; keeps offsets far from wrapping. */
enum { WINDOW_MAX = 1 << 30 };

struct hello {
    uint16_t version_min;
    uint16_t version_max;
    uint8_t channels;
    uint8_t flags;
    uint32_t window;
    uint64_t epoch;
    uint64_t token;
    uint64_t echo;
    struct hostlink_session session;
    struct span offsets; /* channels x (received, limit) */
};

/* Where one channel of ours goes on. */
struct position {
    uint64_t received;
    uint64_t limit;
};

static bool parse(struct span in, struct hello *h)
{
    uint16_t reserved16;
    uint32_t reserved32;

    if (!span_take_le16(&in, &h->version_min) || !span_take_le16(&in, &h->version_max) ||
        !span_take_u8(&in, &h->channels) || !span_take_u8(&in, &h->flags) ||
        !span_take_le16(&in, &reserved16) || !span_take_le32(&in, &h->window) ||
        !span_take_le32(&in, &reserved32) || !span_take_le64(&in, &h->epoch) ||
        !span_take_le64(&in, &h->token) || !span_take_le64(&in, &h->echo) ||
        !span_take_le64(&in, &h->session.own) || !span_take_le64(&in, &h->session.peer)) {
        return false;
    }
    h->offsets = in;
    return h->epoch != 0 && h->token != 0 && h->version_min <= h->version_max;
}

/* The rest of a HELLO of version 1; other versions may have changed it. */
static bool is_well_formed(const struct hello *h)
{
    return h->channels >= 1 && h->channels <= HOSTLINK_HELLO_CHANNELS &&
           h->offsets.len == (size_t)h->channels * HOSTLINK_HELLO_CHANNEL_LEN &&
           h->window >= 1 && h->window <= WINDOW_MAX;
}

void hostlink_hello_begin(struct hostlink *link)
{
    link->state = HOSTLINK_STATE_WAIT_HELLO;
    link->token++;
    if (link->token == 0) {
        link->token++;
    }
    link->peer_token = 0;
    link->hello_session = link->session;
    link->is_hello_due = true;
    link->filler = 0;
    link->skipped = 0;
    for (size_t i = 0; i < CONFIG_HOST_CHANNELS; i++) {
        struct hostlink_channel *ch = &link->channels[i];

        ch->told_recv = ch->recv_offset;
        ch->told_limit = ch->recv_offset + ring_room(&ch->received);
        ch->hello_recv = ch->told_recv;
        ch->hello_limit = ch->told_limit;
    }
}

size_t hostlink_hello_len(void)
{
    return HOSTLINK_OVERHEAD + HOSTLINK_HELLO_FIXED_LEN +
           CONFIG_HOST_CHANNELS * HOSTLINK_HELLO_CHANNEL_LEN;
}

void hostlink_hello_put(const struct hostlink *link, struct sbuf *out)
{
    static const char magic[] = HOSTLINK_MAGIC;
    size_t start = out->len;
    struct hostlink_header header = {
        .len = hostlink_hello_len() - HOSTLINK_OVERHEAD,
        .type = HOSTLINK_TYPE_HELLO,
        .offset = bytes_get_le64((const uint8_t *)magic),
    };

    hostlink_frame_begin(out, &header);
    sbuf_put_le16(out, HOSTLINK_VERSION_MIN);
    sbuf_put_le16(out, HOSTLINK_VERSION_MAX);
    sbuf_put_u8(out, CONFIG_HOST_CHANNELS);
    sbuf_put_u8(out, link->state == HOSTLINK_STATE_READY ? 0 : HOSTLINK_FLAG_WAITING);
    sbuf_put_le16(out, 0);
    sbuf_put_le32(out, CONFIG_HOST_WINDOW);
    sbuf_put_le32(out, 0);
    sbuf_put_le64(out, link->epoch);
    sbuf_put_le64(out, link->token);
    sbuf_put_le64(out, link->peer_token);
    sbuf_put_le64(out, link->hello_session.own);
    sbuf_put_le64(out, link->hello_session.peer);
    for (size_t i = 0; i < CONFIG_HOST_CHANNELS; i++) {
        sbuf_put_le64(out, link->channels[i].hello_recv);
        sbuf_put_le64(out, link->channels[i].hello_limit);
    }
    hostlink_frame_end(out, start);
}

static bool is_same_session(const struct hostlink *link, const struct hello *h)
{
    return link->session.own != 0 && link->session.own == h->session.peer &&
           link->session.peer == h->session.own;
}

/* Takes the peer's positions, or changes nothing if one of them cannot be true. */
static bool resume(struct hostlink *link, const struct hello *h)
{
    struct position at[CONFIG_HOST_CHANNELS];
    struct span in = h->offsets;

    if (h->channels != link->peer_channels) {
        return false;
    }
    for (size_t i = 0; i < CONFIG_HOST_CHANNELS && i < h->channels; i++) {
        const struct hostlink_channel *ch = &link->channels[i];

        if (!span_take_le64(&in, &at[i].received) || !span_take_le64(&in, &at[i].limit) ||
            at[i].received < ch->acked_offset || at[i].received > ch->sent_offset ||
            at[i].limit < at[i].received || at[i].limit < ch->peer_limit ||
            at[i].limit - at[i].received > WINDOW_MAX) {
            return false;
        }
    }
    for (size_t i = 0; i < CONFIG_HOST_CHANNELS && i < h->channels; i++) {
        struct hostlink_channel *ch = &link->channels[i];

        ring_drop(&ch->unacked, (size_t)(at[i].received - ch->acked_offset));
        ch->acked_offset = at[i].received;
        ch->sent_offset = at[i].received;
        ch->peer_limit = at[i].limit;
    }
    return true;
}

void hostlink_hello_forget(struct hostlink *link)
{
    link->session = (struct hostlink_session){0, 0};
    for (size_t i = 0; i < CONFIG_HOST_CHANNELS; i++) {
        struct hostlink_channel *ch = &link->channels[i];

        ring_init(&ch->unacked, ch->unacked_bytes, sizeof(ch->unacked_bytes));
        ring_init(&ch->received, ch->received_bytes, sizeof(ch->received_bytes));
        ch->sent_offset = 0;
        ch->acked_offset = 0;
        ch->recv_offset = 0;
        ch->peer_limit = 0;
        ch->told_recv = 0;
        ch->told_limit = CONFIG_HOST_WINDOW;
    }
}

static void restart(struct hostlink *link, const struct hello *h)
{
    hostlink_hello_forget(link);
    link->session = (struct hostlink_session){link->token, h->token};
    link->peer_channels = h->channels;
    for (size_t i = 0; i < CONFIG_HOST_CHANNELS && i < h->channels; i++) {
        link->channels[i].peer_limit = h->window;
    }
}

/* The peer answers this attempt: judge the session. */
static int complete(struct hostlink *link, const struct hello *h)
{
    bool same = is_same_session(link, h);

    if (!is_well_formed(h)) {
        return ERR_INVALID;
    }
    if (same && !resume(link, h)) {
        /* A bug of the peer; without the session the next attempt starts from zero. */
        hostlink_hello_forget(link);
        hostlink_hello_begin(link);
        return ERR_INVALID;
    }
    if (!same) {
        restart(link, h);
    }
    link->state = HOSTLINK_STATE_READY;
    link->filler = 0;
    link->peer_epoch = h->epoch;
    return same ? HOSTLINK_RESUMED : HOSTLINK_RESTARTED;
}

int hostlink_hello_input(struct hostlink *link, struct span payload)
{
    struct hello h;
    int event;

    if (!parse(payload, &h)) {
        return ERR_INVALID;
    }
    if (link->state == HOSTLINK_STATE_READY) {
        if (h.token == link->peer_token) {
            /* A repetition; the peer may have missed our answer. */
            link->is_hello_due |= (h.flags & HOSTLINK_FLAG_WAITING) != 0;
            return HOSTLINK_NONE;
        }
        hostlink_hello_begin(link);
    }
    link->peer_min = h.version_min;
    link->peer_max = h.version_max;
    link->skipped = 0;
    if (h.token != link->peer_token) {
        link->peer_token = h.token;
        link->is_hello_due = true;
    }
    if (h.echo != link->token) {
        link->is_hello_due = true;
        return HOSTLINK_NONE;
    }
    if (h.version_max < HOSTLINK_VERSION_MIN || h.version_min > HOSTLINK_VERSION_MAX) {
        link->state = HOSTLINK_STATE_WAIT_VERSION;
        return HOSTLINK_MISMATCH;
    }
    event = complete(link, &h);
    if (event > 0 && (h.flags & HOSTLINK_FLAG_WAITING) != 0) {
        link->is_hello_due = true;
    }
    return event;
}
