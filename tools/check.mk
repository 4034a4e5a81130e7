# SPDX-License-Identifier: ISC
#
# Tests and reports. Every suite goes through tools/check, which counts and ends in a line
# "N passed, N failed".

.PHONY: check tests unit fuzz lint bench soak size format programs
CHECK := $(PYTHON) -B tools/check
# `make fuzz SECONDS=n`; the shell's own SECONDS is not meant.
FUZZ_SECONDS := $(if $(filter command,$(origin SECONDS)),$(SECONDS),30)
# pytest folders of `make check`, in this order; tests/bench is `make bench`.
PYTEST_DIRS := $(wildcard $(addprefix tests/,tools sim qemu lab clients))

unit: $(UNIT_BINS)
	$(Q)$(CHECK) unit $(UNIT_BINS)

fuzz: $(FUZZ_BINS)
	$(Q)$(CHECK) --seconds $(FUZZ_SECONDS) fuzz $(FUZZ_BINS)

# All that the tests run, built before the first test.
programs: all sim $(TEST_IMAGES) $(call unit_bin,$(UNIT_SRCS)) $(FUZZ_ALL)

lint: $(GEN_HEADERS) $(ELF)
	$(Q)$(PYTHON) -B tools/lint

# On a machine where nothing is installed yet; a make of its own sees the fetched sources.
check:
	$(Q)$(MAKE) --no-print-directory deps
	$(Q)$(MAKE) --no-print-directory -j$(shell nproc) programs
	$(Q)$(MAKE) --no-print-directory tests

tests: programs
	$(Q)$(CHECK) --seconds $(FUZZ_SECONDS) lint + unit $(call unit_bin,$(UNIT_SRCS)) + \
		fuzz $(FUZZ_ALL) $(foreach d,$(PYTEST_DIRS),+ pytest $(d))

-include tests/bench/bench.mk
# `make bench BENCH="speed --quick"`: words for tests/bench/run.
BENCH ?=
bench: all $(ECHO_IMAGE) $(PEER)
	$(Q)$(PYTHON) -B tests/bench/run $(BENCH)

# `make soak SECONDS=1800`: mixed load on the image; its tables go to tests/bench/RESULTS.md. Root.
soak: all
	$(Q)$(PYTHON) -B tests/soak/soak.py --results tests/bench/RESULTS.md \
		--seconds $(if $(filter command,$(origin SECONDS)),$(SECONDS),1800)

size: $(ELF)
	$(Q)$(PYTHON) -B tools/size $(ELF:.elf=.map) $(IMAGE)

format:
	$(Q)clang-format-14 -i $(filter-out %.pb.h,$(shell find firmware boards lwip-port \
		host-shim tests -name '*.[ch]'))
