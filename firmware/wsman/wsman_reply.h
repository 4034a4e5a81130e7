/* SPDX-License-Identifier: ISC */
/*
 * Reply envelopes in AMT's form: prefix letters, header order and message numbers
 * (wire-facts.md, section 3).
 */
#ifndef VAMT_WSMAN_WSMAN_REPLY_H
#define VAMT_WSMAN_WSMAN_REPLY_H

#include "base/sbuf.h"
#include "base/span.h"
#include "cim/cim_schema.h"

/* Namespaces declared after the six that every reply has; the first gets prefix `g`. */
struct wsman_reply_ns {
    const char *prefix_uri; /* namespace, or its beginning */
    const char *name;       /* rest of it (a class name), or "" */
};

enum { WSMAN_REPLY_NS_MAX = 4 };

struct wsman_reply_head {
    struct wsman_reply_ns ns[WSMAN_REPLY_NS_MAX];
    unsigned ns_count;
    struct span relates_to;   /* MessageID of the request, verbatim */
    struct span action;       /* whole; or its beginning, followed by action_end */
    const char *action_end;   /* "GetResponse", or NULL */
    struct span resource_uri; /* empty: no such header */
};

/* The namespace of a class as an entry of the list. */
struct wsman_reply_ns wsman_reply_class_ns(const struct cim_class *class);
/* From the XML declaration to <a:Body>. */
void wsman_reply_start(struct sbuf *out, const struct wsman_reply_head *head);
/* </a:Body></a:Envelope> */
void wsman_reply_end(struct sbuf *out);
/* To, RelatesTo, Action, MessageID and, if not empty, ResourceURI. Takes the next message
 * number, which all clients share. */
void wsman_reply_put_addressing(struct sbuf *out, struct span relates_to,
                                struct span action, struct span resource_uri);

#endif
