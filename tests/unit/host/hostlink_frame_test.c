/* SPDX-License-Identifier: ISC */
/*
 * hostlink's bytes as FORMAT.md gives them (the vectors were computed by another
 * program), and what becomes of frames that break the format.
 */
#include "unit.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/panic.h"
#include "host/link_world.h"

static struct world w;
static uint8_t raw[HOSTLINK_FRAME_CAP];
static struct sbuf out;

void panic_at(const char *file, int line, const char *format, ...)
{
    print_error("panic: %s\n", format);
    _fail(file, line);
    abort();
}

static const uint8_t hello_frame[140] = {
    0x78, 0x00, 0x00, 0x00, 0x76, 0x41, 0x4d, 0x54, 0x6c, 0x69, 0x6e, 0x6b, 0xeb, 0xe1,
    0x6d, 0xb8, 0x01, 0x00, 0x01, 0x00, 0x04, 0x01, 0x00, 0x00, 0x00, 0x40, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 0x01, 0x77,
    0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x40, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x40,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x40, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x40, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x1f, 0x81, 0x9d, 0xb8};
static const uint8_t data_frame[] = {0x05, 0x00, 0x01, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00,
                                     0x00, 0x00, 0x00, 0xc7, 0xf2, 0x42, 0x22, 0x68, 0x65,
                                     0x6c, 0x6c, 0x6f, 0x86, 0xa6, 0x10, 0x36};
static const uint8_t ack_frame[] = {
    0x08, 0x00, 0x02, 0x02, 0x05, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x4e, 0x46,
    0x3a, 0x1f, 0x05, 0x40, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x74, 0xa4, 0xc9, 0x69};

static int set_up(void **state)
{
    (void)state;
    world_init(&w, 1);
    world_connect(&w);
    world_settle(&w);
    sbuf_init(&out, raw, sizeof(raw));
    return 0;
}

static struct hostlink *a(void)
{
    return &w.sides[0].link;
}

static struct hostlink *b(void)
{
    return &w.sides[1].link;
}

/* ------------------------------------------------------------------ vectors */

static void hello_has_the_documented_bytes(void **state)
{
    (void)state;
    hostlink_init(a(), 0x1122334455667700u);
    hostlink_connected(a());
    hostlink_output(a(), &out);
    assert_int_equal(out.len, sizeof(hello_frame));
    assert_memory_equal(raw, hello_frame, sizeof(hello_frame));
}

static void data_has_the_documented_bytes(void **state)
{
    (void)state;
    assert_int_equal(hostlink_write(a(), 2, span_str("hello")), 0);
    hostlink_output(a(), &out);
    assert_int_equal(out.len, sizeof(data_frame));
    assert_memory_equal(raw, data_frame, sizeof(data_frame));
}

static void ack_has_the_documented_bytes(void **state)
{
    struct span bytes = span_of(data_frame, sizeof(data_frame));
    unsigned channel = 0;
    char text[8];

    (void)state;
    assert_int_equal(hostlink_input(b(), &bytes, &channel), HOSTLINK_DATA);
    assert_int_equal(channel, 2);
    assert_int_equal(hostlink_read(b(), 2, text, sizeof(text)), 5);
    assert_memory_equal(text, "hello", 5);
    hostlink_output(b(), &out);
    assert_int_equal(out.len, sizeof(ack_frame));
    assert_memory_equal(raw, ack_frame, sizeof(ack_frame));
}

/* ------------------------------------------------------------------ bad frames */

static int feed(struct hostlink *link)
{
    struct span bytes = sbuf_span(&out);
    unsigned channel = 0;
    int event = hostlink_input(link, &bytes, &channel);

    sbuf_reset(&out);
    return event;
}

static int feed_frame(unsigned type, unsigned channel, uint64_t offset,
                      struct span payload)
{
    struct hostlink_header header = {payload.len, type, channel, offset};

    hostlink_frame_begin(&out, &header);
    sbuf_put(&out, payload);
    hostlink_frame_end(&out, 0);
    return feed(b());
}

static int feed_ack(unsigned channel, uint64_t offset, uint64_t limit)
{
    uint8_t payload[HOSTLINK_ACK_LEN];

    bytes_put_le64(payload, limit);
    return feed_frame(HOSTLINK_TYPE_ACK, channel, offset,
                      span_of(payload, sizeof(payload)));
}

/* After the error the very same stream goes on: side 1 says HELLO, nothing was lost. */
static void check_it_heals(void)
{
    assert_false(hostlink_is_ready(b()));
    world_settle(&w);
    assert_true(hostlink_is_ready(b()));
    assert_int_equal(w.sides[1].restarted, 1);
    world_write(&w, 0, 1, 500);
    world_settle(&w);
    world_check_all_read(&w);
}

