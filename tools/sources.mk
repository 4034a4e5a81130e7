# SPDX-License-Identifier: ISC
#
# Which sources exist, and the include paths and warnings for them. Own code is picked up by
# wildcard; third-party code by list.

DEPS := $(BUILD)/deps

# Every object depends on the unpacked sources; without them the message names the remedy.
DEP_NAMES := $(shell sed -n 's/^\([a-z][a-z0-9]*\) .*/\1/p' tools/deps.lock)
DEP_STAMPS := $(DEP_NAMES:%=$(DEPS)/%/.stamp)
$(DEP_STAMPS):
	@echo "third-party sources are missing ($@): run 'make deps' first" >&2; false

FW_MAIN := firmware/main.c
FW_LIBC_SRCS := $(wildcard firmware/libc/*.c)
FW_SRCS := $(sort $(filter-out $(FW_LIBC_SRCS),$(filter-out $(FW_MAIN),$(wildcard firmware/*.c firmware/*/*.c))) $(wildcard lwip-port/*.c))
GEN_SRCS = $(GEN_HEADERS:.h=.c)

# lwip-port/lwip.mk names the lwIP files (LWIP_SRCS); see there.
-include lwip-port/lwip.mk
MBEDTLS_SRCS := $(wildcard $(DEPS)/mbedtls/library/*.c)
# Where a handshake spends its time.
MBEDTLS_HOT := $(addprefix $(DEPS)/mbedtls/library/,aes.c bignum.c bignum_core.c bignum_mod.c \
	bignum_mod_raw.c constant_time.c ecdh.c ecdsa.c ecp.c ecp_curves.c gcm.c sha256.c sha512.c)
MBEDTLS_USERS := $(wildcard firmware/crypto/*.c firmware/net/tls*.c)
EXPAT_SRCS := $(addprefix $(DEPS)/expat/expat/lib/,xmlparse.c xmlrole.c xmltok.c \
	random_arc4random_buf.c)
LITTLEFS_SRCS := $(addprefix $(DEPS)/littlefs/lib/littlefs/,lfs2.c lfs2_util.c)
NANOPB_SRCS := $(addprefix $(DEPS)/nanopb/,pb_common.c pb_decode.c pb_encode.c)
DEP_SRCS = $(LWIP_SRCS) $(MBEDTLS_SRCS) $(EXPAT_SRCS) $(LITTLEFS_SRCS) $(NANOPB_SRCS)

# Own headers first; third-party headers as system headers so that their warnings stay theirs.
INCLUDES := -Ifirmware -I$(BUILD)/gen -Ilwip-port \
	-isystem $(DEPS)/nanopb \
	-isystem $(DEPS)/lwip/src/include \
	-isystem $(DEPS)/mbedtls/include \
	-isystem $(DEPS)/expat/expat/lib \
	-isystem $(DEPS)/littlefs/lib/littlefs
DEP_INCLUDES := $(INCLUDES) -Ifirmware/xml
DEFINES := -DMBEDTLS_CONFIG_FILE='"crypto/mbedtls_config.h"' -DLFS2_NO_MALLOC \
	-DLFS2_NO_DEBUG -DLFS2_NO_WARN -DLFS2_NO_ERROR -DLFS2_NO_ASSERT -DPB_FIELD_32BIT=1

WARNINGS := -std=gnu11 -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wundef \
	-Wvla -Wconversion -Werror
DEP_WARNINGS := -std=gnu11 -w
