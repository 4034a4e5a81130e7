/* SPDX-License-Identifier: ISC */
/* Two hostlinks and the pipes between them. */
#include "unit.h"

#include "host/link_world.h"

void world_check_at(struct world *w, bool good, const char *what, const char *file,
                    int line)
{
    if (!good) {
        print_error("seed %llu, %llu bytes carried: %s\n", (unsigned long long)w->seed,
                    (unsigned long long)w->carried, what);
        _assert_true(0, what, file, line);
    }
}

static uint64_t mix(uint64_t x)
{
    x ^= x >> 30;
    x *= 0xbf58476d1ce4e5b9u;
    x ^= x >> 27;
    x *= 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

size_t world_random(struct world *w, size_t below)
{
    w->random += 0x9e3779b97f4a7c15u;
    return (size_t)(mix(w->random) % below);
}

static uint64_t new_epoch(struct world *w)
{
    return mix(w->seed * 1000 + ++w->epochs) | 1;
}

void world_init(struct world *w, uint64_t seed)
{
    memset(w, 0, sizeof(*w));
    w->seed = seed;
    w->random = mix(seed + 1);
    for (unsigned i = 0; i < WORLD_SIDES; i++) {
        hostlink_init(&w->sides[i].link, new_epoch(w));
    }
}

void world_connect(struct world *w)
{
    hostlink_connected(&w->sides[0].link);
    hostlink_connected(&w->sides[1].link);
}

void world_break(struct world *w, enum world_cut cut)
{
    for (unsigned i = 0; i < WORLD_SIDES; i++) {
        struct world_side *s = &w->sides[i];

        hostlink_disconnected(&s->link);
        if (cut == WORLD_CUT_LOSE_ALL) {
            s->pipe_len = 0;
        } else if (cut == WORLD_CUT_LOSE_TAIL && s->pipe_len > 0) {
            s->pipe_len = world_random(w, s->pipe_len);
        }
    }
}

void world_restart_side(struct world *w, unsigned side)
{
    struct world_side *s = &w->sides[side];

    hostlink_disconnected(&w->sides[1 - side].link);
    hostlink_init(&s->link, new_epoch(w));
    memset(s->written, 0, sizeof(s->written));
    memset(s->read, 0, sizeof(s->read));
}

void world_send(struct world *w, unsigned side, size_t cap)
{
    struct world_side *to = &w->sides[1 - side];
    struct sbuf out;

    sbuf_init(&out, to->pipe + to->pipe_len,
              util_min(cap, sizeof(to->pipe) - to->pipe_len));
    hostlink_output(&w->sides[side].link, &out);
    world_check(w, !out.overflow);
    to->pipe_len += out.len;
}

static void note_event(struct world *w, struct world_side *s, int event, unsigned channel)
{
    switch (event) {
    case HOSTLINK_RESUMED:
        s->resumed++;
        break;
    case HOSTLINK_RESTARTED:
        s->restarted++;
        memset(s->written, 0, sizeof(s->written));
        memset(s->read, 0, sizeof(s->read));
        for (unsigned i = 0; i < CONFIG_HOST_CHANNELS; i++) {
            world_check(w, hostlink_unread(&s->link, i) == 0);
            world_check(w, hostlink_unacked(&s->link, i) == 0);
        }
        break;
    case HOSTLINK_MISMATCH:
        s->mismatched++;
        break;
    case HOSTLINK_DATA:
        world_check(w, channel < CONFIG_HOST_CHANNELS);
        world_check(w, hostlink_unread(&s->link, channel) > 0);
        break;
    default:
        world_check(w, event < 0);
        s->errors++;
        break;
    }
}

size_t world_deliver(struct world *w, unsigned side, size_t max)
{
    struct world_side *s = &w->sides[side];
    size_t len = util_min(max, s->pipe_len);
    struct span bytes = span_of(s->pipe, len);
    unsigned channel = CONFIG_HOST_CHANNELS;
    int event;

    while ((event = hostlink_input(&s->link, &bytes, &channel)) != HOSTLINK_NONE) {
        note_event(w, s, event, channel);
        world_check_invariants(w);
    }
    world_check(w, bytes.len == 0);
    s->pipe_len -= len;
    memmove(s->pipe, s->pipe + len, s->pipe_len);
    w->carried += len;
    world_check_invariants(w);
    return len;
}

static uint8_t stream_byte(uint64_t writer, uint64_t reader, unsigned channel,
                           uint64_t at)
{
    return (uint8_t)mix(mix(writer) + reader + channel * 0x10001u +
                        at * 0x9e3779b97f4a7c15u);
}

void world_write(struct world *w, unsigned side, unsigned channel, size_t len)
{
    struct world_side *s = &w->sides[side];
    uint8_t bytes[CONFIG_HOST_WINDOW];

    len = util_min(len, hostlink_room(&s->link, channel));
    for (size_t i = 0; i < len; i++) {
        bytes[i] = stream_byte(s->link.session.own, s->link.session.peer, channel,
                               s->written[channel] + i);
    }
    world_check(w, hostlink_write(&s->link, channel, span_of(bytes, len)) == 0);
    s->written[channel] += len;
}

void world_read(struct world *w, unsigned side, unsigned channel, size_t max)
{
    struct world_side *s = &w->sides[side];
    uint8_t bytes[CONFIG_HOST_WINDOW];
    size_t len = hostlink_read(&s->link, channel, bytes, util_min(max, sizeof(bytes)));

    for (size_t i = 0; i < len; i++) {
        world_check(w, bytes[i] == stream_byte(s->link.session.peer, s->link.session.own,
                                               channel, s->read[channel] + i));
    }
    s->read[channel] += len;
}

void world_settle(struct world *w)
{
    unsigned idle = 0;

    for (unsigned round = 0; idle < 3; round++) {
        uint64_t before = w->carried;

        world_check(w, round < 2000);
        for (unsigned i = 0; i < WORLD_SIDES; i++) {
            world_send(w, i, WORLD_PIPE_CAP);
            world_deliver(w, 1 - i, WORLD_PIPE_CAP);
            for (unsigned c = 0; c < CONFIG_HOST_CHANNELS; c++) {
                world_read(w, i, c, CONFIG_HOST_WINDOW);
            }
        }
        if (w->carried != before) {
            idle = 0;
        } else if (hostlink_is_ready(&w->sides[0].link) &&
                   hostlink_is_ready(&w->sides[1].link)) {
            idle++;
        } else { /* what the callers' timers do */
            hostlink_hello_again(&w->sides[0].link);
            hostlink_hello_again(&w->sides[1].link);
        }
    }
}

void world_check_all_read(struct world *w)
{
    for (unsigned c = 0; c < CONFIG_HOST_CHANNELS; c++) {
        for (unsigned i = 0; i < WORLD_SIDES; i++) {
            world_check(w, w->sides[i].written[c] == w->sides[1 - i].read[c]);
            world_check(w, hostlink_unacked(&w->sides[i].link, c) == 0);
        }
    }
}

static bool is_same_session(const struct hostlink *a, const struct hostlink *b)
{
    return hostlink_is_ready(a) && hostlink_is_ready(b) && a->session.own != 0 &&
           a->session.own == b->session.peer && a->session.peer == b->session.own;
}

void world_check_invariants(struct world *w)
{
    for (unsigned i = 0; i < WORLD_SIDES; i++) {
        const struct hostlink *a = &w->sides[i].link;
        const struct hostlink *b = &w->sides[1 - i].link;

        for (unsigned c = 0; c < CONFIG_HOST_CHANNELS; c++) {
            const struct hostlink_channel *tx = &a->channels[c];
            const struct hostlink_channel *rx = &b->channels[c];

            world_check(w, tx->acked_offset <= tx->sent_offset);
            world_check(w, tx->sent_offset - tx->acked_offset <= tx->unacked.len);
            if (hostlink_is_ready(a)) {
                world_check(w, tx->sent_offset <= tx->peer_limit);
            }
            if (is_same_session(a, b)) {
                world_check(w, tx->peer_limit <= rx->told_limit);
                world_check(w, tx->acked_offset <= rx->recv_offset);
                world_check(w, rx->recv_offset <= tx->acked_offset + tx->unacked.len);
            }
        }
    }
}
