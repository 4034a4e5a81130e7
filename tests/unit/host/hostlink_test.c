/* SPDX-License-Identifier: ISC */
/* hostlink: streams stay exact over breaks, restarts, damage and stale bytes. */
#include "unit.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/panic.h"
#include "host/link_world.h"

static struct world w;

void panic_at(const char *file, int line, const char *format, ...)
{
    print_error("seed %llu: panic: %s\n", (unsigned long long)w.seed, format);
    _fail(file, line);
    abort();
}

static void start(uint64_t seed)
{
    world_init(&w, seed);
    world_connect(&w);
    world_settle(&w);
    assert_int_equal(w.sides[0].restarted, 1);
    assert_int_equal(w.sides[1].restarted, 1);
    w.carried = 0;
}

/* ------------------------------------------------------------------ basics */

static void first_hello_restarts_both_and_streams_flow(void **state)
{
    (void)state;
    start(1);
    world_check_all_read(&w);
    for (unsigned c = 0; c < CONFIG_HOST_CHANNELS; c++) {
        world_write(&w, 0, c, 1000 + c);
        world_write(&w, 1, c, 5000 + c);
    }
    world_settle(&w);
    world_check_all_read(&w);
    assert_int_equal(w.sides[1].read[3], 1003);
    assert_int_equal(w.sides[0].read[2], 5002);
    assert_int_equal(w.sides[0].errors + w.sides[1].errors, 0);
    assert_true(hostlink_peer_epoch(&w.sides[0].link) == w.sides[1].link.epoch);
}

static void nothing_is_sent_when_idle(void **state)
{
    uint8_t bytes[HOSTLINK_OUTPUT_MIN];
    struct sbuf out;

    (void)state;
    start(2);
    for (unsigned i = 0; i < 100; i++) {
        sbuf_init(&out, bytes, sizeof(bytes));
        hostlink_output(&w.sides[i % 2].link, &out);
        assert_int_equal(out.len, 0);
    }
}

static void bytes_written_before_a_break_arrive_after_it(void **state)
{
    (void)state;
    start(3);
    world_write(&w, 0, 1, 700);
    world_break(&w, WORLD_CUT_LOSE_ALL);
    world_write(&w, 0, 1, 300);
    world_connect(&w);
    world_settle(&w);
    world_check_all_read(&w);
    assert_int_equal(w.sides[1].read[1], 1000);
    assert_int_equal(w.sides[0].resumed, 1);
    assert_int_equal(w.sides[1].resumed, 1);
    assert_int_equal(w.sides[1].restarted, 1);
}

static void window_full_is_an_error_and_frees_up(void **state)
{
    static const uint8_t zeroes[CONFIG_HOST_WINDOW + 1];
    struct hostlink *a = &w.sides[0].link;

    (void)state;
    start(4);
    assert_int_equal(hostlink_write(a, 1, span_of(zeroes, sizeof(zeroes))), ERR_FULL);
    assert_int_equal(hostlink_unacked(a, 1), 0);
    world_write(&w, 0, 1, CONFIG_HOST_WINDOW);
    assert_int_equal(hostlink_room(a, 1), 0);
    assert_int_equal(hostlink_write(a, 1, span_of(zeroes, 1)), ERR_FULL);
    assert_int_equal(hostlink_write(a, CONFIG_HOST_CHANNELS, span_of(zeroes, 1)),
                     ERR_INVALID);

    /* The reader does not read: all of one window goes over, and not a byte more. */
    for (unsigned i = 0; i < 20; i++) {
        world_send(&w, 0, WORLD_PIPE_CAP);
        world_deliver(&w, 1, WORLD_PIPE_CAP);
        world_send(&w, 1, WORLD_PIPE_CAP);
        world_deliver(&w, 0, WORLD_PIPE_CAP);
        world_write(&w, 0, 1, 100);
    }
    assert_int_equal(hostlink_unread(&w.sides[1].link, 1), CONFIG_HOST_WINDOW);
    assert_int_equal(hostlink_unacked(a, 1), 20 * 100);
    /* Another channel is not held up by that. */
    world_write(&w, 0, 2, 5000);
    world_send(&w, 0, WORLD_PIPE_CAP);
    world_deliver(&w, 1, WORLD_PIPE_CAP);
    assert_int_equal(hostlink_unread(&w.sides[1].link, 2), 5000);
    world_settle(&w);
    world_check_all_read(&w);
    assert_int_equal(w.sides[1].errors, 0);
}

