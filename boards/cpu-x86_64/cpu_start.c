/* SPDX-License-Identifier: ISC */
/*
 * The first C code: makes memory what C expects, then calls firmware_main(). reset.S has set up long
 * mode, paging and the stack; RAM holds anything (zeroes after power-on of a virtual machine,
 * the previous run after a reset).
 */
#include <stdint.h>

#include "base/panic.h"
#include "cpu-x86_64/cpu_access.h"
#include "cpu-x86_64/cpu_bits.h"
#include "cpu-x86_64/cpu_x86.h"
#include "cpu-x86_64/exception.h"
#include "main.h"

extern uint64_t __data_start[];
extern uint64_t __data_end[];
extern const uint64_t __data_load[];
extern uint64_t __bss_start[];
extern uint64_t __bss_end[];
extern uint64_t __stack_start[];

/* The names are gcc's. */
extern uintptr_t __stack_chk_guard;
uintptr_t __stack_chk_guard;
void __stack_chk_fail(void) UTIL_NORETURN;

void cpu_start(void) UTIL_NORETURN;

void __stack_chk_fail(void)
{
    panic("stack smashed");
}

/* Volatile, so that the loop is not turned into memset: that would write to every page, and
 * a page that was never written costs the hypervisor no memory. */
static inline void clear_bss(void)
{
    for (volatile uint64_t *p = __bss_start; p < __bss_end; p++) {
        if (*p != 0) {
            *p = 0;
        }
    }
}

/* Only what lies below the stack pointer; see stack_mark.c. */
static inline void clear_stack(void)
{
    volatile uint64_t *sp;

    __asm__ volatile("movq %%rsp, %0" : "=r"(sp));
    for (volatile uint64_t *p = __stack_start; p < sp; p++) {
        if (*p != 0) {
            *p = 0;
        }
    }
}

static inline void copy_data(void)
{
    const uint64_t *from = __data_load;

    for (volatile uint64_t *to = __data_start; to < __data_end; to++) {
        *to = *from++;
    }
}

/* Differs from boot to boot as well as this CPU can; the low byte is zero, so that a string
 * that runs over never carries the right value. */
static inline uintptr_t make_guard(void)
{
    uint64_t guard = cpu_x86_tsc() * 0x9E3779B97F4A7C15u;
    uint64_t random;

    if (cpu_x86_has_rdrand() && cpu_x86_rdrand(&random)) {
        guard ^= random;
    }
    return guard & ~(uintptr_t)0xFF;
}

static inline void enable_protections(void)
{
    uint64_t cr4;

    if (cpu_x86_id(0).eax < 7) {
        return;
    }
    __asm__ volatile("movq %%cr4, %0" : "=r"(cr4));
    if ((cpu_x86_id(7).ebx & 1u << 7) != 0) {
        cr4 |= CPU_CR4_SMEP;
    }
    if ((cpu_x86_id(7).ecx & 1u << 2) != 0) {
        cr4 |= CPU_CR4_UMIP;
    }
    __asm__ volatile("movq %0, %%cr4" : : "r"(cr4));
}

/* No stack protector here: this function writes the guard. */
__attribute__((no_stack_protector)) void cpu_start(void)
{
    clear_stack();
    clear_bss();
    copy_data();
    __stack_chk_guard = make_guard();
    enable_protections();
    cpu_access_init();
    exception_init();
    firmware_main();
}
