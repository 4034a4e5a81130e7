/* SPDX-License-Identifier: ISC */
/*
 * One injected fault as a line of text: `KIND [KEY=VALUE]...`. FAULT.md gives the kinds
 * and keys. The same parser serves the firmware, vamtctl and the tests. /
 */
#ifndef VAMT_FAULT_RULE_H
#define VAMT_FAULT_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sbuf.h"
#include "base/span.h"
#include "base/util.h"

enum fault_kind {
    FAULT_KIND_DROP,     /* frames are lost */
    FAULT_KIND_DELAY,    /* frames come late */
    FAULT_KIND_CLOSE,    /* HTTP replies end in the middle with a close */
    FAULT_KIND_TRUNCATE, /* the stream of a connection ends after some bytes (TLS: no
                          * close_notify) */
    FAULT_KIND_STATUS,   /* methods return a PT_STATUS; other operations fault with
                          * AMT-STATUS */
    FAULT_KIND_SOAP,     /* a SOAP fault by name */
    FAULT_KIND_HTTP,     /* an HTTP status, e.g. 503 */
    FAULT_KIND_HANG,     /* requests are never answered */
    FAULT_KIND_ASLEEP,   /* stuck in Moff: no frame wakes the engine */
    FAULT_KIND_SILENCE,  /* nothing in or out, as a CIRA tunnel that is gone and nobody
                          * knows */
    FAULT_KIND_COUNT
};

enum fault_way { FAULT_WAY_IN = 1, FAULT_WAY_OUT = 2, FAULT_WAY_BOTH = 3 };

enum {
    FAULT_RULE_CLASS_CAP = 64,
    FAULT_RULE_SOAP_CAP = 40,
    FAULT_RULE_SHARE_ALL = 1000000,
    FAULT_RULE_LINE_CAP = 320 /* no line of fault_rule_write is longer */
};

struct fault_rule {
    enum fault_kind kind;
    uint32_t share; /* of what matches, in millionths (share=2.5%) */
    uint32_t count; /* over after so many hits; 0: never */
    uint64_t seed;
    uint32_t op_mask; /* bit n: enum latency_op n; 0: every operation */
    char class_name[FAULT_RULE_CLASS_CAP]; /* of the resource; "": every one */
    enum fault_way way;                    /* DROP, DELAY */
    uint64_t time_us;  /* DELAY: how late; SILENCE: how long each time, 0: for ever ... */
    uint64_t every_us; /* ... and how often it begins; 0: once */
    uint32_t after;    /* CLOSE, TRUNCATE: bytes that still go out */
    uint16_t port;     /* TRUNCATE: local port; 0: every one */
    uint32_t number;   /* STATUS, HTTP */
    char soap[FAULT_RULE_SOAP_CAP]; /* SOAP: subcode without prefix, "AccessDenied" */
};

/* Why a line is no rule. */
struct fault_rule_error {
    char text[96]; /* no newline, printable */
};

/* From '#' at the beginning of a word the rest is a remark. 0, or ERR_INVALID: `rule` is
 * unchanged and `error` filled. */
int fault_rule_parse(struct span line, struct fault_rule *rule,
                     struct fault_rule_error *error) UTIL_MUST_CHECK;
/* The rule as a line that parses to it, without newline. */
void fault_rule_write(const struct fault_rule *rule, struct sbuf *out);

/* The word that a line begins with: "drop". */
const char *fault_rule_kind_name(enum fault_kind kind);
/* The names that fault= of a SOAP rule takes, from 0; NULL at the end. WS-Management
 * knows each of them (checked by its unit test). */
const char *fault_rule_soap_name(size_t index);

#endif
