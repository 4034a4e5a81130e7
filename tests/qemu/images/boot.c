/* SPDX-License-Identifier: ISC */
/* Boots, finds the devices, says so and exercises each: the entropy source, seeds, UUID,
 * clocks. Then it idles for ever, and reports every second how often it woke up. */
#include "base/log.h"
#include "base/sbuf.h"
#include "hal/board.h"
#include "hal/hostport.h"
#include "hal/nic.h"
#include "main.h"

enum { REPORT_US = 1000000 };

static const struct log_sink sink = {board_console_write, board_now_us};

static void say_bytes(const char *what, const uint8_t *bytes, size_t len)
{
    uint8_t text[80];
    struct sbuf out;

    sbuf_init(&out, text, sizeof(text));
    sbuf_put_hex_bytes(&out, span_of(bytes, len), false);
    log_info("test", "%s %.*s", what, (int)out.len, (const char *)text);
}

static void say_identity(void)
{
    uint8_t uuid[16];
    uint8_t random[16];
    uint8_t seed[32];
    int len = board_seed("word", seed, sizeof(seed));

    board_uuid(uuid);
    say_bytes("uuid", uuid, sizeof(uuid));
    log_info("test", "seed %d %.*s", len, len > 0 ? len : 0, (const char *)seed);
    if (board_entropy(random, sizeof(random)) == 0) {
        say_bytes("entropy", random, sizeof(random));
    } else {
        log_info("test", "entropy none");
    }
    if (board_nic() != NULL) {
        say_bytes("mac", board_nic()->mac, 6);
        log_info("test", "mtu %u", board_nic()->mtu);
    }
    log_info("test", "hostport %s", board_hostport() != NULL ? "yes" : "no");
    log_info("test", "wall %ld", (long)board_wall_s());
}

void firmware_main(void)
{
    uint64_t report_us;
    uint32_t wakes = 0;

    log_init(&sink);
    board_start();
    log_info("test", "started");
    say_identity();
    report_us = board_now_us() + REPORT_US;
    for (;;) {
        struct span frame;

        if (board_nic() != NULL) {
            while (board_nic()->ops->receive(board_nic(), &frame)) {
                board_nic()->ops->receive_done(board_nic());
            }
            (void)board_nic()->ops->is_link_up(board_nic());
        }
        if (board_hostport() != NULL) {
            (void)board_hostport()->ops->is_open(board_hostport());
        }
        if (board_now_us() >= report_us) {
            log_info("test", "wakes %u", wakes);
            wakes = 0;
            report_us += REPORT_US;
        }
        board_watchdog();
        board_idle(report_us);
        wakes++;
    }
}
