/* SPDX-License-Identifier: ISC */
/*
 * What survives a reset, a power cut and a migration: named records on the board's flash
 * (FORMAT.md). A record is replaced as a whole: after a cut at any moment it is the old one or
 * the new one. Each carries the version of its content and a MAC over name, version and
 * content under the device's key (seed `store-key`), so that an edited NVRAM is noticed: such a
 * record is as one that was never written, and the log says so.
 *
 * A board without flash (also: before store_start) works without: reads find nothing, writes
 * succeed and are lost at the next reset. Where there is a flash that cannot be used (STORE_NEWER,
 * STORE_FAILED) writes fail: a console must not be told that something was kept.
 *
 * Single thread, synchronous: a write takes as long as the flash takes (milliseconds).
 */
#ifndef VAMT_STORE_STORE_H
#define VAMT_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/util.h"
#include "config.h"

/* Format of the store as a whole. To be raised when an older image could not read what this
 * one writes; the older image then refuses to start on it. */
enum { STORE_FORMAT = 1 };

enum store_state {
    STORE_NONE,     /* the board has no flash */
    STORE_FRESH,    /* first boot: was blank, is formatted */
    STORE_GOOD,     /* mounted */
    STORE_REPAIRED, /* mounted; a record or more was found damaged and dropped */
    STORE_RUINED,   /* could not be mounted: formatted, factory settings hold */
    STORE_NEWER,    /* written by a newer image: untouched, not used; do not serve */
    STORE_FAILED    /* the flash does not work */
};

struct store_status {
    enum store_state state;
    uint32_t size; /* bytes of flash */
    uint32_t used; /* bytes in use */
    uint32_t records;
    uint32_t writes;  /* records written since start */
    uint32_t damaged; /* records dropped since start */
    /* Blocks erased in the store's life. A reset forgets those of the directory since the last
     * record was written, so at most a few. */
    uint32_t erases;
    /* Of the block that was erased most. Exact since the start; what a reset forgot which block
     * it was (at most 16 erases each time) is taken as evenly spread. */
    uint32_t erases_worst;
};

/* Mount, or format what is blank or ruined. After crypto_start. Returns 0 when records can be
 * used (also STORE_NONE), ERR_UNSUPPORTED for STORE_NEWER: nothing may serve on factory
 * settings then. */
int store_start(void) UTIL_MUST_CHECK;

/* Names: lower-case letters, digits, '-' and '.', not '.' first, at most
 * CONFIG_STORE_NAME_CAP - 1. A bad one: ERR_NOT_FOUND to read, ERR_INVALID to write. */

/* Copy a record's content to dst (at most cap bytes) and its version to *version (unless NULL).
 * Returns its length; ERR_NOT_FOUND: not there, or damaged (logged); ERR_TOO_BIG: longer than cap. */
int store_read(const char *name, uint16_t *version, void *dst,
               size_t cap) UTIL_MUST_CHECK;
/* The same without a copy: *content is valid until the next call of the store. What a newer image
 * has appended is there as well, however long. Returns 0 or ERR_NOT_FOUND. */
int store_view(const char *name, uint16_t *version, struct span *content) UTIL_MUST_CHECK;
/* Replace or create. A record that has this very content already is left alone (wear). Returns
 * 0; ERR_TOO_BIG over CONFIG_STORE_RECORD_CAP; ERR_FULL: no room; ERR_IO. On failure the old
 * record stays. */
int store_write(const char *name, uint16_t version, struct span content) UTIL_MUST_CHECK;
/* 0 also if there is none; ERR_IO. */
int store_remove(const char *name) UTIL_MUST_CHECK;
void store_get_status(struct store_status *status);
/* "none", "fresh", "good", "repaired", "ruined", "newer", "failed". */
const char *store_state_name(enum store_state state);

#endif
