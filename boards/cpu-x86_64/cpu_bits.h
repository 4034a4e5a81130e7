/* SPDX-License-Identifier: ISC */
/* Bits, registers and selectors of x86-64 (Intel SDM volumes 3 and 4), for C and assembly. */
#ifndef VAMT_CPU_BITS_H
#define VAMT_CPU_BITS_H

/* CR0 at reset has CD and NW set: caches off (SDM 3A, table 10-1). */
#define CPU_CR0_PE 0x00000001
#define CPU_CR0_MP 0x00000002
#define CPU_CR0_EM 0x00000004
#define CPU_CR0_NE 0x00000020
#define CPU_CR0_WP 0x00010000
#define CPU_CR0_NW 0x20000000
#define CPU_CR0_CD 0x40000000
#define CPU_CR0_PG 0x80000000

#define CPU_CR4_PAE        0x00000020
#define CPU_CR4_OSFXSR     0x00000200
#define CPU_CR4_OSXMMEXCPT 0x00000400
#define CPU_CR4_UMIP       0x00000800
#define CPU_CR4_SMEP       0x00100000

#define CPU_MSR_APIC_BASE 0x0000001B
#define CPU_MSR_EFER      0xC0000080
#define CPU_EFER_LME      0x00000100
#define CPU_EFER_NXE      0x00000800

/* Selectors. The first three exist in the reset page's table and in the one in RAM. */
#define CPU_SEL_CODE64 0x08
#define CPU_SEL_DATA   0x10
#define CPU_SEL_CODE32 0x18
#define CPU_SEL_TSS    0x20

#endif