static void channels_share_the_stream_fairly(void **state)
{
    (void)state;
    start(5);
    for (unsigned c = 0; c < CONFIG_HOST_CHANNELS; c++) {
        world_write(&w, 0, c, CONFIG_HOST_WINDOW);
    }
    for (unsigned i = 0; i < 2 * CONFIG_HOST_CHANNELS; i++) {
        world_send(&w, 0, HOSTLINK_FRAME_CAP);
    }
    for (unsigned c = 0; c < CONFIG_HOST_CHANNELS; c++) {
        assert_int_equal(w.sides[0].link.channels[c].sent_offset,
                         2 * CONFIG_HOST_FRAME_CAP);
    }
    world_settle(&w);
    world_check_all_read(&w);
}

static void smallest_output_buffer_makes_progress(void **state)
{
    (void)state;
    start(6);
    world_break(&w, WORLD_CUT_LOSE_ALL);
    world_write(&w, 0, 0, CONFIG_HOST_WINDOW);
    world_connect(&w);
    for (unsigned i = 0; i < 200; i++) {
        for (unsigned side = 0; side < 2; side++) {
            world_send(&w, side, HOSTLINK_OUTPUT_MIN);
            world_deliver(&w, 1 - side, WORLD_PIPE_CAP);
            world_read(&w, side, 0, WORLD_PIPE_CAP);
        }
    }
    world_check_all_read(&w);
}

/* ------------------------------------------------------------------ every position */

/* A small exchange, step by step, until `limit` bytes were carried. True: it is through.
 */
static bool exchange(uint64_t limit)
{
    for (unsigned step = 0; step < 14; step++) {
        if (step < 8) {
            world_write(&w, 0, 0, 90);
            world_write(&w, 1, 0, 40);
            world_write(&w, 1, 1, 33);
        }
        for (unsigned side = 0; side < 2; side++) {
            world_send(&w, side, WORLD_PIPE_CAP);
            world_deliver(&w, 1 - side, util_min(limit - w.carried, WORLD_PIPE_CAP));
            if (w.carried == limit) {
                return false;
            }
            world_read(&w, 1 - side, 0, 64);
            world_read(&w, 1 - side, 1, 1000);
        }
    }
    return true;
}

static void go_on_and_check(void)
{
    world_connect(&w);
    world_settle(&w);
    world_check_all_read(&w);
    world_write(&w, 0, 0, 77);
    world_write(&w, 1, 1, 99);
    world_settle(&w);
    world_check_all_read(&w);
}

static void break_at_every_byte(void **state)
{
    bool done = false;

    (void)state;
    for (uint64_t limit = 1; !done; limit++) {
        for (int cut = WORLD_CUT_LOSE_ALL; cut <= WORLD_CUT_KEEP_OLD; cut++) {
            start(limit);
            done = exchange(limit);
            world_break(&w, cut);
            go_on_and_check();
            world_check(&w, w.sides[0].resumed == 1 && w.sides[1].resumed == 1);
            world_check(&w, w.sides[0].restarted == 1 && w.sides[1].restarted == 1);
        }
    }
}

static void break_at_every_byte_of_the_handshakes(void **state)
{
    (void)state;
    for (uint64_t first = 0; first < 500; first += 3) {
        for (uint64_t second = 0; second < 500; second += 17) {
            world_init(&w, first * 1000 + second);
            world_connect(&w);
            exchange(first + 1);
            world_break(&w, (enum world_cut)(first % 3));
            world_connect(&w);
            exchange(w.carried + second + 1);
            world_break(&w, (enum world_cut)(second % 3));
            go_on_and_check();
        }
    }
}

static void restart_at_every_byte(void **state)
{
    bool done = false;

    (void)state;
    for (uint64_t limit = 1; !done; limit++) {
        for (unsigned side = 0; side < 2; side++) {
            for (int cut = WORLD_CUT_LOSE_ALL; cut <= WORLD_CUT_KEEP_OLD; cut++) {
                start(limit);
                done = exchange(limit);
                world_restart_side(&w, side);
                world_break(&w, cut);
                go_on_and_check();
                world_check(&w, w.sides[0].restarted == 2 && w.sides[1].restarted == 2);
                world_check(&w, w.sides[0].resumed + w.sides[1].resumed == 0);
            }
        }
    }
}

