# SPDX-License-Identifier: ISC
#
# Programs for the build machine: unit tests, fuzzers, the sim board, vamtd and vamtctl. They
# use the same pinned third-party sources as the image.

HOST_CC ?= gcc
FUZZ_CC ?= clang-14
SECTIONS := -ffunction-sections -fdata-sections
LINK_GC := -Wl,--gc-sections

# --- unit: gcc, address and undefined-behaviour sanitizers ---------------------------------
CC_unit := $(HOST_CC)
CFLAGS_unit := -O1 -g -fno-omit-frame-pointer -fsanitize=address $(SECTIONS) -D_GNU_SOURCE
# Sanitizers make gcc warn about conversions that it otherwise knows to fit; the image and the
# host flavour check those.
OWN_unit := -fsanitize=undefined -fno-sanitize-recover=all -Wno-conversion -Wno-sign-conversion
DEP_unit :=
$(eval $(call flavour,unit))

# --- fuzz: the same with clang and libFuzzer -----------------------------------------------
CC_fuzz := $(FUZZ_CC)
CFLAGS_fuzz := -O1 -g -fno-omit-frame-pointer -fsanitize=address,fuzzer-no-link -D_GNU_SOURCE
OWN_fuzz := -fsanitize=undefined -fno-sanitize-recover=all -Wno-unknown-warning-option \
	-Wno-conversion -Wno-sign-conversion
DEP_fuzz :=
$(eval $(call flavour,fuzz))

# --- sim and host shim: plain optimised host code ------------------------------------------
CC_host := $(HOST_CC)
CFLAGS_host := -O2 -g $(SECTIONS) -fstack-protector-strong -D_GNU_SOURCE
OWN_host :=
DEP_host :=
$(eval $(call flavour,host))

define host_lib
$(BUILD)/$(1)/libfw.a: $(call objs,$(1),$(FW_SRCS) $(GEN_SRCS))
	$$(call archive,$(1))
endef
$(foreach f,unit fuzz host,$(eval $(call host_lib,$(f))))
fw_libs = -Wl,--start-group $(BUILD)/$(1)/libfw.a $(BUILD)/$(1)/libdeps.a -Wl,--end-group

# $(eval $(call host_program,PROGRAM,SOURCES,LIBRARIES)): also with whatever it references of
# the firmware and the third-party sources.
define host_program
$(1): $(call objs,host,$(2)) $(BUILD)/host/libfw.a $(BUILD)/host/libdeps.a
	$$(call say,LD,$(1))
	@mkdir -p $$(@D)
	$$(Q)$$(CC_host) $$(CFLAGS_host) $$(LINK_GC) -o $$@ $$(filter %.o,$$^) \
		$$(call fw_libs,host) $(3)
endef

