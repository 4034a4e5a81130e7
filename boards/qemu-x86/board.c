/* SPDX-License-Identifier: ISC */
/* hal/board.h on QEMU's q35 and pc. README.md gives the machine's options. */
#include "hal/board.h"

#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/log.h"
#include "base/panic.h"
#include "base/sbuf.h"
#include "cpu-x86_64/clock.h"
#include "cpu-x86_64/cpu_x86.h"
#include "cpu-x86_64/exception.h"
#include "cpu-x86_64/lapic.h"
#include "drivers/entropy_mix.h"
#include "drivers/fw_cfg.h"
#include "hal/cpu.h"
#include "qemu-x86/devices.h"
#include "qemu-x86/machine_time.h"
#include "qemu-x86/nvram.h"
#include "qemu-x86/rtc.h"
#include "qemu-x86/watchdog.h"

enum {
    PORT_PIC1_MASK = 0x21,
    PORT_PIC2_MASK = 0xA1,
    PORT_KEYBOARD = 0x64,
    KEYBOARD_RESET = 0xFE,
    PORT_RESET_CONTROL = 0xCF9,
    RESET_FULL = 0x06,

    RDRAND_TRIES = 10,
    WALL_REFRESH_US = 60000000, /* the host's clock may be set, or the guest resumed */
    PANIC_WAIT_US = 1000000     /* no faster circle of panics than this */
};

extern uint8_t __ram_end[]; /* ld/: past the last byte that the firmware may use */

static uint64_t wall_read_us; /* when the wall clock was read */
static int64_t wall_read_s;

/* With less, memory that is used under load only would not be there. */
static void check_ram(uint64_t ram_size)
{
    uint64_t needed = (uintptr_t)__ram_end;

    if (ram_size < needed) {
        panic("%u KiB of RAM, %u are needed (QEMU: -m %u)",
              (unsigned)(ram_size / UTIL_KIB), (unsigned)(needed / UTIL_KIB),
              (unsigned)(needed / UTIL_KIB / UTIL_KIB));
    }
}

void board_start(void)
{
    uint64_t ram_size = 0;

    cpu_port_write8(PORT_PIC1_MASK, 0xFF);
    cpu_port_write8(PORT_PIC2_MASK, 0xFF);
    lapic_init();
    machine_time_init();
    wall_read_s = rtc_read();
    wall_read_us = board_now_us();
    if (fw_cfg_read(FW_CFG_RAM_SIZE, &ram_size, sizeof(ram_size)) < 0) {
        log_warn("board", "no fw_cfg: no seeds, no UUID");
    } else {
        check_ram(ram_size);
    }
    watchdog_start();
    devices_start();
    nvram_start();
    log_info("board", "%s, clock %s, %u KiB of RAM", board_name(), clock_name(),
             (unsigned)(ram_size / UTIL_KIB));
}

const char *board_name(void)
{
    return "qemu-x86";
}

uint64_t board_now_us(void)
{
    return clock_now_us();
}

int64_t board_wall_s(void)
{
    uint64_t now_us = board_now_us();
    int64_t wall_s = wall_read_s + (int64_t)((now_us - wall_read_us) / 1000000);

    if (now_us - wall_read_us >= WALL_REFRESH_US) {
        int64_t read_s = rtc_read();

        wall_read_us = now_us;
        /* A difference of one second is only the clock's resolution. */
        wall_read_s = read_s - wall_s > 1 || wall_s - read_s > 1 ? read_s : wall_s;
        wall_s = wall_read_s;
    }
    return wall_s;
}

void board_idle(uint64_t deadline_us)
{
    uint64_t now_us = board_now_us();
    uint64_t until_us = util_earlier(deadline_us, watchdog_due_us());

    if (until_us > now_us && !devices_arm()) {
        lapic_timer_arm(until_us - now_us);
        cpu_x86_wait_for_interrupt();
    }
    devices_disarm();
}

struct nic *board_nic(void)
{
    return devices_nic();
}

struct hostport *board_hostport(void)
{
    return devices_hostport();
}

static int read_rdrand(void *dst, size_t len)
{
    uint8_t *at = dst;

    if (!cpu_x86_has_rdrand()) {
        return ERR_NOT_FOUND;
    }
    for (size_t done = 0; done < len; done += sizeof(uint64_t)) {
        uint64_t random;
        int tries = 0;

        while (!cpu_x86_rdrand(&random)) {
            if (++tries == RDRAND_TRIES) {
                return ERR_IO;
            }
        }
        memcpy(at + done, &random, util_min(sizeof(random), len - done));
    }
    return 0;
}

/* The time-stamp counter around device accesses, whose length nobody outside knows exactly. */
static int read_jitter(void *dst, size_t len)
{
    uint8_t *at = dst;
    uint64_t state = (uint64_t)board_wall_s();

    for (size_t i = 0; i < len; i++) {
        (void)cpu_port_read8(PORT_PIC1_MASK);
        state = (state ^ cpu_x86_tsc()) * 0x9E3779B97F4A7C15u;
        at[i] = (uint8_t)(state >> 56);
    }
    return 0;
}

int board_entropy(void *dst, size_t len)
{
    static const struct entropy_source sources[] = {
        {.read = devices_random, .is_enough = true},
        {.read = read_rdrand, .is_enough = true},
        {.read = read_jitter, .is_enough = false},
    };

    return entropy_mix(sources, UTIL_COUNT(sources), dst, len);
}

int board_seed(const char *name, void *dst, size_t cap)
{
    char path[FW_CFG_NAME_CAP];
    struct sbuf out;
    int result;

    sbuf_init(&out, path, sizeof(path));
    sbuf_put_str(&out, "opt/vamt/");
    sbuf_put_str(&out, name);
    if (sbuf_terminate(&out) < 0) {
        return ERR_NOT_FOUND;
    }
    result = fw_cfg_read_file(path, dst, cap);
    return result >= 0 || result == ERR_TOO_BIG ? result : ERR_NOT_FOUND;
}

void board_uuid(uint8_t uuid[16])
{
    if (fw_cfg_read(FW_CFG_UUID, uuid, 16) < 0) {
        memset(uuid, 0, 16);
    }
}

void board_reset(void)
{
    watchdog_forget();
    cpu_port_write8(PORT_RESET_CONTROL, RESET_FULL);
    cpu_port_write8(PORT_KEYBOARD, KEYBOARD_RESET);
    cpu_x86_halt_forever();
}

/* After a panic: a companion that restarts is better than one that is dead, unless somebody
 * wants to look at it (-fw_cfg name=opt/vamt/panic,string=halt). */
void exception_stop(void)
{
    char what[8];
    uint64_t until_us = board_now_us() + PANIC_WAIT_US;

    if (board_seed("panic", what, sizeof(what)) == 4 && memcmp(what, "halt", 4) == 0) {
        watchdog_stop();
        cpu_x86_halt_forever();
    }
    while (board_now_us() != 0 && board_now_us() < until_us) {
        cpu_x86_pause();
    }
    board_reset();
}
