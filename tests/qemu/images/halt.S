/* SPDX-License-Identifier: ISC */
/* The least that a flash image can do: the CPU halts at the reset vector. What QEMU itself
 * costs in time and memory is measured with it. 64 KiB, the smallest size of an image. */
    .section .flash, "a"
    .code16
    .skip 0xFFF0, 0xF4
    cli
1:  hlt
    jmp 1b
    .balign 16, 0xF4
