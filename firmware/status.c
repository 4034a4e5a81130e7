/* SPDX-License-Identifier: ISC */
/* What the firmware tells the host shim of itself. */
#include "status.h"

#include <string.h>

#include "base/sbuf.h"
#include "config.h"
#include "engine/engine.h"
#include "fault/fault.h"
#include "hal/board.h"
#include "host/host_client.h"
#include "latency/latency.h"
#include "net/net.h"
#include "settings/identity.h"

static unsigned prefix_len(const uint8_t mask[4])
{
    unsigned bits = 0;

    for (unsigned i = 0; i < 32 && (mask[i / 8] & 0x80u >> i % 8) != 0; i++) {
        bits++;
    }
    return bits;
}

static void put_address(char *text, size_t cap, const struct net_address *ip)
{
    struct sbuf out;

    sbuf_init(&out, text, cap);
    if (ip->address[0] != 0) {
        sbuf_printf(&out, "%u.%u.%u.%u/%u", ip->address[0], ip->address[1],
                    ip->address[2], ip->address[3], prefix_len(ip->mask));
    }
    (void)sbuf_terminate(&out);
}

/* What consoles take it for. The shim shows it and does not know what AMT is. */
static void put_personality(char *text, size_t cap)
{
    struct sbuf out;

    sbuf_init(&out, text, cap);
    sbuf_printf(&out, "AMT %s", identity_version());
    (void)sbuf_terminate(&out);
}

static void put_text(char *text, size_t cap, const char *value)
{
    (void)span_copy_str(span_str(value), text, cap);
}

bool status_update(void)
{
    vamt_FirmwareStatus status = vamt_FirmwareStatus_init_zero;
    struct net_status net;

    net_get_status(&net);
    put_text(status.version, sizeof(status.version), CONFIG_VERSION);
    put_personality(status.personality, sizeof(status.personality));
    put_text(status.board, sizeof(status.board), board_name());
    put_address(status.address, sizeof(status.address), &net.ip);
    memcpy(status.mac, net.mac, sizeof(status.mac));
    status.link_up = net.ip.link_up;
    status.dhcp = net.ip.dhcp;
    status.connections = net.conns;
    status.uptime_ms = board_now_us() / 1000;
    put_text(status.engine, sizeof(status.engine), engine_state_name(engine_state()));
    put_text(status.latency, sizeof(status.latency), latency_profile()->name);
    status.faults = (uint32_t)fault_count();
    status.late_replies = latency_count().late;
    return host_client_set_status(&status);
}
