/* SPDX-License-Identifier: ISC */
/*
 * Typed messages on channel 0 of hostlink: a length and a protobuf each (FORMAT.md,
 * "Messages"). Both sides use this file; only the direction differs.
 */
#ifndef VAMT_HOST_HOSTMSG_H
#define VAMT_HOST_HOSTMSG_H

#include <stddef.h>
#include <stdint.h>

#include "base/util.h"
#include "config.h"
#include "host/hostlink.h"
#include "host/hostlink.pb.h"

enum { HOSTMSG_LEN_LEN = 4 };

/* One per link. Private: allocate only. */
struct hostmsg {
    size_t in_len;
    uint8_t
        in[HOSTMSG_LEN_LEN + CONFIG_HOST_MESSAGE_CAP]; /* the message being received */
    uint8_t out[HOSTMSG_LEN_LEN + CONFIG_HOST_MESSAGE_CAP];
};

/* Forget a half received message: at start and at each HOSTLINK_RESTARTED (not at
 * HOSTLINK_RESUMED, where the stream goes on). */
void hostmsg_init(struct hostmsg *m);

/* Put a message on channel 0. 0; ERR_FULL: no room in the window now, nothing written;
 * ERR_INVALID: `message` is not encodable (our own mistake, e.g. text without NUL). */
int hostmsg_write_to_shim(struct hostmsg *m, struct hostlink *link,
                          const vamt_ToShim *message) UTIL_MUST_CHECK;
int hostmsg_write_to_firmware(struct hostmsg *m, struct hostlink *link,
                              const vamt_ToFirmware *message) UTIL_MUST_CHECK;

/* Take the next message from channel 0. 1: *message is filled (which_body may be 0: a
 * kind that this version does not know); 0: need more. ERR_INVALID: a message did not
 * decode; it is skipped and reading can go on. ERR_TOO_BIG: a length beyond
 * CONFIG_HOST_MESSAGE_CAP: the stream is useless and stays so until hostlink_restart.
 * *message is undefined unless 1 is returned. Strings are NUL-terminated; enum fields may
 * hold unknown numbers. */
int hostmsg_read_to_shim(struct hostmsg *m, struct hostlink *link,
                         vamt_ToShim *message) UTIL_MUST_CHECK;
int hostmsg_read_to_firmware(struct hostmsg *m, struct hostlink *link,
                             vamt_ToFirmware *message) UTIL_MUST_CHECK;

#endif
