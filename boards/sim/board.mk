# SPDX-License-Identifier: ISC
#
# The sim board's second program: the bare TCP echo of tests/sim/images, instead of main.c.

# Debian's slirp.pc asks for GLib's headers, which are not needed: no pkg-config here.
SIM_LIBS := -lslirp
SIM_ECHO := $(BUILD)/sim/vamt-sim-echo
SIM_ECHO_SRCS := tests/sim/images/echo_main.c
SIM_ALL := $(sort $(wildcard boards/sim/*.c))

$(SIM_ECHO): $(call objs,host,$(SIM_ALL) $(SIM_ECHO_SRCS)) $(BUILD)/host/libfw.a $(BUILD)/host/libdeps.a
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC_host) $(CFLAGS_host) $(LINK_GC) -o $@ $(filter %.o,$^) $(call fw_libs,host) \
		$(SIM_LIBS)
