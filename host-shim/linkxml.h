/* SPDX-License-Identifier: ISC */
/*
 * The element that ties a host domain and its companion together, in the metadata of both:
 *   host:      <link companion="UUID"/>
 *   companion: <link host="UUID" network="forward 127.0.0.1:16992" address="" image="..."/>
 * A pair counts only if both name each other: a domain cannot make itself the companion of
 * a host that does not know it.
 */
#ifndef VAMT_SHIM_LINKXML_H
#define VAMT_SHIM_LINKXML_H

#include <stdbool.h>
#include <stddef.h>

#include "companion.h"

struct linkxml {
    char companion[VIRT_UUID_CAP]; /* set: this is a host */
    char host[VIRT_UUID_CAP];      /* set: this is a companion */
    char network[COMPANION_TEXT_CAP];
    char address[COMPANION_TEXT_CAP];
    char image[COMPANION_TEXT_CAP];
};

/* 0 or ERR_INVALID (neither host nor companion). */
int linkxml_read(const char *text, struct linkxml *out);
/* The elements as text for virt_ops.set_link. free() them. */
char *linkxml_host(const char *companion_uuid);
char *linkxml_companion(const struct linkxml *link);
/* The socket of channel org.vamt.host.0 in a companion's live XML; false if there is none. */
bool linkxml_socket(const char *live_xml, char *path, size_t cap);

#endif
