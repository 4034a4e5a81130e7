/* SPDX-License-Identifier: ISC */
/*
 * From the reset vector to C: 16-bit real mode, 32-bit protected mode, long mode.
 *
 * This page is the last of the flash. At reset the CPU sees it at physical FFFFF000 and starts
 * at FFFFFFF0 with CS base FFFF0000; until paging is on, addresses are physical, i.e. what the
 * linker says plus __flash_offset. The page tables are constants in flash (tools/mkflash) and
 * map this page at both addresses. Nothing is written to memory before C runs.
 */
#include "cpu_bits.h"

    .section .reset, "ax"
    .code16
reset_16:
    cli
    cld
    /* A segment override: DS is zero, the code lies in the last 64 KiB. */
    lgdtl %cs:(reset_gdtr - reset_16 + 0xF000)
    movl %cr0, %eax
    andl $~(CPU_CR0_CD | CPU_CR0_NW | CPU_CR0_EM), %eax
    orl $(CPU_CR0_PE | CPU_CR0_MP | CPU_CR0_NE), %eax
    movl %eax, %cr0
    ljmpl $CPU_SEL_CODE32, $(0xFFFFF000 + reset_32 - reset_16)

    .code32
reset_32:
    movl $CPU_SEL_DATA, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    xorl %eax, %eax
    movl %eax, %fs
    movl %eax, %gs

    movl $(CPU_CR4_PAE | CPU_CR4_OSFXSR | CPU_CR4_OSXMMEXCPT), %eax
    movl %eax, %cr4
    movl $__pagetables_phys, %eax
    movl %eax, %cr3
    movl $CPU_MSR_EFER, %ecx
    rdmsr
    orl $(CPU_EFER_LME | CPU_EFER_NXE), %eax
    wrmsr
    movl %cr0, %eax
    orl $(CPU_CR0_PG | CPU_CR0_WP), %eax
    movl %eax, %cr0
    ljmpl $CPU_SEL_CODE64, $(0xFFFFF000 + reset_64 - reset_16)

    .code64
reset_64:
    /* Leave the physical address for the one that the linker knows. */
    movl $1f, %eax
    jmp *%rax
1:  movl $__stack_top, %esp
    xorl %ebp, %ebp
    call cpu_start
    hlt

    /* Accessed bits are preset: the CPU never writes here. */
    .balign 8
reset_gdt:
    .quad 0
    .quad 0x00AF9B000000FFFF /* CPU_SEL_CODE64 */
    .quad 0x00CF93000000FFFF /* CPU_SEL_DATA */
    .quad 0x00CF9B000000FFFF /* CPU_SEL_CODE32 */
reset_gdtr:
    .word reset_gdtr - reset_gdt - 1
    .long 0xFFFFF000 + reset_gdt - reset_16

    .section .reset.vector, "ax"
    .code16
    .globl reset_vector
reset_vector:
    cli
    .byte 0xE9 /* jmp near, within the segment: to offset F000 */
    .word 0xF000 - (0xFFF0 + 4)
    .balign 16, 0xF4

    /* Five tables; see tools/mkflash. */
    .section .pagetables, "a"
    .balign 4096
    .skip 5 * 4096
