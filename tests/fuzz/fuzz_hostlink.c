/* SPDX-License-Identifier: ISC */
/*
 * Fuzz target: a peer of hostlink. The first byte chooses: even, the rest is the raw
 * stream; odd, the rest is a script of well-formed frames with chosen fields (no fuzzer
 * guesses a CRC) mixed with what the user of the link does. Offsets, windows and credits
 * must hold after every step.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/panic.h"
#include "host/hostlink_priv.h"

enum { STEPS = 64, FRAME_MAX = CONFIG_HOST_FRAME_CAP + 8 };

static struct hostlink fuzzed;
static uint8_t scratch[UINT16_MAX + 1];

void panic_at(const char *file, int line, const char *format, ...)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, format);
    abort();
}

static void check(bool good)
{
    if (!good) {
        abort();
    }
}

static void check_invariants(void)
{
    for (unsigned i = 0; i < CONFIG_HOST_CHANNELS; i++) {
        const struct hostlink_channel *ch = &fuzzed.channels[i];

        check(ch->acked_offset <= ch->sent_offset);
        check(ch->sent_offset - ch->acked_offset <= ch->unacked.len);
        check(ch->told_recv <= ch->recv_offset);
        check(ch->recv_offset <= ch->told_limit);
        check(ch->told_limit <= ch->recv_offset + ring_room(&ch->received));
        check(hostlink_unread(&fuzzed, i) <= CONFIG_HOST_WINDOW);
        check(hostlink_room(&fuzzed, i) + hostlink_unacked(&fuzzed, i) ==
              CONFIG_HOST_WINDOW);
        if (hostlink_is_ready(&fuzzed)) {
            check(ch->sent_offset <= ch->peer_limit);
        }
    }
}

static void feed(struct span bytes)
{
    unsigned channel = CONFIG_HOST_CHANNELS;
    size_t steps = 2 * bytes.len + 10;
    int event;

    while ((event = hostlink_input(&fuzzed, &bytes, &channel)) != HOSTLINK_NONE) {
        check(steps-- > 0);
        if (event == HOSTLINK_DATA) {
            check(channel < CONFIG_HOST_CHANNELS &&
                  hostlink_unread(&fuzzed, channel) > 0);
        }
        check_invariants();
    }
    check(bytes.len == 0);
    check_invariants();
}

static void take_output(size_t cap)
{
    struct sbuf out;

    sbuf_init(&out, scratch, util_min(cap, sizeof(scratch)));
    hostlink_output(&fuzzed, &out);
    check(!out.overflow);
    check_invariants();
}

/* The HELLO of a peer that follows all the rules, before fields are overwritten. */
static void feed_hello(struct span *script)
{
    static struct hostlink peer;
    struct sbuf out;
    uint8_t at = 255;
    uint64_t value = 0;

    hostlink_init(&peer, 99);
    hostlink_connected(&peer);
    peer.peer_token = fuzzed.token;
    peer.session = (struct hostlink_session){fuzzed.session.peer, fuzzed.session.own};
    peer.hello_session = peer.session;
    for (unsigned i = 0; i < CONFIG_HOST_CHANNELS; i++) {
        peer.channels[i].hello_recv = fuzzed.channels[i].sent_offset;
        peer.channels[i].hello_limit = fuzzed.channels[i].peer_limit + i;
    }
    sbuf_init(&out, scratch, sizeof(scratch));
    hostlink_hello_put(&peer, &out);
    if (span_take_u8(script, &at) && at < out.len - HOSTLINK_OVERHEAD - sizeof(value) &&
        span_take_le64(script, &value)) {
        bytes_put_le64(scratch + HOSTLINK_HEADER_LEN + at, value);
    }
    out.len -= HOSTLINK_CRC_LEN;
    hostlink_frame_end(&out, 0);
    feed(sbuf_span(&out));
}

static void feed_frame(unsigned type, unsigned channel, uint64_t offset,
                       struct span payload)
{
    static uint8_t frame[HOSTLINK_OVERHEAD + UINT16_MAX];
    struct hostlink_header header = {payload.len, type, channel, offset};
    struct sbuf out;

    sbuf_init(&out, frame, sizeof(frame));
    hostlink_frame_begin(&out, &header);
    sbuf_put(&out, payload);
    hostlink_frame_end(&out, 0);
    feed(sbuf_span(&out));
}

static void user_step(uint8_t op, unsigned channel, uint16_t n)
{
    switch (op) {
    case 4:
        if (hostlink_write(&fuzzed, channel, span_of(scratch, n % CONFIG_HOST_WINDOW)) <
            0) {
            check(channel >= CONFIG_HOST_CHANNELS ||
                  hostlink_room(&fuzzed, channel) < n % CONFIG_HOST_WINDOW);
        }
        break;
    case 5:
        (void)hostlink_read(&fuzzed, channel, scratch, n);
        break;
    case 6:
        take_output(n);
        break;
    case 7:
        hostlink_connected(&fuzzed);
        break;
    case 8:
        hostlink_disconnected(&fuzzed);
        break;
    case 9:
        hostlink_hello_again(&fuzzed);
        break;
    default:
        hostlink_restart(&fuzzed);
        break;
    }
    check_invariants();
}

static void run_script(struct span script)
{
    uint8_t op = 0;
    uint8_t channel = 0;
    uint16_t n = 0;

    for (unsigned i = 0; i < STEPS && span_take_u8(&script, &op) &&
                         span_take_u8(&script, &channel) && span_take_le16(&script, &n);
         i++) {
        const struct hostlink_channel *ch =
            &fuzzed.channels[channel % CONFIG_HOST_CHANNELS];
        uint8_t limit[HOSTLINK_ACK_LEN];

        switch (op % 12) {
        case 0:
            feed_hello(&script);
            break;
        case 1:
            feed_frame(HOSTLINK_TYPE_DATA, channel, ch->recv_offset,
                       span_of(scratch, n % FRAME_MAX));
            break;
        case 2:
            bytes_put_le64(limit, ch->peer_limit + (n >> 8));
            feed_frame(HOSTLINK_TYPE_ACK, channel, ch->acked_offset + (n & 0xff),
                       span_of(limit, sizeof(limit)));
            break;
        case 3:
            feed(span_slice(script, 0, n));
            script = span_slice(script, n, script.len);
            break;
        case 11:
            feed_frame(op / 12, channel, n, span_of(scratch, n % FRAME_MAX));
            break;
        default:
            user_step(op % 12, channel, n);
            break;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len == 0) {
        return 0;
    }
    memset(scratch, 0x76, sizeof(scratch));
    hostlink_init(&fuzzed, 4711);
    hostlink_connected(&fuzzed);
    if (data[0] % 2 == 1) {
        run_script(span_of(data + 1, len - 1));
    } else {
        feed(span_of(data + 1, len - 1));
    }
    take_output(sizeof(scratch));
    return 0;
}
