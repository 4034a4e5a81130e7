/* SPDX-License-Identifier: ISC */
/* hal/cpu.h for x86-64: ports, device registers, barriers, DMA addresses. */
#include "hal/cpu.h"

#include <stdbool.h>

#include "cpu-x86_64/cpu_access.h"
#include "cpu-x86_64/cpu_x86.h"

enum { PORT_DIAGNOSTIC = 0x80, LEAF_HYPERVISOR = 0x40000000 };
static const uint32_t ID_HYPERVISOR = 1u << 31;
static const uint32_t TCG_NAME = 0x54474354; /* "TCGT" */

static bool is_fence_elided;

void cpu_access_init(void)
{
    is_fence_elided = (cpu_x86_id(1).ecx & ID_HYPERVISOR) != 0 &&
                      cpu_x86_id(LEAF_HYPERVISOR).ebx == TCG_NAME;
}

uint8_t cpu_mmio_read8(uintptr_t address)
{
    return *(volatile uint8_t *)address;
}

uint16_t cpu_mmio_read16(uintptr_t address)
{
    return *(volatile uint16_t *)address;
}

uint32_t cpu_mmio_read32(uintptr_t address)
{
    return *(volatile uint32_t *)address;
}

void cpu_mmio_write8(uintptr_t address, uint8_t value)
{
    *(volatile uint8_t *)address = value;
}

void cpu_mmio_write16(uintptr_t address, uint16_t value)
{
    *(volatile uint16_t *)address = value;
}

void cpu_mmio_write32(uintptr_t address, uint32_t value)
{
    *(volatile uint32_t *)address = value;
}

void cpu_mmio_write64(uintptr_t address, uint64_t value)
{
    cpu_mmio_write32(address, (uint32_t)value);
    cpu_mmio_write32(address + 4, (uint32_t)(value >> 32));
}

uint8_t cpu_port_read8(uint16_t port)
{
    uint8_t value;

    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port) : "memory");
    return value;
}

uint16_t cpu_port_read16(uint16_t port)
{
    uint16_t value;

    __asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port) : "memory");
    return value;
}

uint32_t cpu_port_read32(uint16_t port)
{
    uint32_t value;

    __asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port) : "memory");
    return value;
}

void cpu_port_write8(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

void cpu_port_write16(uint16_t port, uint16_t value)
{
    __asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

void cpu_port_write32(uint16_t port, uint32_t value)
{
    __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

/* QEMU before 8.0 translates a fence of a machine with one emulated CPU to nothing, although
 * its devices run in other threads. Access to any device there takes a lock, which is a full
 * barrier. */
void cpu_barrier(void)
{
    __asm__ volatile("mfence" : : : "memory");
    if (is_fence_elided) {
        (void)cpu_port_read8(PORT_DIAGNOSTIC);
    }
}

/* x86 keeps loads in order, and stores in order: only the compiler must be held. */
void cpu_barrier_read(void)
{
    __asm__ volatile("" : : : "memory");
}

void cpu_barrier_write(void)
{
    __asm__ volatile("" : : : "memory");
}

uint64_t cpu_dma_address(const volatile void *ptr)
{
    return (uintptr_t)ptr; /* RAM is mapped at its physical address, see ld/ */
}
