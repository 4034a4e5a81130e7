/* SPDX-License-Identifier: ISC */
/* Instructions of x86-64 that C has no words for. */
#ifndef VAMT_CPU_X86_H
#define VAMT_CPU_X86_H

#include <stdbool.h>
#include <stdint.h>

struct cpu_x86_id {
    uint32_t eax;
    uint32_t ebx;
    uint32_t ecx;
    uint32_t edx;
};

static inline struct cpu_x86_id cpu_x86_id(uint32_t leaf)
{
    struct cpu_x86_id id;

    __asm__ volatile("cpuid"
                     : "=a"(id.eax), "=b"(id.ebx), "=c"(id.ecx), "=d"(id.edx)
                     : "a"(leaf), "c"(0));
    return id;
}

static inline uint64_t cpu_x86_read_msr(uint32_t msr)
{
    uint32_t low;
    uint32_t high;

    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
    return (uint64_t)high << 32 | low;
}

static inline void cpu_x86_write_msr(uint32_t msr, uint64_t value)
{
    __asm__ volatile("wrmsr"
                     :
                     : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
                     : "memory");
}

/* The time-stamp counter, after all loads before it. */
static inline uint64_t cpu_x86_tsc(void)
{
    uint32_t low;
    uint32_t high;

    __asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return (uint64_t)high << 32 | low;
}

static inline bool cpu_x86_has_rdrand(void)
{
    return (cpu_x86_id(1).ecx & 1u << 30) != 0;
}

/* One try; false if the CPU had no number ready. */
static inline bool cpu_x86_rdrand(uint64_t *value)
{
    bool ok;

    __asm__ volatile("rdrand %0" : "=r"(*value), "=@ccc"(ok));
    return ok;
}

/* Halt with interrupts on. `sti` takes effect after the next instruction, so an interrupt
 * that is already pending wakes the `hlt` and none is lost in between. */
static inline void cpu_x86_wait_for_interrupt(void)
{
    __asm__ volatile("sti; hlt; cli" : : : "memory");
}

static inline void cpu_x86_pause(void)
{
    __asm__ volatile("pause");
}

static inline void __attribute__((noreturn)) cpu_x86_halt_forever(void)
{
    for (;;) {
        __asm__ volatile("cli; hlt");
    }
}

#endif
