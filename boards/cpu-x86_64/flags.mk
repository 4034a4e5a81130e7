# SPDX-License-Identifier: ISC
#
# Compiler and linker flags of every object that runs on a bare x86-64 CPU, newlib and other
# third-party code included.
#
# The image is linked for the first gigabyte of virtual addresses (see ld/), so the plain small
# code model fits and nothing is position independent. Interrupts push on the running stack:
# no red zone. The stack protector's guard is one global word, seeded by cpu_start.c.

CPU_CFLAGS := -m64 -march=x86-64 -mcmodel=small -mno-red-zone -fno-pic -fno-pie \
	-ffreestanding -fno-common -fno-strict-aliasing -fno-exceptions -fno-unwind-tables \
	-fno-asynchronous-unwind-tables -fomit-frame-pointer -fcf-protection=none \
	-fno-stack-clash-protection -fstack-protector-strong -mstack-protector-guard=global \
	-ffunction-sections -fdata-sections

CPU_LDFLAGS := -m64 -static -no-pie -nostdlib -nostartfiles -Wl,--gc-sections \
	-Wl,--build-id=none -Wl,-z,noexecstack -Wl,-z,max-page-size=4096 -Wl,-z,norelro \
	-Wl,--no-warn-rwx-segments -Wl,--orphan-handling=error

# Our own code alone: no SSE. There is no floating point in it, an emulated CPU is faster with
# plain registers, and a hypervisor that has to emulate an instruction knows these best.
CPU_OWN_CFLAGS := -mgeneral-regs-only
