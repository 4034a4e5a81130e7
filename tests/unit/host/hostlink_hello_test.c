/* SPDX-License-Identifier: ISC */
/* The handshake: versions, malformed and forged HELLOs, impossible positions, silence. */
#include "unit.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/panic.h"
#include "host/link_world.h"

/* Offsets in the payload of HELLO (FORMAT.md). */
enum {
    AT_MIN = 0,
    AT_MAX = 2,
    AT_CHANNELS = 4,
    AT_WINDOW = 8,
    AT_EPOCH = 16,
    AT_TOKEN = 24,
    AT_ECHO = 32,
    AT_RECEIVED = 56,
    AT_LIMIT = 64
};

static struct world w;
static uint8_t raw[HOSTLINK_OUTPUT_MIN];
static struct sbuf out;

void panic_at(const char *file, int line, const char *format, ...)
{
    print_error("panic: %s\n", format);
    _fail(file, line);
    abort();
}

static struct hostlink *a(void)
{
    return &w.sides[0].link;
}

static struct hostlink *b(void)
{
    return &w.sides[1].link;
}

static int set_up(void **state)
{
    (void)state;
    world_init(&w, 1);
    sbuf_init(&out, raw, sizeof(raw));
    return 0;
}

static uint8_t *field(unsigned at)
{
    return raw + HOSTLINK_HEADER_LEN + at;
}

/* Takes side 0's HELLO that answers side 1's present attempt; side 1 has not seen it. */
static void take_answer(void)
{
    hostlink_connected(a());
    hostlink_connected(b());
    world_send(&w, 1, WORLD_PIPE_CAP);
    world_deliver(&w, 0, WORLD_PIPE_CAP);
    sbuf_reset(&out);
    hostlink_output(a(), &out);
    assert_int_equal(out.len, hostlink_hello_len());
    assert_true(bytes_get_le64(field(AT_ECHO)) == b()->token);
}

/* Gives the changed HELLO to side 1. */
static int give(void)
{
    struct span bytes;
    unsigned channel = 0;

    out.len -= HOSTLINK_CRC_LEN;
    hostlink_frame_end(&out, 0);
    bytes = sbuf_span(&out);
    return hostlink_input(b(), &bytes, &channel);
}

static void unchanged_answer_is_good(void **state)
{
    (void)state;
    take_answer();
    assert_int_equal(give(), HOSTLINK_RESTARTED);
    assert_true(hostlink_is_ready(b()));
    assert_true(hostlink_peer_epoch(b()) == a()->epoch);
}

static void other_versions_are_told_and_the_link_rests(void **state)
{
    unsigned min = 0;
    unsigned max = 0;

    (void)state;
    take_answer();
    bytes_put_le16(field(AT_MIN), HOSTLINK_VERSION_MAX + 1);
    bytes_put_le16(field(AT_MAX), HOSTLINK_VERSION_MAX + 5);
    assert_int_equal(give(), HOSTLINK_MISMATCH);
    hostlink_peer_versions(b(), &min, &max);
    assert_int_equal(min, HOSTLINK_VERSION_MAX + 1);
    assert_int_equal(max, HOSTLINK_VERSION_MAX + 5);
    assert_false(hostlink_is_ready(b()));

    /* It answers once, so that the peer knows too, and then is quiet. */
    sbuf_reset(&out);
    hostlink_output(b(), &out);
    assert_int_equal(out.len, hostlink_hello_len());
    hostlink_hello_again(b());
    sbuf_reset(&out);
    hostlink_output(b(), &out);
    assert_int_equal(out.len, 0);

    /* A peer of our version that connects to the same open stream is welcome. */
    hostlink_connected(a());
    world_settle(&w);
    assert_true(hostlink_is_ready(b()));
}

static void wider_range_of_versions_is_fine(void **state)
{
    (void)state;
    take_answer();
    bytes_put_le16(field(AT_MAX), HOSTLINK_VERSION_MAX + 5);
    assert_int_equal(give(), HOSTLINK_RESTARTED);
}