# --- host shim -----------------------------------------------------------------------------
# host-shim/build.mk may set VAMTD_SRCS and VAMTCTL_SRCS, and SHIM_PKGS (pkg-config names).
SHIM_ALL := $(sort $(wildcard host-shim/*.c))
VAMTCTL_SRCS := host-shim/vamtctl.c $(wildcard host-shim/ctl_*.c)
VAMTD_SRCS := $(filter-out $(VAMTCTL_SRCS),$(SHIM_ALL))
SHIM_PKGS := libvirt libxml-2.0
-include host-shim/build.mk
SHIM_MAINS := host-shim/vamtd.c host-shim/vamtctl.c
SHIM_CFLAGS := -Ihost-shim $(shell pkg-config --cflags $(SHIM_PKGS) 2>/dev/null)
SHIM_LIBS := $(shell pkg-config --libs $(SHIM_PKGS) 2>/dev/null) -lpthread

$(foreach f,unit fuzz host,$(eval $(BUILD)/$(f)/obj/host-shim/%.o: private EXTRA = $(SHIM_CFLAGS)))

VAMTD := $(BUILD)/host-shim/vamtd
VAMTCTL := $(BUILD)/host-shim/vamtctl

$(eval $(call host_program,$(VAMTD),$(VAMTD_SRCS),$(SHIM_LIBS)))
$(eval $(call host_program,$(VAMTCTL),$(VAMTCTL_SRCS),$(SHIM_LIBS)))

SHIM_LIB_SRCS := $(filter-out $(SHIM_MAINS),$(sort $(VAMTD_SRCS) $(VAMTCTL_SRCS)))
define shim_lib
$(BUILD)/$(1)/libshim.a: $(call objs,$(1),$(SHIM_LIB_SRCS))
	$$(call archive,$(1))
endef
$(foreach f,unit fuzz,$(eval $(call shim_lib,$(f))))

# --- sim: the firmware as a Linux process --------------------------------------------------
# boards/sim/board.mk may set SIM_SRCS and SIM_LIBS, and SIM_ECHO with a rule of its own.
SIM := $(BUILD)/sim/vamt-sim
SIM_LIBS := -lslirp
-include boards/sim/board.mk
SIM_SRCS ?= $(sort $(wildcard boards/sim/*.c))
$(eval $(call host_program,$(SIM),$(SIM_SRCS) $(FW_MAIN),$(SIM_LIBS)))

# --- unit tests: one program per tests/unit/**/*_test.c ------------------------------------
UNIT_SRCS := $(sort $(wildcard tests/unit/*_test.c tests/unit/*/*_test.c tests/unit/*/*/*_test.c))
# Other files are help, linked as one archive per folder before the firmware: those in tests/unit
# into every test, those in a folder into its own tests and into those of a folder that includes
# one of its headers.
UNIT_HELP := $(filter-out $(UNIT_SRCS),$(wildcard tests/unit/*.c tests/unit/*/*.c))
UNIT_DIRS := $(sort $(patsubst %/,%,$(dir $(UNIT_SRCS))))
UNIT_SHIM := $(filter tests/unit/host-shim/%,$(UNIT_SRCS))
unit_bin = $(patsubst tests/unit/%.c,$(BUILD)/unit/bin/%,$(1))
# T=base/span_test, T=base or nothing: which unit tests `make unit` builds and runs.
UNIT_PICK := $(if $(T),$(filter tests/unit/$(T) tests/unit/$(T).c tests/unit/$(T)_test.c \
	tests/unit/$(T)/% ,$(UNIT_SRCS)),$(UNIT_SRCS))
UNIT_BINS := $(call unit_bin,$(UNIT_PICK))

$(BUILD)/unit/obj/tests/unit/%.o: private WARNINGS := $(filter-out -Wconversion -Wmissing-prototypes -Wshadow,$(WARNINGS))
$(BUILD)/unit/obj/tests/unit/%.o: private EXTRA = -Itests/unit -I. $(SHIM_CFLAGS)

$(call unit_bin,$(UNIT_SHIM)): $(BUILD)/unit/libshim.a
$(call unit_bin,$(UNIT_SHIM)): private SHIM = $(BUILD)/unit/libshim.a
$(call unit_bin,$(UNIT_SHIM)): private SHIM_LINK = $(SHIM_LIBS)

# The other side of TLS tests is OpenSSL's library.
UNIT_TLS := $(filter tests/unit/tls/%,$(UNIT_SRCS))
$(call unit_bin,$(UNIT_TLS)): private SHIM_LINK = -lssl -lcrypto

unit_help = $(patsubst tests/unit%,$(BUILD)/unit/help%.a,$(1))
unit_uses = $(filter-out $(1) tests/unit,$(shell \
	sed -n 's/^.include "\(.*\)"$$/\1/p' $(wildcard $(1)/*.[ch]) /dev/null | \
	sed 's|^tests/unit/||' | sort -u | while read -r f; do \
	[ ! -f tests/unit/$$f ] || dirname tests/unit/$$f; done | sort -u))
define unit_folder
$(call unit_help,$(1)): $(call objs,unit,$(filter $(wildcard $(1)/*.c),$(UNIT_HELP)))
	$$(call archive,unit)
$(call unit_bin,$(filter $(wildcard $(1)/*_test.c),$(UNIT_SRCS))): $(call unit_help,$(1) $(call unit_uses,$(1)))
endef
$(foreach d,$(sort tests/unit $(UNIT_DIRS) $(patsubst %/,%,$(dir $(UNIT_HELP)))),$(eval $(call unit_folder,$(d))))

$(BUILD)/unit/bin/%: $(BUILD)/unit/obj/tests/unit/%.o $(BUILD)/unit/help.a \
		$(BUILD)/unit/libfw.a $(BUILD)/unit/libdeps.a
	$(call say,LD,unit/$*)
	@mkdir -p $(@D)
	$(Q)$(CC_unit) $(CFLAGS_unit) $(OWN_unit) $(LINK_GC) -o $@ $< \
		$(filter $(BUILD)/unit/help/%.a,$^) $(BUILD)/unit/help.a $(SHIM) \
		$(call fw_libs,unit) -lcmocka $(SHIM_LINK)

# --- fuzzers: one program per tests/fuzz/fuzz_*.c ------------------------------------------
FUZZ_SRCS := $(sort $(wildcard tests/fuzz/fuzz_*.c))
FUZZ_HELP := $(filter-out $(FUZZ_SRCS),$(wildcard tests/fuzz/*.c))
FUZZ_ALL := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/bin/%,$(FUZZ_SRCS))
FUZZ_BINS := $(if $(T),$(BUILD)/fuzz/bin/fuzz_$(T:fuzz_%=%),$(FUZZ_ALL))
FUZZ_SHIM := $(filter %shim %shim_link,$(FUZZ_ALL))
$(BUILD)/fuzz/obj/tests/fuzz/%.o: private WARNINGS := $(filter-out -Wconversion -Wmissing-prototypes -Wshadow,$(WARNINGS))
$(BUILD)/fuzz/obj/tests/fuzz/%.o: private EXTRA = -Itests/fuzz -I. $(SHIM_CFLAGS)

$(FUZZ_ALL): $(BUILD)/fuzz/bin/%: $(BUILD)/fuzz/obj/tests/fuzz/%.o $(call objs,fuzz,$(FUZZ_HELP)) \
		$(BUILD)/fuzz/libshim.a $(BUILD)/fuzz/libfw.a $(BUILD)/fuzz/libdeps.a
	$(call say,LD,fuzz/$*)
	@mkdir -p $(@D)
	$(Q)$(CC_fuzz) $(CFLAGS_fuzz) $(OWN_fuzz) -fsanitize=fuzzer -o $@ $(filter %.o,$^) \
		$(BUILD)/fuzz/libshim.a $(call fw_libs,fuzz) $(SHIM_LIBS)
