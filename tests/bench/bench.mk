# SPDX-License-Identifier: ISC
#
# The echo image: the firmware with tests/sim/images/echo_main.c in the place of its main.c.

ECHO_ELF := $(BUILD)/$(BOARD)/tests/echo.elf
ECHO_IMAGE := $(ECHO_ELF:.elf=.fd)
ECHO_OBJS := $(call objs,$(BOARD),tests/sim/images/echo_main.c $(filter-out $(FW_MAIN),$(IMAGE_SRCS)))
$(ECHO_OBJS): | $(NEWLIB_LIBC)

$(ECHO_ELF): $(ECHO_OBJS) $(BUILD)/$(BOARD)/libdeps.a $(NEWLIB_LIBC) $(BOARD_LDSCRIPT) $(BOARD_LDDEPS)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CPU_CC) $(CPU_LDFLAGS) -T $(BOARD_LDSCRIPT) -o $@ $(filter %.o,$^) \
		-Wl,--start-group $(BUILD)/$(BOARD)/libdeps.a $(NEWLIB_LIBC) -lgcc -Wl,--end-group

$(ECHO_IMAGE): $(ECHO_ELF) tools/mkflash
	$(call say,FLASH,$@)
	$(Q)$(call BOARD_MKFLASH,$<,$@)
