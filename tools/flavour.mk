# SPDX-License-Identifier: ISC
#
# A flavour is one way to compile the tree: compiler, flags, output folder. Sources are shared.
#
#   $(eval $(call flavour,NAME))
#
# uses CC_NAME, CFLAGS_NAME (all objects), OWN_NAME (own code only), DEP_NAME (third-party only)
# and gives the rules build/NAME/obj/PATH.o for PATH.c and PATH.S, plus the libraries
# build/NAME/libdeps.a. Objects are rebuilt when a header, the compiler or a flag changes.

FLAVOURS :=
objs = $(patsubst %,$(BUILD)/$(1)/obj/%.o,$(basename $(2)))

# Written only when the content changes.
define keep_flags
$(BUILD)/$(1)/flags: FORCE
	@mkdir -p $$(@D)
	@printf '%s\n' $$(call quote,$$(CC_$(1)) $$(CFLAGS_$(1)) $$(OWN_$(1)) $$(DEP_$(1)) $$(AFTER_$(1)) \
		$$(DEFINES) $$(INCLUDES) $$(WARNINGS)) | cmp -s - $$@ || \
	printf '%s\n' $$(call quote,$$(CC_$(1)) $$(CFLAGS_$(1)) $$(OWN_$(1)) $$(DEP_$(1)) $$(AFTER_$(1)) \
		$$(DEFINES) $$(INCLUDES) $$(WARNINGS)) >$$@
endef

define flavour
FLAVOURS += $(1)
$(keep_flags)

$(BUILD)/$(1)/obj/%.o: %.c $(BUILD)/$(1)/flags | $(DEP_STAMPS) $$(GEN_HEADERS)
	$$(call say,CC,$(1)/$$*)
	@mkdir -p $$(@D)
	$$(Q)$$(CC_$(1)) $$(CFLAGS_$(1)) $$(WARNINGS) $$(OWN_$(1)) $$(DEFINES) $$(INCLUDES) $$(EXTRA) $$(AFTER_$(1)) -MD -MP -c $$< -o $$@ $$(call loose,$(1))

$(BUILD)/$(1)/obj/$(BUILD)/gen/%.o: $(BUILD)/gen/%.c $(BUILD)/$(1)/flags | $(DEP_STAMPS) $$(GEN_HEADERS)
	$$(call say,CC,$(1)/$$*)
	@mkdir -p $$(@D)
	$$(Q)$$(CC_$(1)) $$(CFLAGS_$(1)) $$(DEP_WARNINGS) $$(OWN_$(1)) $$(DEFINES) $$(INCLUDES) $$(AFTER_$(1)) -MD -MP -c $$< -o $$@ $$(call loose,$(1))

$(BUILD)/$(1)/obj/$(DEPS)/%.o: $(DEPS)/%.c $(BUILD)/$(1)/flags | $(DEP_STAMPS)
	$$(call say,CC,$(1)/$$*)
	@mkdir -p $$(@D)
	$$(Q)$$(CC_$(1)) $$(CFLAGS_$(1)) $$(DEP_WARNINGS) $$(DEP_$(1)) $$(DEFINES) $$(DEP_INCLUDES) $$(AFTER_$(1)) -MD -MP -c $$< -o $$@ $$(call loose,$(1))

$(BUILD)/$(1)/obj/%.o: %.S $(BUILD)/$(1)/flags
	$$(call say,AS,$(1)/$$*)
	@mkdir -p $$(@D)
	$$(Q)$$(CC_$(1)) $$(CFLAGS_$(1)) $$(DEFINES) $$(INCLUDES) $$(AFTER_$(1)) -MD -MP -c $$< -o $$@

# Its configuration comes in through a system header, of which the compiler tells make nothing.
$$(call objs,$(1),$$(MBEDTLS_SRCS) $$(MBEDTLS_USERS)): firmware/crypto/mbedtls_config.h

$(BUILD)/$(1)/libdeps.a: $$(call objs,$(1),$$(DEP_SRCS))
	$$(call archive,$(1))

-include $$(shell find $(BUILD)/$(1)/obj -name '*.d' 2>/dev/null)
endef

# LOOSE=1, for work in progress: a source that does not compile becomes an empty object (dated
# 1970, so that it is tried again every time) and everything else can still be tested.
loose = $(if $(LOOSE),|| { $(CC_$(1)) $(CFLAGS_$(1)) -x c -c /dev/null -o $@ && touch -d @0 $@; })

# An archive is rebuilt from nothing, so that objects of deleted sources leave it.
define archive
$(call say,AR,$(@:$(BUILD)/%=%))
@mkdir -p $(@D)
$(Q)rm -f $@ && ar rcsD $@ $(filter %.o,$^)
endef

.PHONY: FORCE
FORCE:
