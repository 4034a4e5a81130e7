/* SPDX-License-Identifier: ISC */
/* What portable drivers ask of the CPU: port and memory access, barriers, DMA addresses.
 * Boards without port I/O (aarch64, sim) need not provide the cpu_port_ functions. */
#ifndef VAMT_HAL_CPU_H
#define VAMT_HAL_CPU_H

#include <stdint.h>

/* Device registers in memory: one access of exactly this width, in program order. */
uint8_t cpu_mmio_read8(uintptr_t address);
uint16_t cpu_mmio_read16(uintptr_t address);
uint32_t cpu_mmio_read32(uintptr_t address);
void cpu_mmio_write8(uintptr_t address, uint8_t value);
void cpu_mmio_write16(uintptr_t address, uint16_t value);
void cpu_mmio_write32(uintptr_t address, uint32_t value);
void cpu_mmio_write64(uintptr_t address, uint64_t value); /* low half first */

/* x86 ports. */
uint8_t cpu_port_read8(uint16_t port);
uint16_t cpu_port_read16(uint16_t port);
uint32_t cpu_port_read32(uint16_t port);
void cpu_port_write8(uint16_t port, uint8_t value);
void cpu_port_write16(uint16_t port, uint16_t value);
void cpu_port_write32(uint16_t port, uint32_t value);

/* Order memory seen by a device: all before is visible before all after. */
void cpu_barrier(void);       /* loads and stores */
void cpu_barrier_read(void);  /* loads only */
void cpu_barrier_write(void); /* stores only */

/* The address that a device uses for this memory. */
uint64_t cpu_dma_address(const volatile void *ptr);

#endif
