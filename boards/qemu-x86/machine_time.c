/* SPDX-License-Identifier: ISC */
/* Rates of the TSC and the APIC timer, measured together against the interval timer. */
#include "qemu-x86/machine_time.h"

#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"
#include "cpu-x86_64/clock.h"
#include "cpu-x86_64/cpu_x86.h"
#include "cpu-x86_64/lapic.h"
#include "qemu-x86/pit.h"

enum {
    MEASURE_TICKS = PIT_HZ / 500, /* 2 ms */
    READS_MAX = 100000,           /* far more than fit into that time */
    READ_TRIES = 3,
    MEASURE_TRIES = 3,
    NS_PER_S = 1000000000,
    APIC_HZ = 1000000000 / 16 /* the emulated timer's clock, behind its divider */
};

/* The three counters at one moment. */
struct moment {
    uint64_t tsc;
    uint32_t apic; /* counts down */
    uint16_t pit;
};

/* The best of a few readings: that which took the least time. */
static struct moment read_moment(void)
{
    struct moment best = {0, 0, 0};
    uint64_t best_width = UINT64_MAX;

    for (int i = 0; i < READ_TRIES; i++) {
        uint64_t before = cpu_x86_tsc();
        uint16_t pit = pit_elapsed();
        uint32_t apic = lapic_timer_count();
        uint64_t width = cpu_x86_tsc() - before;

        if (width < best_width) {
            best_width = width;
            best = (struct moment){before + width / 2, apic, pit};
        }
    }
    return best;
}

/* One measurement. False if it makes no sense: no interval timer, or the hypervisor stopped us
 * for so long that it wrapped around. */
static bool measure(struct moment *delta)
{
    struct moment from;
    struct moment to;
    uint64_t pit_ns;
    uint64_t apic_ns;

    lapic_timer_start(UINT32_MAX);
    pit_start();
    from = read_moment();
    for (int i = 0; i < READS_MAX && pit_elapsed() - from.pit < MEASURE_TICKS; i++) {
    }
    to = read_moment();
    pit_stop();
    lapic_timer_start(0);

    *delta = (struct moment){to.tsc - from.tsc, from.apic - to.apic,
                             (uint16_t)(to.pit - from.pit)};
    pit_ns = (uint64_t)delta->pit * NS_PER_S / PIT_HZ;
    apic_ns = (uint64_t)delta->apic * NS_PER_S / APIC_HZ;
    return delta->pit >= MEASURE_TICKS && pit_ns < 2 * apic_ns && apic_ns < 2 * pit_ns;
}

void machine_time_init(void)
{
    struct moment delta;
    uint64_t ns;

    pit_silence();
    if (clock_start_kvm()) {
        return; /* then the APIC is KVM's, whose rate lapic.c knows */
    }
    for (int i = 0; i < MEASURE_TRIES; i++) {
        if (measure(&delta)) {
            ns = (uint64_t)delta.pit * NS_PER_S / PIT_HZ;
            lapic_set_rate((uint32_t)((uint64_t)delta.apic * 1000000 / ns));
            clock_start_tsc(delta.tsc, ns);
            return;
        }
    }
    log_warn("board", "no interval timer: clock taken from the APIC's nominal rate");
    clock_start_tsc(delta.tsc, (uint64_t)delta.apic * NS_PER_S / APIC_HZ);
}
