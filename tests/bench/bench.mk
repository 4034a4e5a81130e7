# SPDX-License-Identifier: ISC
#
# Programs that only the bench needs.

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

# The peer of TLS: ssl_server2 of Mbed TLS's own programs, with Mbed TLS's own configuration.
PEER := $(BUILD)/peer/ssl_server2
PEER_TOP := $(DEPS)/mbedtls
PEER_SRCS := $(MBEDTLS_SRCS) $(addprefix $(PEER_TOP)/,programs/ssl/ssl_server2.c \
	programs/ssl/ssl_test_lib.c programs/test/query_config.c tests/src/certs.c \
	framework/tests/src/helpers.c framework/tests/src/psa_crypto_helpers.c)
PEER_OBJS := $(PEER_SRCS:$(PEER_TOP)/%.c=$(BUILD)/peer/%.o)
PEER_INCLUDES := $(addprefix -I$(PEER_TOP)/,include library tests/include \
	framework/tests/include framework/tests/programs programs/ssl)

$(BUILD)/peer/%.o: $(PEER_TOP)/%.c | $(DEP_STAMPS)
	$(call say,CC,peer/$*)
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) -O2 -w $(PEER_INCLUDES) -c $< -o $@

$(PEER): $(PEER_OBJS)
	$(call say,LD,$@)
	$(Q)$(HOST_CC) -O2 -o $@ $^
