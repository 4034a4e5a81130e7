/* SPDX-License-Identifier: ISC */
/* Local APIC. One way for emulated and hardware-assisted CPUs: the count-down timer. The TSC
 * deadline mode would have to be re-armed after a migration to a host with another TSC rate. */
#include "cpu-x86_64/lapic.h"

#include "cpu-x86_64/cpu_bits.h"
#include "cpu-x86_64/cpu_x86.h"
#include "cpu-x86_64/exception.h"
#include "hal/cpu.h"

enum {
    REG_ID = 0x020,
    REG_TASK_PRIORITY = 0x080,
    REG_SPURIOUS = 0x0F0,
    REG_LVT_TIMER = 0x320,
    REG_LVT_LINT0 = 0x350,
    REG_LVT_LINT1 = 0x360,
    REG_LVT_ERROR = 0x370,
    REG_INITIAL_COUNT = 0x380,
    REG_CURRENT_COUNT = 0x390,
    REG_DIVIDE = 0x3E0,

    LVT_MASKED = 1 << 16,
    SPURIOUS_ENABLE = 1 << 8,
    DIVIDE_BY_16 = 3
};

static const uintptr_t LAPIC_BASE = 0xFEE00000;
static const uint64_t BASE_ENABLE = 1u << 11;

static uint32_t rate = 62500; /* ticks per ms: 1 GHz bus / 16, until told better */

static void write_reg(uint32_t reg, uint32_t value)
{
    cpu_mmio_write32(LAPIC_BASE + reg, value);
}

void lapic_init(void)
{
    cpu_x86_write_msr(CPU_MSR_APIC_BASE,
                      cpu_x86_read_msr(CPU_MSR_APIC_BASE) | BASE_ENABLE);
    write_reg(REG_LVT_LINT0, LVT_MASKED);
    write_reg(REG_LVT_LINT1, LVT_MASKED);
    write_reg(REG_LVT_ERROR, LVT_MASKED);
    write_reg(REG_TASK_PRIORITY, 0);
    write_reg(REG_SPURIOUS, SPURIOUS_ENABLE | EXCEPTION_VECTOR_SPURIOUS);
    write_reg(REG_DIVIDE, DIVIDE_BY_16);
    write_reg(REG_LVT_TIMER, EXCEPTION_VECTOR_TIMER);
}

uint32_t lapic_message_address(void)
{
    return (uint32_t)LAPIC_BASE | cpu_mmio_read32(LAPIC_BASE + REG_ID) >> 24 << 12;
}

void lapic_timer_start(uint32_t ticks)
{
    write_reg(REG_INITIAL_COUNT, ticks);
}

uint32_t lapic_timer_count(void)
{
    return cpu_mmio_read32(LAPIC_BASE + REG_CURRENT_COUNT);
}

void lapic_set_rate(uint32_t ticks_per_ms)
{
    rate = ticks_per_ms;
}

void lapic_timer_arm(uint64_t us)
{
    uint64_t longest_us = (uint64_t)UINT32_MAX * 1000 / rate;
    uint64_t ticks;

    if (us > longest_us) {
        us = longest_us;
    }
    ticks = us * rate / 1000;
    lapic_timer_start(us != 0 && ticks == 0 ? 1 : (uint32_t)ticks);
}
