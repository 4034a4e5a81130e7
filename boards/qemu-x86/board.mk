# SPDX-License-Identifier: ISC
#
# Board qemu-x86: what the image is made of. Read by tools/image.mk.

# Sources besides the portable firmware.
BOARD_SRCS := $(sort $(wildcard boards/cpu-x86_64/*.c boards/cpu-x86_64/*.S boards/qemu-x86/*.c))
# Board sources see firmware/ and, as "cpu-x86_64/lapic.h", each other's folders.
BOARD_INCLUDES := -Iboards
BOARD_LDSCRIPT := ld/qemu-x86.ld
BOARD_LDDEPS := ld/sections.ld

# $(call BOARD_MKFLASH,ELF,IMAGE): the flash image from the linked program.
BOARD_MKFLASH = $(PYTHON) tools/mkflash $(1) $(2)
