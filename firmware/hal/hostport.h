/* SPDX-License-Identifier: ISC */
/*
 * The byte stream to the host shim: ordered while open, may break and come back at any
 * time, bytes under way are lost then (hostlink repairs that). Implemented by
 * drivers/virtio_console.c (port org.vamt.host.0) and boards/sim (a Unix socket).
 */
#ifndef VAMT_HAL_HOSTPORT_H
#define VAMT_HAL_HOSTPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct hostport;

struct hostport_ops {
    /* Is the host side connected? Counts up `hostport.opens` at each new connection, so a
     * close and re-open between two polls is still seen. */
    bool (*is_open)(struct hostport *port);
    /* Take up to bytes.len bytes; returns how many were taken (0: full or closed). */
    size_t (*write)(struct hostport *port, struct span bytes);
    /* Read up to cap bytes; returns how many (0: none now). */
    size_t (*read)(struct hostport *port, void *dst, size_t cap);
};

struct hostport {
    const struct hostport_ops *ops;
    uint32_t opens;
};

#endif
