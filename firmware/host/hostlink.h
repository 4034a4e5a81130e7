/* SPDX-License-Identifier: ISC */
/*
 * hostlink: reliable byte channels over a stream that can break at any time. The same
 * code runs in the firmware and in the host shim; FORMAT.md gives the bytes. It does no
 * I/O: the caller feeds what arrived and takes what is to be sent.
 *
 * Each side has an epoch, a random number made when it started. When the stream comes
 * back both sides say HELLO. If both still hold the streams of the same session, every
 * channel goes on where it was: nothing is lost or duplicated. Otherwise (a side has
 * started anew) all channels start from zero and both users are told with
 * HOSTLINK_RESTARTED.
 */
#ifndef VAMT_HOST_HOSTLINK_H
#define VAMT_HOST_HOSTLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sbuf.h"
#include "base/span.h"
#include "base/util.h"
#include "config.h"

/* Protocol versions that this code speaks. */
enum { HOSTLINK_VERSION_MIN = 1, HOSTLINK_VERSION_MAX = 1 };

enum hostlink_event {
    HOSTLINK_NONE,      /* need more input */
    HOSTLINK_RESUMED,   /* HELLO done, same session: streams go on */
    HOSTLINK_RESTARTED, /* HELLO done, new session: streams are empty in both directions,
                           also of what was written before this event */
    HOSTLINK_DATA,      /* new bytes: read them with hostlink_read */
    HOSTLINK_MISMATCH /* the peer speaks other versions (hostlink_peer_versions). The link
                         rests until the peer says another HELLO */
};

/* Channel 0 carries messages (hostmsg.h); the others are byte streams. */
enum { HOSTLINK_CHANNEL_MESSAGES = 0 };

/* The least room of an `out` buffer for hostlink_output to make progress. */
enum { HOSTLINK_OUTPUT_MIN = 512 };

/* The layout is in hostlink_priv.h, for those who allocate one (some 130 KiB). */
struct hostlink;

/* Forget everything. `epoch`: random, not 0. */
void hostlink_init(struct hostlink *link, uint64_t epoch);

/* The stream is open anew (or for the first time): queues our HELLO, drops half a frame.
 * The caller drops what it still held of earlier output. */
void hostlink_connected(struct hostlink *link);
/* The stream is closed. Channels keep their bytes. */
void hostlink_disconnected(struct hostlink *link);
/* Have both sides said HELLO to each other? */
bool hostlink_is_ready(const struct hostlink *link);
/* Not ready for a while: queues our HELLO again in a way that also frees a peer that
 * waits for the rest of a half frame. For a caller's timer of a second or more; does
 * nothing if ready, closed or mismatched. */
void hostlink_hello_again(struct hostlink *link);
/* Give the streams up (the peer's bytes make no sense). They are empty from now on; both
 * sides get HOSTLINK_RESTARTED after new HELLOs, at once or when the stream is back. */
void hostlink_restart(struct hostlink *link);

/* Feed bytes of the stream. Consumes from the front of *bytes and returns at the first
 * event; call again until HOSTLINK_NONE. *channel is set with HOSTLINK_DATA only.
 * ERR_INVALID: the peer broke the format, or no HELLO came within CONFIG_HOST_SKIP_CAP
 * bytes. The link has then queued a new HELLO and looks for the peer's, so the caller may
 * either go on feeding (firmware) or close the stream (shim); it logs and never ends.
 * Without a stream (not connected) the bytes are dropped. */
int hostlink_input(struct hostlink *link, struct span *bytes,
                   unsigned *channel) UTIL_MUST_CHECK;

/* Next bytes for the stream: appends whole frames that fit to `out`, all channels in
 * turn; nothing when idle. Streams are cut to fit if out is empty, so that
 * HOSTLINK_OUTPUT_MIN is enough to make progress. */
void hostlink_output(struct hostlink *link, struct sbuf *out);

/* Append to a channel's stream, all or nothing: 0; ERR_FULL (window in use; more room
 * comes when the peer acknowledges); ERR_INVALID (no such channel). Works while
 * disconnected. */
int hostlink_write(struct hostlink *link, unsigned channel,
                   struct span bytes) UTIL_MUST_CHECK;
/* How many bytes hostlink_write takes now, and how many are not acknowledged yet. */
size_t hostlink_room(const struct hostlink *link, unsigned channel);
size_t hostlink_unacked(const struct hostlink *link, unsigned channel);
/* Read received bytes; frees window for the peer. Returns how many. */
size_t hostlink_read(struct hostlink *link, unsigned channel, void *dst, size_t cap);
size_t hostlink_unread(const struct hostlink *link, unsigned channel);

/* Epoch of the peer of this session; 0 before the first. */
uint64_t hostlink_peer_epoch(const struct hostlink *link);
/* What the peer's last HELLO offered; zeroes before the first. */
void hostlink_peer_versions(const struct hostlink *link, unsigned *min, unsigned *max);

#endif