static void damaged_bit_is_found_wherever_it_is(void **state)
{
    for (size_t bit = 0; bit < 8 * sizeof(data_frame); bit++) {
        (void)set_up(state);
        sbuf_put(&out, span_of(data_frame, sizeof(data_frame)));
        raw[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(feed(b()), ERR_INVALID);
        assert_int_equal(hostlink_unread(b(), 2), 0);
        check_it_heals();
    }
}

static void bad_frames_are_refused(void **state)
{
    static const uint8_t zeroes[HOSTLINK_FRAME_CAP];
    const struct {
        unsigned type;
        unsigned channel;
        uint64_t offset;
        size_t len;
    } bad[] = {
        {HOSTLINK_TYPE_DATA, 0, 0, 0},                         /* empty */
        {HOSTLINK_TYPE_DATA, 0, 1, 5},                         /* a gap */
        {HOSTLINK_TYPE_DATA, 0, UINT64_MAX, 5},                /* before the start */
        {HOSTLINK_TYPE_DATA, CONFIG_HOST_CHANNELS, 0, 5},      /* no such channel */
        {HOSTLINK_TYPE_DATA, 255, 0, 5},                       /* no such channel */
        {HOSTLINK_TYPE_DATA, 0, 0, CONFIG_HOST_FRAME_CAP + 0}, /* good: must differ */
        {HOSTLINK_TYPE_ACK, 0, 1, HOSTLINK_ACK_LEN},           /* never sent */
        {HOSTLINK_TYPE_ACK, 0, 0, HOSTLINK_ACK_LEN},           /* limit taken back to 0 */
        {HOSTLINK_TYPE_ACK, 0, 0, HOSTLINK_ACK_LEN - 1},       /* wrong length */
        {HOSTLINK_TYPE_HELLO, 0, 0, HOSTLINK_HELLO_FIXED_LEN}, /* no magic */
        {3, 0, 0, 8},                                          /* no such type */
    };

    for (size_t i = 0; i < UTIL_COUNT(bad); i++) {
        int event;

        (void)set_up(state);
        event = feed_frame(bad[i].type, bad[i].channel, bad[i].offset,
                           span_of(zeroes, bad[i].len));
        if (bad[i].len == CONFIG_HOST_FRAME_CAP) {
            assert_int_equal(event, HOSTLINK_DATA);
        } else {
            assert_int_equal(event, ERR_INVALID);
            check_it_heals();
        }
    }
}

static void frame_longer_than_the_cap_is_refused_at_its_header(void **state)
{
    struct hostlink_header header = {CONFIG_HOST_FRAME_CAP + 1, HOSTLINK_TYPE_DATA, 0, 0};

    (void)state;
    hostlink_frame_begin(&out, &header);
    assert_int_equal(feed(b()), ERR_INVALID);
    check_it_heals();
}

static void ack_moves_only_forward_and_not_past_what_was_sent(void **state)
{
    (void)state;
    world_write(&w, 1, 0, 100);
    world_send(&w, 1, WORLD_PIPE_CAP);
    assert_int_equal(feed_ack(0, 60, CONFIG_HOST_WINDOW + 10), HOSTLINK_NONE);
    assert_int_equal(hostlink_unacked(b(), 0), 40);
    assert_int_equal(feed_ack(0, 60, CONFIG_HOST_WINDOW + 10), HOSTLINK_NONE);
    assert_int_equal(feed_ack(0, 59, CONFIG_HOST_WINDOW + 10), ERR_INVALID);
}

static void peer_that_overruns_its_credit_is_refused(void **state)
{
    static const uint8_t zeroes[CONFIG_HOST_FRAME_CAP];
    uint64_t at = 0;

    (void)state;
    for (; at < CONFIG_HOST_WINDOW; at += sizeof(zeroes)) {
        assert_int_equal(
            feed_frame(HOSTLINK_TYPE_DATA, 3, at, span_of(zeroes, sizeof(zeroes))),
            HOSTLINK_DATA);
    }
    assert_int_equal(feed_frame(HOSTLINK_TYPE_DATA, 3, at, span_of(zeroes, 1)),
                     ERR_INVALID);
    assert_int_equal(hostlink_unread(b(), 3), CONFIG_HOST_WINDOW);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(hello_has_the_documented_bytes),
        TEST(data_has_the_documented_bytes),
        TEST(ack_has_the_documented_bytes),
        TEST(damaged_bit_is_found_wherever_it_is),
        TEST(bad_frames_are_refused),
        TEST(frame_longer_than_the_cap_is_refused_at_its_header),
        TEST(ack_moves_only_forward_and_not_past_what_was_sent),
        TEST(peer_that_overruns_its_credit_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
