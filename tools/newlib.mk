# SPDX-License-Identifier: ISC
#
# The C library of a flash image: newlib from source, compiled with the CPU's own flags and the
# compiler of this machine. Only libc.a is built, without system calls, floating-point printf,
# threads or wide streams. Kept in build/newlib/<cpu>/ until the flags or the source change.

NEWLIB := $(BUILD)/newlib/$(BOARD_CPU)
NEWLIB_SRC := $(abspath $(DEPS)/newlib/newlib)
NEWLIB_LIBC := $(NEWLIB)/lib/libc.a
NEWLIB_OPTIONS := --disable-multilib --disable-newlib-supplied-syscalls \
	--disable-newlib-multithread --disable-newlib-io-float --disable-newlib-wide-orient \
	--disable-newlib-fvwrite-in-streamio --disable-newlib-fseek-optimization \
	--disable-newlib-unbuf-stream-opt --disable-newlib-atexit-dynamic-alloc \
	--enable-newlib-nano-formatted-io --enable-newlib-nano-malloc \
	--enable-newlib-reent-small --enable-newlib-global-atexit --enable-lite-exit \
	--enable-newlib-io-long-long --enable-newlib-io-c99-formats

# Headers that belong to the compiler; /usr/include is never seen by code for a board.
CPU_CC := $(CROSS)gcc
CC_HEADERS := $(shell $(CPU_CC) -print-file-name=include 2>/dev/null)
# System calls keep their leading underscore (_sbrk, ...); firmware/libc answers them.
NEWLIB_CFLAGS := -Os -g -w -UMISSING_SYSCALL_NAMES $(CPU_CFLAGS)
NEWLIB_HEADERS := -isystem $(CC_HEADERS) -isystem $(abspath $(NEWLIB))/work/targ-include \
	-isystem $(NEWLIB_SRC)/libc/include
NEWLIB_KEY := $(NEWLIB_OPTIONS) $(CPU_CC) $(NEWLIB_CFLAGS)

$(NEWLIB)/flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' $(call quote,$(NEWLIB_KEY)) | cmp -s - $@ || \
		printf '%s\n' $(call quote,$(NEWLIB_KEY)) >$@

# The C library ends in one archive and one folder of headers, in $(NEWLIB)/{lib,include}.
$(NEWLIB_LIBC): $(NEWLIB)/flags $(DEPS)/newlib/.stamp
	$(call say,NEWLIB,$(NEWLIB) (about half a minute))
	$(Q)rm -rf $(NEWLIB)/work $(NEWLIB)/lib $(NEWLIB)/include
	$(Q)mkdir -p $(NEWLIB)/work
	$(Q)( cd $(NEWLIB)/work && \
		$(NEWLIB_SRC)/configure --host=$(CPU_TRIPLET) --prefix=/ $(NEWLIB_OPTIONS) \
			CC='$(CPU_CC) -nostdinc $(NEWLIB_HEADERS)' CFLAGS='$(NEWLIB_CFLAGS)' \
			AR=$(CROSS)ar RANLIB=$(CROSS)ranlib AS=$(CROSS)as MAKEINFO=true && \
		env -u MAKEFLAGS -u MAKELEVEL make -j"$$(nproc)" libc.a \
	) >$(NEWLIB)/log 2>&1 || { tail -n 30 $(NEWLIB)/log >&2; \
		echo 'newlib did not build; see $(NEWLIB)/log' >&2; exit 1; }
	$(Q)mkdir -p $(NEWLIB)/lib $(NEWLIB)/include
	$(Q)cp -r $(NEWLIB_SRC)/libc/include/. $(NEWLIB)/work/targ-include/. $(NEWLIB)/include/
	$(Q)mv $(NEWLIB)/work/libc.a $@
	$(Q)rm -rf $(NEWLIB)/work
	$(Q)touch $@
