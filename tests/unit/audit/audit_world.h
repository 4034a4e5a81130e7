/* SPDX-License-Identifier: ISC */
/* A board for the audit tests: a clock, random numbers and a real store on simulated
 * flash. */
#ifndef VAMT_TESTS_AUDIT_WORLD_H
#define VAMT_TESTS_AUDIT_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/audit.h"
#include "base/span.h"
#include "store/flash_sim.h"

struct audit_world {
    struct flash_sim sim;
    bool has_flash;
    uint64_t now_us;
    int64_t wall_s;
    bool has_no_entropy;
    unsigned warnings; /* log lines at WARN and above since the last start */
};
extern struct audit_world audit_world;

/* A blank flash; nothing is started. */
void audit_world_open(void);
void audit_world_close(void);
/* What a reset does. */
void audit_world_start(void);

/* A record as an independent reader of wire-facts.md 9 sees it. */
struct audit_seen {
    unsigned app;
    unsigned event;
    unsigned initiator;
    char user[64];
    uint32_t time;
    unsigned location;
    char address[64];
    uint8_t data[256];
    size_t data_len;
};
/* Fails the test unless these are the bytes of exactly one record. */
void audit_world_decode(struct span record, struct audit_seen *seen);
/* Record `index` of the log. */
void audit_world_see(size_t index, struct audit_seen *seen);

#endif
