# SPDX-License-Identifier: ISC
#
# Sources of the two programs; read by tools/host.mk. virt_fake.c is for the unit tests: the
# linker leaves it out of vamtd. Both programs take the parsers of latency profiles and faults from
# the firmware.

VAMTCTL_SRCS := $(addprefix host-shim/,vamtctl.c ctl_args.c ctl_tuning.c request.c \
	shimpath.c)
VAMTD_SRCS := $(sort $(filter-out host-shim/vamtctl.c host-shim/ctl_%.c,$(wildcard host-shim/*.c)))
SHIM_PKGS := libvirt libxml-2.0 libseccomp
