/* SPDX-License-Identifier: ISC */
/* The bytes of audit records (audit_record.h). */
#include "audit/audit_record.h"

#include <string.h>

#include "base/err.h"
#include "base/panic.h"
#include "config.h"

enum { PEER_LEN = 16, MAPPED_LEN = 12, ADDRESS_CAP = 40 };

_Static_assert(5 + 1 + CONFIG_ACCOUNT_NAME_CAP + 4 + 2 + ADDRESS_CAP + 1 +
                       AUDIT_RECORD_DATA_CAP <=
                   AUDIT_RECORD_CAP,
               "the longest record");

static void put_be16(struct sbuf *out, uint16_t value)
{
    sbuf_put_u8(out, (uint8_t)(value >> 8));
    sbuf_put_u8(out, (uint8_t)value);
}

static void put_be32(struct sbuf *out, uint32_t value)
{
    put_be16(out, (uint16_t)(value >> 16));
    put_be16(out, (uint16_t)value);
}

static void put_counted(struct sbuf *out, struct span bytes)
{
    sbuf_put_u8(out, (uint8_t)bytes.len);
    sbuf_put(out, bytes);
}

static bool is_ipv4(const uint8_t peer[PEER_LEN])
{
    static const uint8_t mapped[MAPPED_LEN] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

    return memcmp(peer, mapped, sizeof(mapped)) == 0;
}

static void put_location(struct sbuf *out, const uint8_t *peer)
{
    char text[ADDRESS_CAP];
    struct sbuf address;

    sbuf_init(&address, text, sizeof(text));
    if (peer == NULL) {
        sbuf_put_u8(out, AUDIT_FROM_NOWHERE);
    } else if (is_ipv4(peer)) {
        sbuf_put_u8(out, AUDIT_FROM_IPV4);
        sbuf_printf(&address, "%u.%u.%u.%u", peer[12], peer[13], peer[14], peer[15]);
    } else {
        sbuf_put_u8(out, AUDIT_FROM_IPV6);
        for (size_t i = 0; i < PEER_LEN; i += 2) {
            sbuf_printf(&address, "%s%x", i > 0 ? ":" : "",
                        (unsigned)(peer[i] << 8 | peer[i + 1]));
        }
    }
    put_counted(out, sbuf_span(&address));
}

void audit_record_encode(struct sbuf *out, struct audit_event event,
                         const struct audit_who *who, uint32_t time, struct span data)
{
    struct span user = span_str(who->user != NULL ? who->user : "");

    panic_unless(data.len <= AUDIT_RECORD_DATA_CAP && user.len < CONFIG_ACCOUNT_NAME_CAP);
    put_be16(out, event.app);
    put_be16(out, event.event);
    if (who->user != NULL) {
        sbuf_put_u8(out, AUDIT_BY_DIGEST);
        put_counted(out, user);
    } else {
        sbuf_put_u8(out, AUDIT_BY_LOCAL);
    }
    put_be32(out, time);
    put_location(out, who->peer);
    put_counted(out, data);
}

/* Take a field with a length before it. */
static bool take_counted(struct span *rest)
{
    uint8_t len;
    struct span field;

    return span_take_u8(rest, &len) && span_take(rest, len, &field);
}

int audit_record_time(struct span record, uint32_t *time)
{
    enum { EVENT_LEN = 4, TIME_LEN = 4 };
    struct span rest = record;
    struct span event;
    struct span at;
    uint8_t kind;

    if (!span_take(&rest, EVENT_LEN, &event) || !span_take_u8(&rest, &kind) ||
        (kind == AUDIT_BY_DIGEST && !take_counted(&rest)) ||
        !span_take(&rest, TIME_LEN, &at) || !span_take_u8(&rest, &kind) ||
        !take_counted(&rest) || !take_counted(&rest) || rest.len != 0) {
        return ERR_INVALID;
    }
    *time = (uint32_t)at.ptr[0] << 24 | (uint32_t)at.ptr[1] << 16 |
            (uint32_t)at.ptr[2] << 8 | at.ptr[3];
    return 0;
}
