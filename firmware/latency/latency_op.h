/* SPDX-License-Identifier: ISC */
/* The classes of operations that a management engine takes its own time for. Profiles and
 * faults name them; later features add theirs here. */
#ifndef VAMT_LATENCY_OP_H
#define VAMT_LATENCY_OP_H

#include "base/span.h"
#include "base/util.h"

enum latency_op {
    LATENCY_OP_DIGEST, /* "digest": a 401 with its challenge, or another page of HTTP's own */
    LATENCY_OP_IDENTIFY,    /* "identify" */
    LATENCY_OP_GET,         /* "get" */
    LATENCY_OP_PUT,         /* "put": with its write to flash */
    LATENCY_OP_ENUMERATE,   /* "enumerate": a class that is no association */
    LATENCY_OP_ASSOCIATION, /* "association": Enumerate of an association class */
    LATENCY_OP_PULL,        /* "pull": one Pull, without its instances */
    LATENCY_OP_PULL_ITEM,   /* "pull-item": each instance that a Pull brings */
    LATENCY_OP_METHOD,      /* "method": any that has no class of its own here */
    LATENCY_OP_POWER, /* "power": CIM_PowerManagementService.RequestPowerStateChange */
    LATENCY_OP_TLS,   /* "tls": a handshake, from the client's first byte to our answer */
    LATENCY_OP_COUNT
};

/* What one request costs: `op` once, and LATENCY_OP_PULL_ITEM `items` times (0 but for what
 * brings instances as a Pull does). */
struct latency_job {
    enum latency_op op;
    uint32_t items;
};

/* The name in profiles and fault rules, as quoted above. */
const char *latency_op_name(enum latency_op op);
/* The operation of that name, or ERR_NOT_FOUND. */
int latency_op_find(struct span name) UTIL_MUST_CHECK;

#endif