static void malformed_hello_is_passed_over(void **state)
{
    const struct {
        unsigned at;
        unsigned len;
        uint64_t value;
    } bad[] = {
        {AT_MIN, 2, 9},        {AT_CHANNELS, 1, 0}, {AT_CHANNELS, 1, 5},
        {AT_CHANNELS, 1, 255}, {AT_WINDOW, 4, 0},   {AT_WINDOW, 4, 1u << 31},
        {AT_EPOCH, 8, 0},      {AT_TOKEN, 8, 0},
    };

    for (size_t i = 0; i < UTIL_COUNT(bad); i++) {
        uint8_t value[8];

        (void)set_up(state);
        take_answer();
        bytes_put_le64(value, bad[i].value);
        memcpy(field(bad[i].at), value, bad[i].len);
        assert_int_equal(give(), HOSTLINK_NONE);
        assert_false(hostlink_is_ready(b()));
        world_settle(&w); /* the real one comes in the end */
        assert_true(hostlink_is_ready(b()));
    }
}

static void impossible_positions_lead_to_a_restart(void **state)
{
    static const struct {
        unsigned at;
        uint64_t value;
    } bad[] = {
        {AT_RECEIVED, 0},       /* it acknowledged more before */
        {AT_RECEIVED, 101},     /* more than was sent */
        {AT_LIMIT, 50},         /* limit before what was received */
        {AT_LIMIT, UINT64_MAX}, /* a window beyond reason */
        {AT_LIMIT, 100},        /* credit taken back */
    };

    for (size_t i = 0; i < UTIL_COUNT(bad); i++) {
        (void)set_up(state);
        world_connect(&w);
        world_settle(&w);
        world_write(&w, 1, 0, 100);
        world_settle(&w);
        world_break(&w, WORLD_CUT_LOSE_ALL);
        take_answer();
        bytes_put_le64(field(bad[i].at), bad[i].value);
        assert_int_equal(give(), HOSTLINK_NONE);
        assert_false(hostlink_is_ready(b()));
        world_settle(&w);
        assert_int_equal(w.sides[0].restarted, 2);
        assert_int_equal(w.sides[1].restarted, 2);
    }
}

/* Bytes of a console may look like HELLO; in the tail of an old frame they can be found.
 */
static void forged_hello_cannot_found_a_session(void **state)
{
    (void)state;
    take_answer();
    bytes_put_le64(field(AT_ECHO), b()->token + 1);
    bytes_put_le64(field(AT_EPOCH), 4711);
    bytes_put_le64(field(AT_TOKEN), 4712);
    assert_int_equal(give(), HOSTLINK_NONE);
    assert_false(hostlink_is_ready(b()));
    world_settle(&w);
    assert_true(hostlink_is_ready(b()));
    assert_true(hostlink_peer_epoch(b()) == a()->epoch);
}

/* In a ready link such bytes are payload and nothing else. */
static void hello_inside_a_stream_is_data(void **state)
{
    uint8_t copy[HOSTLINK_OUTPUT_MIN];
    unsigned resumed;

    (void)state;
    take_answer();
    world_connect(&w);
    world_settle(&w);
    resumed = w.sides[1].resumed + w.sides[1].restarted;
    assert_int_equal(hostlink_write(a(), 1, sbuf_span(&out)), 0);
    world_send(&w, 0, WORLD_PIPE_CAP);
    world_deliver(&w, 1, WORLD_PIPE_CAP);
    assert_int_equal(hostlink_read(b(), 1, copy, sizeof(copy)), out.len);
    assert_memory_equal(copy, raw, out.len);
    assert_int_equal(w.sides[1].resumed + w.sides[1].restarted, resumed);
}

