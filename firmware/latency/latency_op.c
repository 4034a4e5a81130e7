/* SPDX-License-Identifier: ISC */
/* Names of the operation classes. */
#include "latency/latency_op.h"

#include "base/err.h"

static const char *const names[] = {
    [LATENCY_OP_DIGEST] = "digest",
    [LATENCY_OP_IDENTIFY] = "identify",
    [LATENCY_OP_GET] = "get",
    [LATENCY_OP_PUT] = "put",
    [LATENCY_OP_ENUMERATE] = "enumerate",
    [LATENCY_OP_ASSOCIATION] = "association",
    [LATENCY_OP_PULL] = "pull",
    [LATENCY_OP_PULL_ITEM] = "pull-item",
    [LATENCY_OP_METHOD] = "method",
    [LATENCY_OP_POWER] = "power",
    [LATENCY_OP_TLS] = "tls",
};

_Static_assert(UTIL_COUNT(names) == LATENCY_OP_COUNT, "every operation has a name");

const char *latency_op_name(enum latency_op op)
{
    return names[op];
}

int latency_op_find(struct span name)
{
    for (size_t i = 0; i < UTIL_COUNT(names); i++) {
        if (span_equal_str(name, names[i])) {
            return (int)i;
        }
    }
    return ERR_NOT_FOUND;
}
