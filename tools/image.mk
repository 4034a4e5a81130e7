# SPDX-License-Identifier: ISC
#
# The flash image of one board: build/<board>/vamt.elf and vamt.fd.
#
# boards/<board>/board.mk sets BOARD_SRCS (besides firmware/), BOARD_INCLUDES, BOARD_LDSCRIPT,
# BOARD_LDDEPS, BOARD_MKFLASH (a function: program, image) and, if the CPU's folder is not
# cpu-x86_64, BOARD_CPU. boards/<cpu>/flags.mk sets CPU_CFLAGS, CPU_LDFLAGS and, for another
# machine than this one, CROSS and CPU_TRIPLET.

FLASH_BOARDS := $(filter-out sim,$(patsubst boards/%/board.mk,%,$(wildcard boards/*/board.mk)))
ifeq ($(filter $(BOARD),$(FLASH_BOARDS)),)
$(error there is no flash board '$(BOARD)'; boards: $(FLASH_BOARDS))
endif
BOARD_CPU := cpu-x86_64
CPU_TRIPLET := x86_64-elf
CROSS :=
include boards/$(BOARD)/board.mk
include boards/$(BOARD_CPU)/flags.mk
include tools/newlib.mk

ELF := $(BUILD)/$(BOARD)/vamt.elf
IMAGE := $(BUILD)/$(BOARD)/vamt.fd

CC_$(BOARD) := $(CPU_CC)
CFLAGS_$(BOARD) := $(CPU_CFLAGS) -Os -g -nostdinc $(BOARD_INCLUDES)
OWN_$(BOARD) := $(CPU_OWN_CFLAGS)
DEP_$(BOARD) :=
AFTER_$(BOARD) := -isystem $(CC_HEADERS) -isystem $(NEWLIB)/include
$(eval $(call flavour,$(BOARD)))
# Small, but for the arithmetic of TLS: handshakes take half the time for 16 KiB more.
$(call objs,$(BOARD),$(MBEDTLS_HOT)): private DEP_$(BOARD) := -O2

IMAGE_SRCS := $(FW_MAIN) $(BOARD_SRCS) $(FW_SRCS) $(FW_LIBC_SRCS) $(GEN_SRCS)
IMAGE_OBJS := $(call objs,$(BOARD),$(IMAGE_SRCS))
IMAGE_DEP_OBJS := $(call objs,$(BOARD),$(DEP_SRCS))
$(IMAGE_OBJS) $(IMAGE_DEP_OBJS): | $(NEWLIB_LIBC)

$(ELF): $(IMAGE_OBJS) $(BUILD)/$(BOARD)/libdeps.a $(NEWLIB_LIBC) $(BOARD_LDSCRIPT) $(BOARD_LDDEPS)
	$(call say,LD,$@)
	$(Q)$(CPU_CC) $(CPU_LDFLAGS) -T $(BOARD_LDSCRIPT) -Wl,-Map=$(@:.elf=.map) -o $@ \
		$(filter %.o,$^) -Wl,--start-group $(BUILD)/$(BOARD)/libdeps.a $(NEWLIB_LIBC) \
		-lgcc -Wl,--end-group

$(IMAGE): $(ELF) $(wildcard tools/mkflash)
	$(call say,FLASH,$@)
	$(Q)$(call BOARD_MKFLASH,$(ELF),$@)

# Small images of the same board for tests (TEST_IMAGES).
-include tests/qemu/images.mk
