/* SPDX-License-Identifier: ISC */
/* The companion as a libvirt domain of its own. */
#ifndef VAMT_SHIM_COMPXML_H
#define VAMT_SHIM_COMPXML_H

#include <stdbool.h>
#include <stddef.h>

#include "virt.h"

#define COMPXML_CHANNEL "org.vamt.host.0"

enum {
    COMPXML_SEEDS_MAX = 8,
    COMPXML_FORWARDS_MAX = 8,
    COMPXML_TEXT_CAP = 256,
    COMPXML_PATH_CAP = 512
};

enum compxml_net { COMPXML_NET_FORWARD, COMPXML_NET_NETWORK, COMPXML_NET_BRIDGE };

struct compxml_forward {
    char address[64];
    unsigned port;       /* on this machine */
    unsigned guest_port; /* of the companion */
};

struct compxml {
    char uuid[VIRT_UUID_CAP];
    char name[VIRT_NAME_CAP];
    char mac[18];
    bool is_kvm;
    unsigned memory_mib;
    char image[COMPXML_PATH_CAP];
    char folder[COMPXML_PATH_CAP]; /* nvram.fd, console.log and the seeds lie here */
    const char *seeds[COMPXML_SEEDS_MAX]; /* names, also of their files */
    size_t seed_count;
    enum compxml_net net;
    char net_name[COMPXML_TEXT_CAP]; /* of the network or bridge */
    struct compxml_forward forwards[COMPXML_FORWARDS_MAX];
    size_t forward_count;
    const char *link; /* the metadata element (linkxml.h), with its namespace */
};

/* The domain's XML; free() it. NULL if out of memory. */
char *compxml_write(const struct compxml *c);

#endif
