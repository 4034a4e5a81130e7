# SPDX-License-Identifier: ISC
#
# Small flash images for the tests and benchmarks of the board: tests/qemu/images/NAME.c is the
# program of build/qemu-x86/tests/NAME.fd, linked with the board, drivers and base like the
# firmware itself. halt.S is a flash of one instruction.

TEST_IMAGE_SRCS := $(sort $(wildcard tests/qemu/images/*.c))
TEST_IMAGE_DIR := $(BUILD)/$(BOARD)/tests
TEST_IMAGES := $(patsubst tests/qemu/images/%.c,$(TEST_IMAGE_DIR)/%.fd,$(TEST_IMAGE_SRCS)) \
	$(TEST_IMAGE_DIR)/halt.fd
TEST_IMAGE_OBJS := $(call objs,$(BOARD),$(BOARD_SRCS) $(wildcard firmware/base/*.c \
	firmware/drivers/*.c firmware/libc/*.c) firmware/crypto/hash.c \
	$(addprefix $(DEPS)/mbedtls/library/,sha256.c md5.c md.c platform_util.c))

.PHONY: test-images
test-images: $(TEST_IMAGES)

$(TEST_IMAGE_DIR)/%.elf: $(BUILD)/$(BOARD)/obj/tests/qemu/images/%.o $(TEST_IMAGE_OBJS) \
		$(NEWLIB_LIBC) $(BOARD_LDSCRIPT) $(BOARD_LDDEPS)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CPU_CC) $(CPU_LDFLAGS) -T $(BOARD_LDSCRIPT) -o $@ $(filter %.o,$^) $(NEWLIB_LIBC) -lgcc

$(TEST_IMAGE_DIR)/%.fd: $(TEST_IMAGE_DIR)/%.elf tools/mkflash
	$(call say,FLASH,$@)
	$(Q)$(call BOARD_MKFLASH,$<,$@)

$(TEST_IMAGE_DIR)/halt.fd: $(BUILD)/$(BOARD)/obj/tests/qemu/images/halt.o
	$(call say,FLASH,$@)
	@mkdir -p $(@D)
	$(Q)$(CROSS)objcopy -O binary -j .flash $< $@

.PRECIOUS: $(TEST_IMAGE_DIR)/%.elf $(BUILD)/$(BOARD)/obj/tests/qemu/images/%.o
$(patsubst %.c,$(BUILD)/$(BOARD)/obj/%.o,$(TEST_IMAGE_SRCS)): | $(NEWLIB_LIBC)
