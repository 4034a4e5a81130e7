/* SPDX-License-Identifier: ISC */
/*
 * Length-prefixed protobuf messages in the byte stream of channel 0. Received bytes are
 * moved out of the channel's window into `in`, so a message may be waited for without
 * holding the peer's credit.
 */
#include "host/hostmsg.h"

#include <pb_decode.h>
#include <pb_encode.h>

#include "base/bytes.h"
#include "base/err.h"

_Static_assert((int)vamt_ToShim_size <= CONFIG_HOST_MESSAGE_CAP, "message cap too small");
_Static_assert((int)vamt_ToFirmware_size <= CONFIG_HOST_MESSAGE_CAP,
               "message cap too small");
_Static_assert(HOSTMSG_LEN_LEN + CONFIG_HOST_MESSAGE_CAP <= CONFIG_HOST_WINDOW,
               "a message must fit the window");

void hostmsg_init(struct hostmsg *m)
{
    m->in_len = 0;
}

static int write_message(struct hostmsg *m, struct hostlink *link,
                         const pb_msgdesc_t *kind, const void *message)
{
    pb_ostream_t stream = pb_ostream_from_buffer(m->out + HOSTMSG_LEN_LEN,
                                                 CONFIG_HOST_MESSAGE_CAP);

    if (!pb_encode(&stream, kind, message) || stream.bytes_written == 0) {
        return ERR_INVALID;
    }
    bytes_put_le32(m->out, (uint32_t)stream.bytes_written);
    return hostlink_write(link, HOSTLINK_CHANNEL_MESSAGES,
                          span_of(m->out, HOSTMSG_LEN_LEN + stream.bytes_written));
}

int hostmsg_write_to_shim(struct hostmsg *m, struct hostlink *link,
                          const vamt_ToShim *message)
{
    return write_message(m, link, vamt_ToShim_fields, message);
}

int hostmsg_write_to_firmware(struct hostmsg *m, struct hostlink *link,
                              const vamt_ToFirmware *message)
{
    return write_message(m, link, vamt_ToFirmware_fields, message);
}

/* Is in[] filled up to `need`? Takes what the channel has. */
static bool fill(struct hostmsg *m, struct hostlink *link, size_t need)
{
    if (m->in_len < need) {
        m->in_len += hostlink_read(link, HOSTLINK_CHANNEL_MESSAGES, m->in + m->in_len,
                                   need - m->in_len);
    }
    return m->in_len >= need;
}

static int read_message(struct hostmsg *m, struct hostlink *link,
                        const pb_msgdesc_t *kind, void *message)
{
    pb_istream_t stream;
    size_t len;

    if (!fill(m, link, HOSTMSG_LEN_LEN)) {
        return 0;
    }
    len = bytes_get_le32(m->in);
    if (len > CONFIG_HOST_MESSAGE_CAP) {
        return ERR_TOO_BIG;
    }
    if (!fill(m, link, HOSTMSG_LEN_LEN + len)) {
        return 0;
    }
    m->in_len = 0;
    stream = pb_istream_from_buffer(m->in + HOSTMSG_LEN_LEN, len);
    if (len == 0 || !pb_decode(&stream, kind, message)) {
        return ERR_INVALID;
    }
    return 1;
}

int hostmsg_read_to_shim(struct hostmsg *m, struct hostlink *link, vamt_ToShim *message)
{
    return read_message(m, link, vamt_ToShim_fields, message);
}

int hostmsg_read_to_firmware(struct hostmsg *m, struct hostlink *link,
                             vamt_ToFirmware *message)
{
    return read_message(m, link, vamt_ToFirmware_fields, message);
}
