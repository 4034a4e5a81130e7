/* SPDX-License-Identifier: ISC */
/*
 * The ib700 counts down whole seconds from at most 30, in QEMU's virtual time (a paused machine
 * is not reset), and a reset stops it. It cannot be read: who ended the last run is concluded
 * from the last sign of life, which lies in memory that a reset does not clear.
 */
#include "qemu-x86/watchdog.h"

#include "base/log.h"
#include "config.h"
#include "hal/board.h"
#include "hal/cpu.h"

enum {
    PORT_OFF = 0x441,
    PORT_ON = 0x443, /* takes (30 - seconds) / 2 */
    MOST_S = 30,
    SECONDS = CONFIG_WATCHDOG_MS / 1000,

    EACH_US = 2000000,                  /* not more often, however busy the loop is */
    IDLE_US = CONFIG_WATCHDOG_MS * 500, /* idle, half of the time is left in reserve */
    SLACK_S = 2                         /* of a clock that shows whole seconds */
};
_Static_assert(SECONDS >= 4 && SECONDS <= MOST_S, "not a time that the ib700 can count");

static const uint64_t ALIVE = 0x76414D542D6F6B21;

/* Valid while the firmware runs. After power-on it holds zeroes or noise. */
static volatile struct {
    uint64_t mark;
    int64_t wall_s;
} last_sign __attribute__((section(".noinit")));

static uint64_t told_us;

static void tell(uint64_t now_us)
{
    cpu_port_write8(PORT_ON, (MOST_S - SECONDS) / 2);
    told_us = now_us;
    last_sign.wall_s = board_wall_s();
    last_sign.mark = ALIVE;
}

void watchdog_start(void)
{
    int64_t silent_s = board_wall_s() - last_sign.wall_s;

    if (last_sign.mark == ALIVE && silent_s >= SECONDS - SLACK_S) {
        log_error("board",
                  "the watchdog has restarted the firmware: no sign of life for "
                  "%ld s",
                  (long)silent_s);
    }
    tell(board_now_us());
}

void board_watchdog(void)
{
    uint64_t now_us = board_now_us();

    if (now_us - told_us >= EACH_US) {
        tell(now_us);
    }
}

uint64_t watchdog_due_us(void)
{
    return told_us + IDLE_US;
}

void watchdog_forget(void)
{
    last_sign.mark = 0;
}

void watchdog_stop(void)
{
    cpu_port_write8(PORT_OFF, 0);
    watchdog_forget();
}
