/* SPDX-License-Identifier: ISC */
/*
 * Faults injected on purpose, for tests of consoles: none until asked for, every hit is
 * counted and logged (those of frames at powers of two), the n-th decision of a rule
 * depends on its seed and n only. Layers ask at their own place; the first rule in the
 * list that hits decides. /
 */
#ifndef VAMT_FAULT_FAULT_H
#define VAMT_FAULT_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/util.h"
#include "fault/fault_rule.h"
#include "latency/latency_op.h"

/* A request about which HTTP or WS-Management asks. */
struct fault_request {
    enum latency_op op;
    struct span class_name; /* empty: unknown or none */
};

/* Forget all rules. */
void fault_start(void);
/* Replace all rules by these lines: one rule each; empty ones and those that begin with #
 * are passed over. Hits, decisions and periods start from zero. ERR_INVALID: nothing
 * changed, *line is the bad one (from 1) and `error` says why. ERR_FULL: the same, beyond
 * CONFIG_FAULT_RULES. */
int fault_use(struct span text, unsigned *line,
              struct fault_rule_error *error) UTIL_MUST_CHECK;
/* Rules that can still hit. */
size_t fault_count(void);

/* The rule (CLOSE, STATUS, SOAP, HTTP, HANG) that hits this request, or NULL; for pages
 * of HTTP's own (LATENCY_OP_DIGEST) never STATUS or SOAP. Ask once for each request.
 * Valid until fault_use. */
const struct fault_rule *fault_hit_request(const struct fault_request *request);
/* Is this frame to be dropped? If not, *delay_us is how late it is to come (mostly 0). */
bool fault_drops_frame(enum fault_way way, uint64_t *delay_us);
/* Ask once for each connection: is its outgoing stream to be cut, and after how many
 * bytes? *after is written only if so. */
bool fault_truncates(uint16_t local_port, uint32_t *after);
/* Is the engine to be in Moff, and to stay there? */
bool fault_is_asleep(void);
/* Is the network dead now? Periods begin when this is first asked. *until_us: ask again
 * then, the answer may be another (UINT64_MAX: it stays). */
bool fault_is_silent(uint64_t now_us, uint64_t *until_us);

#endif