/* The stream of a virtio port does not close when bytes go bad. */
static void damage_at_every_byte_heals_on_the_open_stream(void **state)
{
    bool done = false;

    (void)state;
    for (uint64_t limit = 1; !done; limit++) {
        start(limit);
        done = exchange(limit);
        for (unsigned side = 0; side < 2; side++) {
            if (w.sides[side].pipe_len > 0) {
                w.sides[side].pipe[world_random(&w, w.sides[side].pipe_len)] ^=
                    (uint8_t)(1 + world_random(&w, 255));
            }
        }
        world_write(&w, 0, 0, 2000);
        world_write(&w, 1, 1, 5000);
        world_settle(&w);
        world_check_all_read(&w);
        world_check(&w, w.sides[0].restarted == 1 && w.sides[1].restarted == 1);
    }
}

/* Only one side notices that the stream was replaced (it is a new process on a UART). */
static void unnoticed_restart_heals_by_repeated_hello(void **state)
{
    bool done = false;

    (void)state;
    for (uint64_t limit = 1; !done; limit += 3) {
        start(limit);
        done = exchange(limit);
        hostlink_init(&w.sides[0].link, 12345 + limit);
        hostlink_connected(&w.sides[0].link);
        world_settle(&w);
        world_check(&w, w.sides[0].restarted == 2 && w.sides[1].restarted == 2);
        world_write(&w, 0, 0, 2000);
        world_write(&w, 1, 1, 5000);
        world_settle(&w);
        world_check_all_read(&w);
    }
}

/* ------------------------------------------------------------------ soak */

static void soak_step(bool faults)
{
    unsigned side = (unsigned)world_random(&w, 2);
    unsigned channel = (unsigned)world_random(&w, CONFIG_HOST_CHANNELS);
    size_t dice = world_random(&w, 1000);

    if (dice < 300) {
        world_write(&w, side, channel, world_random(&w, 3000));
    } else if (dice < 600) {
        world_send(&w, side, world_random(&w, 3) == 0 ? 600 : 9000);
    } else if (dice < 800) {
        world_deliver(&w, side, 1 + world_random(&w, 6000));
    } else if (dice < 980 || !faults) {
        world_read(&w, side, channel, 1 + world_random(&w, 6000));
    } else if (dice < 988) {
        world_break(&w, (enum world_cut)world_random(&w, 3));
        world_connect(&w);
    } else if (dice < 990) {
        world_restart_side(&w, side);
        world_break(&w, (enum world_cut)world_random(&w, 3));
        world_connect(&w);
    } else if (dice < 994 && w.sides[side].pipe_len > 0) {
        w.sides[side].pipe[world_random(&w, w.sides[side].pipe_len)] ^= 0x10;
    } else if (dice < 997) {
        hostlink_connected(&w.sides[side].link);
    } else if (dice < 998) {
        hostlink_restart(&w.sides[side].link);
        memset(w.sides[side].written, 0, sizeof(w.sides[side].written));
        memset(w.sides[side].read, 0, sizeof(w.sides[side].read));
    } else if (dice < 999) {
        hostlink_hello_again(&w.sides[side].link);
    } else { /* bytes vanish and nobody is told */
        w.sides[side].pipe_len = world_random(&w, w.sides[side].pipe_len + 1);
    }
}

static void soak(void **state)
{
    uint64_t moved = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        world_init(&w, seed);
        world_connect(&w);
        for (unsigned i = 0; i < 6000; i++) {
            soak_step(seed % 4 != 0);
            world_check_invariants(&w);
        }
        world_break(&w, WORLD_CUT_LOSE_TAIL);
        world_connect(&w);
        world_settle(&w);
        world_check_all_read(&w);
        moved += w.carried;
    }
    assert_true(moved > 60u * 1000 * 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_hello_restarts_both_and_streams_flow),
        cmocka_unit_test(nothing_is_sent_when_idle),
        cmocka_unit_test(bytes_written_before_a_break_arrive_after_it),
        cmocka_unit_test(window_full_is_an_error_and_frees_up),
        cmocka_unit_test(channels_share_the_stream_fairly),
        cmocka_unit_test(smallest_output_buffer_makes_progress),
        cmocka_unit_test(break_at_every_byte),
        cmocka_unit_test(break_at_every_byte_of_the_handshakes),
        cmocka_unit_test(restart_at_every_byte),
        cmocka_unit_test(damage_at_every_byte_heals_on_the_open_stream),
        cmocka_unit_test(unnoticed_restart_heals_by_repeated_hello),
        cmocka_unit_test(soak),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
