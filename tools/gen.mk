# SPDX-License-Identifier: ISC
#
# Generated C: the CIM schema from MOF, the hostlink messages from their .proto.

MOF_SRCS := $(sort $(wildcard firmware/cim/schema/*.mof))
PROTO := firmware/host/hostlink.proto
NANOPB_GEN := /usr/bin/nanopb_generator.py
GEN_HEADERS := $(if $(MOF_SRCS),$(BUILD)/gen/cim/schema.h) \
	$(if $(wildcard $(PROTO)),$(BUILD)/gen/host/hostlink.pb.h)

$(BUILD)/gen/cim/schema.c $(BUILD)/gen/cim/schema.h &: $(MOF_SRCS) $(wildcard tools/mofc tools/mofc*.py)
	$(call say,MOFC,$(BUILD)/gen/cim/schema.c)
	@mkdir -p $(BUILD)/gen/cim
	$(Q)$(PYTHON) tools/mofc --out $(BUILD)/gen/cim $(MOF_SRCS)
	@touch $(BUILD)/gen/cim/schema.c $(BUILD)/gen/cim/schema.h

$(BUILD)/gen/host/hostlink.pb.c $(BUILD)/gen/host/hostlink.pb.h &: $(PROTO) $(PROTO:.proto=.options)
	$(call say,NANOPB,$(BUILD)/gen/host/hostlink.pb.c)
	@mkdir -p $(BUILD)/gen/host
	$(Q)$(PYTHON) $(NANOPB_GEN) -q -I firmware/host -D $(BUILD)/gen/host \
		-f $(PROTO:.proto=.options) hostlink.proto
	@touch $(BUILD)/gen/host/hostlink.pb.c $(BUILD)/gen/host/hostlink.pb.h
