/* SPDX-License-Identifier: ISC */
/*
 * Result codes. A function that can fail returns 0 or a positive result on success and one
 * of these on failure. panic() is for our own bugs; bytes from a peer never reach it.
 */
#ifndef VAMT_BASE_ERR_H
#define VAMT_BASE_ERR_H

enum {
    ERR_INVALID = -1,     /* malformed input or argument */
    ERR_NOT_FOUND = -2,   /* no such object */
    ERR_FULL = -3,        /* a pool, buffer or table has no room */
    ERR_TOO_BIG = -4,     /* beyond a limit of config.h */
    ERR_DENIED = -5,      /* not allowed */
    ERR_TIMEOUT = -6,     /* a deadline has passed */
    ERR_CLOSED = -7,      /* the other side has gone */
    ERR_UNSUPPORTED = -8, /* understood, but not offered here */
    ERR_EXISTS = -9,      /* the object is there already */
    ERR_IO = -10,         /* a device failed */
    ERR_BUSY = -11        /* cannot be done now, can be done later */
};

/* A short lower-case name for logs, e.g. "timeout". Never NULL. */
const char *err_name(int err);

#endif
