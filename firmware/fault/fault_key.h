/* SPDX-License-Identifier: ISC */
/* The keys of fault rules: how the value of each is read and written. Private to fault/.
 * */
#ifndef VAMT_FAULT_KEY_H
#define VAMT_FAULT_KEY_H

#include <stdbool.h>

#include "base/sbuf.h"
#include "base/span.h"
#include "fault/fault_rule.h"

struct fault_key {
    const char *name;
    const char *takes; /* for the error message */
    /* The value into the rule; false: it takes no such value. */
    bool (*read)(struct span value, struct fault_rule *rule);
    void (*write)(const struct fault_rule *rule, struct sbuf *out);
};

/* Bit n is for fault_key_table[n]. They are written in this order. */
enum {
    FAULT_KEY_NUMBER = 1 << 0,
    FAULT_KEY_HTTP_NUMBER = 1 << 1,
    FAULT_KEY_FAULT = 1 << 2,
    FAULT_KEY_TIME = 1 << 3,
    FAULT_KEY_EVERY = 1 << 4,
    FAULT_KEY_WAY = 1 << 5,
    FAULT_KEY_PORT = 1 << 6,
    FAULT_KEY_AFTER = 1 << 7,
    FAULT_KEY_OP = 1 << 8,
    FAULT_KEY_CLASS = 1 << 9,
    FAULT_KEY_SHARE = 1 << 10,
    FAULT_KEY_COUNT = 1 << 11,
    FAULT_KEY_SEED = 1 << 12,
    FAULT_KEY_CHANCE = FAULT_KEY_SHARE | FAULT_KEY_COUNT |
                       FAULT_KEY_SEED, /* of every kind that hits by chance */
    FAULT_KEY_REQUEST = FAULT_KEY_OP | FAULT_KEY_CLASS | FAULT_KEY_CHANCE
};

enum { FAULT_KEYS = 13 };
extern const struct fault_key fault_key_table[FAULT_KEYS];

#endif
