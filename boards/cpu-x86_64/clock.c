/* SPDX-License-Identifier: ISC */
/* See clock.h. kvmclock: Linux Documentation/virt/kvm/x86/msr.rst and cpuid.rst. */
#include "cpu-x86_64/clock.h"

#include <stddef.h>

#include "base/panic.h"
#include "cpu-x86_64/cpu_x86.h"
#include "hal/cpu.h"

enum {
    LEAF_FEATURES = 1, /* relative to the hypervisor's first leaf */
    MSR_SYSTEM_TIME = 0x4B564D01,
    ENABLE = 1
};
static const uint32_t FIRST_LEAF = 0x40000000;
static const uint32_t LAST_LEAF = 0x40000200; /* other interfaces may come before KVM's */
static const uint32_t LEAF_STEP = 0x100;
static const uint32_t FEATURE_CLOCKSOURCE2 = 1u << 3;
static const uint32_t ID_HYPERVISOR = 1u << 31;

/* Written by the hypervisor; `version` is odd while it writes. */
struct kvm_time {
    uint32_t version;
    uint32_t reserved0;
    uint64_t tsc_timestamp;
    uint64_t system_time_ns;
    uint32_t tsc_to_ns_multiplier; /* 32-bit fraction */
    int8_t tsc_shift;
    uint8_t flags;
    uint8_t reserved1[2];
};

/* One cache line, and never across a page boundary. */
static volatile struct kvm_time kvm_time __attribute__((aligned(64)));

static uint64_t (*read_ns)(void);
static uint64_t start_ns;
static uint64_t last_us;
static uint64_t tsc_start;
static uint64_t tsc_multiplier; /* ns per tick, 32-bit fraction */

/* (ticks * multiplier) >> 32 without losing the upper half. */
static uint64_t scale(uint64_t ticks, uint64_t multiplier)
{
    return (uint64_t)((unsigned __int128)ticks * multiplier >> 32);
}

static uint64_t read_kvm_ns(void)
{
    for (;;) {
        uint32_t version = kvm_time.version;
        uint64_t ticks;
        uint64_t ns;

        cpu_barrier_read();
        ticks = cpu_x86_tsc() - kvm_time.tsc_timestamp;
        ticks = kvm_time.tsc_shift >= 0 ? ticks << kvm_time.tsc_shift
                                        : ticks >> -kvm_time.tsc_shift;
        ns = kvm_time.system_time_ns + scale(ticks, kvm_time.tsc_to_ns_multiplier);
        cpu_barrier_read();
        if ((version & 1) == 0 && version == kvm_time.version) {
            return ns;
        }
    }
}

static uint64_t read_tsc_ns(void)
{
    return scale(cpu_x86_tsc() - tsc_start, tsc_multiplier);
}

static void start(uint64_t (*source)(void))
{
    start_ns = source();
    read_ns = source;
}

static bool is_kvm(uint32_t leaf)
{
    struct cpu_x86_id id = cpu_x86_id(leaf);

    return id.ebx == 0x4B4D564B && id.ecx == 0x564B4D56 && id.edx == 0x0000004D;
}

bool clock_start_kvm(void)
{
    if ((cpu_x86_id(1).ecx & ID_HYPERVISOR) == 0) {
        return false;
    }
    for (uint32_t leaf = FIRST_LEAF; leaf <= LAST_LEAF; leaf += LEAF_STEP) {
        if (is_kvm(leaf) &&
            (cpu_x86_id(leaf + LEAF_FEATURES).eax & FEATURE_CLOCKSOURCE2) != 0) {
            cpu_x86_write_msr(MSR_SYSTEM_TIME, cpu_dma_address(&kvm_time) | ENABLE);
            if (kvm_time.tsc_to_ns_multiplier == 0) {
                return false; /* offered, but nothing was written */
            }
            start(read_kvm_ns);
            return true;
        }
    }
    return false;
}

void clock_start_tsc(uint64_t ticks, uint64_t ns)
{
    panic_unless(ticks != 0 && ns < UINT32_MAX);
    tsc_multiplier = (ns << 32) / ticks;
    tsc_start = cpu_x86_tsc();
    start(read_tsc_ns);
}

uint64_t clock_now_us(void)
{
    if (read_ns != NULL) {
        uint64_t us = (read_ns() - start_ns) / 1000;

        if (us > last_us) {
            last_us = us;
        }
    }
    return last_us;
}

const char *clock_name(void)
{
    return read_ns == read_kvm_ns ? "kvmclock" : "tsc";
}
