# SPDX-License-Identifier: ISC
#
# vAMT. `make help` lists the targets; tools/README.md explains how the build is put together.
#
## make deps      install Debian packages, fetch third-party sources (DEPS_DIR=folder: offline)
## make           build/qemu-x86/vamt.fd, build/host-shim/vamtd, build/host-shim/vamtctl
## make sim       build/sim/vamt-sim, the firmware as a Linux process
## make demo      a Linux VM with its companion, ready for a console
## make check     all tests; the last line counts
## make install   into PREFIX (default /usr/local), below DESTDIR if given
## make unit      unit tests (T=folder or T=folder/file)
## make fuzz      fuzz targets (T=name, SECONDS=each)
## make lint      rules about the tree
## make bench     how fast and how small
## make soak      half an hour of mixed load on the image (SECONDS=n)
## make size      sizes of the image by part
## make format    reformat own C code
## make clean     remove what was built; downloads, unpacked sources and newlib stay
## make distclean remove all of build/
##
## V=1 shows every command. BOARD=name chooses the flash image. LOOSE=1: see tools/README.md.

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
.SECONDARY:
MAKEFLAGS += --no-builtin-rules
SHELL := /bin/bash

BUILD := build
BOARD ?= qemu-x86
PYTHON := /usr/bin/python3
V ?= 0
Q := $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),,@printf '  %-7s %s\n' '$(1)' '$(2)')
quote = '$(subst ','\'',$(1))'

include tools/sources.mk
include tools/flavour.mk
include tools/gen.mk
include tools/image.mk
include tools/host.mk
include tools/check.mk

.PHONY: all deps sim demo install help clean distclean

all: $(IMAGE) $(VAMTD) $(VAMTCTL)

sim: $(SIM) $(SIM_ECHO)

deps:
	$(Q)tools/install-packages
	$(Q)DEPS_DIR='$(DEPS_DIR)' tools/fetch-deps

# On a machine where nothing is installed yet; a make of its own sees the fetched sources.
demo:
	$(Q)$(MAKE) --no-print-directory deps
	$(Q)$(MAKE) --no-print-directory -j$(shell nproc) all
	$(Q)tools/lab demo

PREFIX ?= /usr/local
PROFILES := $(wildcard firmware/latency/profiles/*.profile)
install: all
	$(Q)install -D -m 755 -t $(DESTDIR)$(PREFIX)/sbin $(VAMTD)
	$(Q)install -D -m 755 -t $(DESTDIR)$(PREFIX)/bin $(VAMTCTL)
	$(Q)install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/vamt $(IMAGE)
	$(Q)install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/vamt/profiles $(PROFILES)
	$(Q)install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man8 host-shim/vamtd.8
	$(Q)install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man1 host-shim/vamtctl.1
	$(Q)install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	$(Q)sed 's|@sbindir@|$(PREFIX)/sbin|' host-shim/vamtd.service \
		>$(DESTDIR)$(PREFIX)/lib/systemd/system/vamtd.service

help:
	@sed -n 's/^## \{0,1\}//p' Makefile

# Third-party sources, the C library and downloads survive `make clean`.
KEEP := $(addprefix $(BUILD)/,deps cache apt newlib node linux-vm lab)
clean:
	$(Q)rm -rf $(filter-out $(KEEP),$(wildcard $(BUILD)/*))

distclean:
	$(Q)rm -rf $(BUILD)
