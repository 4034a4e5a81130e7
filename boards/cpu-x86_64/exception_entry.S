/* SPDX-License-Identifier: ISC */
/* Where the CPU arrives for exceptions and interrupts; see exception.h. */

    .section .text.exception_entry, "ax"
    .code64

    /* EXCEPTION_COUNT stubs of 16 bytes. Those vectors for which the CPU pushes no error
     * code push a zero, so that every frame has the same shape. */
    .balign 16
    .globl exception_stubs
exception_stubs:
    .set vector, 0
    .rept 32
    .balign 16
    .if !(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21 || vector == 29 || vector == 30)
    pushq $0
    .endif
    pushq $vector
    jmp exception_common
    .set vector, vector + 1
    .endr

    /* Registers in the order of struct exception_frame. Never returns. */
exception_common:
    cld
    pushq %rax
    pushq %rbx
    pushq %rcx
    pushq %rdx
    pushq %rsi
    pushq %rdi
    pushq %rbp
    pushq %r8
    pushq %r9
    pushq %r10
    pushq %r11
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, %rdi
    andq $-16, %rsp
    call exception_report

    .macro INTERRUPT name, slot
    .balign 16
    .globl \name
\name:
    incl exception_counts + 4 * \slot
    pushq %rax
    movl $0xFEE000B0, %eax /* local APIC: end of interrupt */
    movl $0, (%rax)
    popq %rax
    iretq
    .endm

    INTERRUPT exception_entry_work, 0
    INTERRUPT exception_entry_config, 1
    INTERRUPT exception_entry_timer, 2

    .globl exception_entry_spurious
exception_entry_spurious:
    iretq
