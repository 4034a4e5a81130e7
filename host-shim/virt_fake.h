/* SPDX-License-Identifier: ISC */
/* A hypervisor in memory, for unit tests: the operations of virt.h on a few domains. */
#ifndef VAMT_SHIM_VIRT_FAKE_H
#define VAMT_SHIM_VIRT_FAKE_H

#include "virt.h"

enum { VIRT_FAKE_DOMAINS = 8, VIRT_FAKE_XML_CAP = 16384, VIRT_FAKE_TRACE_CAP = 1024 };

struct virt_fake_domain {
    bool is_there;
    struct virt_domain info;
    bool has_link;
    char link[1024];
    char stored[VIRT_FAKE_XML_CAP];
    char live[VIRT_FAKE_XML_CAP]; /* what runs */
};

struct virt_fake {
    struct virt base;
    struct virt_fake_domain domains[VIRT_FAKE_DOMAINS];
    bool is_away;
    unsigned ops;                    /* operations so far */
    unsigned fail_at;                /* this one fails (1 is the first); 0: none */
    char trace[VIRT_FAKE_TRACE_CAP]; /* changing operations: "destroy start_xml " */
};

void virt_fake_init(struct virt_fake *fake);
/* A shut off, persistent domain with this XML (name and uuid are read from it). NULL: full
 * or not well-formed. */
struct virt_fake_domain *virt_fake_add(struct virt_fake *fake, const char *xml);
struct virt_fake_domain *virt_fake_find(struct virt_fake *fake, const char *name_or_uuid);

#endif