static void endless_noise_is_an_error_now_and_then(void **state)
{
    static uint8_t noise[4096];
    unsigned errors = 0;
    unsigned channel = 0;

    (void)state;
    hostlink_connected(b());
    for (unsigned i = 0; i < 3 * CONFIG_HOST_SKIP_CAP / sizeof(noise) + 1; i++) {
        struct span bytes = span_of(noise, sizeof(noise));
        int event;

        for (size_t k = 0; k < sizeof(noise); k++) {
            noise[k] = (uint8_t)world_random(&w, 256);
        }
        while ((event = hostlink_input(b(), &bytes, &channel)) != HOSTLINK_NONE) {
            assert_int_equal(event, ERR_INVALID);
            errors++;
        }
    }
    assert_in_range(errors, 2, 3);
    hostlink_connected(a());
    world_settle(&w);
    assert_true(hostlink_is_ready(b()));
}

static void two_ready_sides_do_not_chatter(void **state)
{
    uint64_t before;

    (void)state;
    for (unsigned i = 0; i < 20; i++) {
        world_connect(&w);
        world_settle(&w);
        before = w.carried;
        world_settle(&w);
        assert_true(w.carried == before);
    }
    assert_true(before <= 20 * 8 * hostlink_hello_len());
}

/* Side 1 is left with the head of a frame of `len` bytes that never comes. */
static void leave_half_a_frame(size_t len)
{
    struct hostlink_header header = {len, HOSTLINK_TYPE_DATA, 1, 0};
    struct span bytes;
    unsigned channel = 0;

    world_connect(&w);
    world_settle(&w);
    sbuf_reset(&out);
    hostlink_frame_begin(&out, &header);
    bytes = sbuf_span(&out);
    assert_int_equal(hostlink_input(b(), &bytes, &channel), HOSTLINK_NONE);
    assert_true(hostlink_is_ready(b()));
}

static void exchange(unsigned rounds)
{
    for (unsigned i = 0; i < 2 * rounds; i++) {
        world_send(&w, i % 2, WORLD_PIPE_CAP);
        world_deliver(&w, 1 - i % 2, WORLD_PIPE_CAP);
    }
}

/* The stream was replaced and side 1 was not told: the HELLO is taken for payload. */
static void hello_swallowed_by_a_half_frame_is_found_again(void **state)
{
    static const uint8_t more[300];
    struct span bytes = span_of(more, sizeof(more));
    unsigned channel = 0;

    (void)state;
    leave_half_a_frame(400);
    hostlink_connected(a());
    world_send(&w, 0, WORLD_PIPE_CAP);
    world_deliver(&w, 1, WORLD_PIPE_CAP);
    assert_true(hostlink_is_ready(b()));
    assert_int_equal(hostlink_input(b(), &bytes, &channel), ERR_INVALID);
    assert_int_equal(hostlink_input(b(), &bytes, &channel), HOSTLINK_NONE);
    assert_true(b()->peer_token == a()->token);
    exchange(2);
    assert_true(hostlink_is_ready(a()) && hostlink_is_ready(b()));
}

static void one_repeated_hello_frees_a_peer_in_the_longest_frame(void **state)
{
    (void)state;
    leave_half_a_frame(CONFIG_HOST_FRAME_CAP);
    hostlink_connected(a());
    exchange(3);
    assert_true(hostlink_is_ready(b()));
    assert_false(hostlink_is_ready(a()));
    hostlink_hello_again(a());
    exchange(4);
    assert_true(hostlink_is_ready(a()) && hostlink_is_ready(b()));
    assert_int_equal(w.sides[1].resumed, 1);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(unchanged_answer_is_good),
        TEST(other_versions_are_told_and_the_link_rests),
        TEST(wider_range_of_versions_is_fine),
        TEST(malformed_hello_is_passed_over),
        TEST(impossible_positions_lead_to_a_restart),
        TEST(forged_hello_cannot_found_a_session),
        TEST(hello_inside_a_stream_is_data),
        TEST(endless_noise_is_an_error_now_and_then),
        TEST(two_ready_sides_do_not_chatter),
        TEST(hello_swallowed_by_a_half_frame_is_found_again),
        TEST(one_repeated_hello_frees_a_peer_in_the_longest_frame),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
