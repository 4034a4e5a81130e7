/* SPDX-License-Identifier: ISC */
/*
 * Layout of struct hostlink, so that its owner can allocate it and tests can look inside.
 * Nobody but hostlink*.c touches a field.
 */
#ifndef VAMT_HOST_HOSTLINK_PRIV_H
#define VAMT_HOST_HOSTLINK_PRIV_H

#include "base/ring.h"
#include "host/hostlink.h"

enum { /* sizes of FORMAT.md */
       HOSTLINK_HEADER_LEN = 16,
       HOSTLINK_CRC_LEN = 4,
       HOSTLINK_OVERHEAD = HOSTLINK_HEADER_LEN + HOSTLINK_CRC_LEN,
       HOSTLINK_ACK_LEN = 8,
       HOSTLINK_HELLO_FIXED_LEN = 56,
       HOSTLINK_HELLO_CHANNEL_LEN = 16,
       HOSTLINK_HELLO_CHANNELS = 16, /* a peer may name so many */
       HOSTLINK_HELLO_CAP = HOSTLINK_HELLO_FIXED_LEN +
                            HOSTLINK_HELLO_CHANNELS * HOSTLINK_HELLO_CHANNEL_LEN,
       HOSTLINK_FRAME_CAP = HOSTLINK_OVERHEAD + CONFIG_HOST_FRAME_CAP
};

#define HOSTLINK_MAGIC "vAMTlink"
enum { HOSTLINK_MAGIC_AT = 4, HOSTLINK_MAGIC_LEN = 8 };

enum hostlink_type { HOSTLINK_TYPE_HELLO, HOSTLINK_TYPE_DATA, HOSTLINK_TYPE_ACK };
enum { HOSTLINK_FLAG_WAITING = 1 }; /* in HELLO: the sender is not ready, answer */

/*
 *            connected                 HELLO that echoes our token
 *   CLOSED ─────────────▶ WAIT_HELLO ──────────────────────────────▶ READY
 *      ▲                    │    ▲ └────▶ WAIT_VERSION (no common        │
 *      │ disconnected       │    │        version; a HELLO is            │
 *      └── (any state)      │    │        judged as in WAIT_HELLO)       │
 *                           │    └───── broken frame, or HELLO with      │
 *                           │           a new token: a new attempt ◀─────┘
 */
enum hostlink_state {
    HOSTLINK_STATE_CLOSED,
    HOSTLINK_STATE_WAIT_HELLO,
    HOSTLINK_STATE_WAIT_VERSION,
    HOSTLINK_STATE_READY
};

/* Stream offsets count from the start of the session.
 * Sending: acked_offset <= sent_offset <= peer_limit and
 *          sent_offset <= acked_offset + unacked.len.
 * Receiving: told_recv <= recv_offset <= told_limit <= recv_offset + room of received. */
struct hostlink_channel {
    struct ring unacked;   /* sent or to be sent, kept until acknowledged */
    struct ring received;  /* in order, not yet read by the user */
    uint64_t sent_offset;  /* of the next byte to put in a frame */
    uint64_t acked_offset; /* of unacked's oldest byte */
    uint64_t recv_offset;  /* after the last byte received */
    uint64_t peer_limit;   /* the peer has room up to this offset */
    uint64_t told_recv;    /* recv_offset as last told to the peer */
    uint64_t told_limit;   /* our limit as last told to the peer */
    uint64_t hello_recv;   /* told in all HELLOs of this attempt */
    uint64_t hello_limit;
    uint8_t unacked_bytes[CONFIG_HOST_WINDOW];
    uint8_t received_bytes[CONFIG_HOST_WINDOW];
};

/* A session is named by the tokens of the two attempts that founded it; own 0: none. */
struct hostlink_session {
    uint64_t own;
    uint64_t peer;
};

struct hostlink {
    enum hostlink_state state;
    uint64_t epoch;
    uint64_t peer_epoch;
    uint64_t token;      /* of this attempt to say HELLO; unique over all attempts */
    uint64_t peer_token; /* the last one seen in this attempt, echoed in our HELLO */
    struct hostlink_session session;
    struct hostlink_session hello_session; /* `session` when this attempt began */
    unsigned peer_min;
    unsigned peer_max;
    unsigned peer_channels;
    bool is_hello_due;
    size_t filler;         /* zero bytes to send before the HELLO */
    size_t skipped;        /* bytes dropped while looking for a HELLO */
    unsigned next_channel; /* whose turn it is to send */
    size_t in_len;
    uint8_t in[HOSTLINK_FRAME_CAP]; /* the frame being received */
    struct hostlink_channel channels[CONFIG_HOST_CHANNELS];
};

/* hostlink_hello.c: the handshake. */
/* Begin a new attempt: wait for the peer's HELLO, queue ours. */
void hostlink_hello_begin(struct hostlink *link);
/* No session, all streams empty and at zero. */
void hostlink_hello_forget(struct hostlink *link);
/* A HELLO has arrived, CRCs checked. Returns an event or ERR_INVALID. */
int hostlink_hello_input(struct hostlink *link, struct span payload);
/* Append our HELLO; out has room. */
void hostlink_hello_put(const struct hostlink *link, struct sbuf *out);
size_t hostlink_hello_len(void);

/* hostlink_frame.c: one frame. */
struct hostlink_header {
    size_t len; /* of the payload */
    unsigned type;
    unsigned channel;
    uint64_t offset;
};
/* Read and check HOSTLINK_HEADER_LEN bytes. */
bool hostlink_frame_header(const uint8_t *raw, struct hostlink_header *header);
/* Append a header; then the caller appends `len` bytes and ends with _end, giving the
 * out->len of before. */
void hostlink_frame_begin(struct sbuf *out, const struct hostlink_header *header);
void hostlink_frame_end(struct sbuf *out, size_t start);
/* Where a HELLO frame may begin in `bytes`, at or after `from`; bytes.len if nowhere. */
size_t hostlink_frame_find(struct span bytes, size_t from);

#endif
