/* SPDX-License-Identifier: ISC */
/*
 * A frame's way in:
 *
 *     card -> fault: lost? late? -> mode  ON: lwIP, as it lies in the card's buffer
 *                                         DOZE, HOLD: answered, kept, or ignored
 *                                         DEAD: ignored, before any fault is asked
 *
 * and out: lwIP (ON) or the card's own answers (DOZE, HOLD) -> fault -> card. Late frames are
 * on the wire already, so they go on whatever the mode is, unless it is DEAD.
 */
#include "net/net_gate.h"

#include <string.h>

#include "base/log.h"
#include "config.h"
#include "fault/fault.h"
#include "hal/board.h"
#include "net/net_offload.h"
#include "net/net_shelf.h"
#include "settings/general_settings.h"

enum {
    FRAMES_PER_POLL = 64,
    /* An engine that does not wake up by a frame for so long sleeps on, and the frame is lost: it
     * must not come back hours later, when something else wakes the engine. */
    DEAF_US = 1000000
};

/* Whose the frame is that was taken and is not yet done with. */
enum source { FROM_NOBODY, FROM_CARD, FROM_LATE, FROM_HELD };

static struct {
    struct nic nic; /* what lwIP sees */
    struct nic *card;
    struct net_offload_self self;
    enum net_mode mode;
    struct net_sleep sleep;
    uint64_t now_us;
    uint64_t traffic_us;
    bool wake;
    enum source source;
    uint32_t lost; /* late ones for which there was no room */
} gate;

static UTIL_SELDOM struct net_shelf_frame late_frames[CONFIG_NET_LATE_COUNT];
static struct net_shelf late = {.frames = late_frames, .cap = CONFIG_NET_LATE_COUNT};
static UTIL_SELDOM struct net_shelf_frame held_frames[CONFIG_NET_HOLD_COUNT];
static struct net_shelf held = {.frames = held_frames, .cap = CONFIG_NET_HOLD_COUNT};

static bool is_asleep(void)
{
    return gate.mode == NET_MODE_DOZE || gate.mode == NET_MODE_HOLD;
}

/* A fault makes the frame late. */
static void put_late(enum fault_way way, uint64_t delay_us, const struct span *parts,
                     size_t count)
{
    if (!net_shelf_put(&late, way, board_now_us() + delay_us, parts, count)) {
        gate.lost++;
        if ((gate.lost & (gate.lost - 1)) == 0) {
            log_warn("net", "no room for more late frames, %u lost so far", gate.lost);
        }
    }
}

/* ---- out ------------------------------------------------------------------------------ */

static int send_parts(const struct span *parts, size_t count)
{
    uint64_t delay_us = 0;

    if (fault_drops_frame(FAULT_WAY_OUT, &delay_us)) {
        return 0;
    }
    if (delay_us > 0) {
        put_late(FAULT_WAY_OUT, delay_us, parts, count);
        return 0;
    }
    return gate.card->ops->send(gate.card, parts, count);
}

static void send_late(void)
{
    struct net_shelf_frame *frame = net_shelf_first(&late, FAULT_WAY_OUT);

    while (frame != NULL && frame->due_us <= gate.now_us) {
        struct span part = span_of(frame->bytes, frame->len);

        if (gate.mode != NET_MODE_DEAD) {
            /* Lost like any other if the card's queue is full. */
            (void)gate.card->ops->send(gate.card, &part, 1);
        }
        net_shelf_drop(&late, frame);
        frame = net_shelf_first(&late, FAULT_WAY_OUT);
    }
}

/* ---- in ------------------------------------------------------------------------------- */

static bool take_first(struct net_shelf *shelf, unsigned kind, enum source source,
                       struct span *frame)
{
    struct net_shelf_frame *first = net_shelf_first(shelf, kind);

    if (first == NULL || first->due_us > gate.now_us) {
        return false;
    }
    *frame = span_of(first->bytes, first->len);
    gate.source = source;
    return true;
}

/* The next frame off the wire. finish_frame must follow. */
static bool take_frame(struct span *frame)
{
    if (take_first(&late, FAULT_WAY_IN, FROM_LATE, frame)) {
        return true;
    }
    /* A card that is never empty gets its next turn at the next poll. */
    for (unsigned i = 0; i < FRAMES_PER_POLL; i++) {
        uint64_t delay_us = 0;

        if (!gate.card->ops->receive(gate.card, frame)) {
            return false;
        }
        bool is_dropped = gate.mode != NET_MODE_DEAD &&
                          fault_drops_frame(FAULT_WAY_IN, &delay_us);
        if (!is_dropped && delay_us == 0) {
            gate.source = FROM_CARD;
            return true;
        }
        if (!is_dropped) {
            put_late(FAULT_WAY_IN, delay_us, frame, 1);
        }
        gate.card->ops->receive_done(gate.card);
    }
    return false;
}

static void finish_frame(void)
{
    switch (gate.source) {
    case FROM_CARD:
        gate.card->ops->receive_done(gate.card);
        break;
    case FROM_LATE:
        net_shelf_drop(&late, net_shelf_first(&late, FAULT_WAY_IN));
        break;
    case FROM_HELD:
        net_shelf_drop(&held, net_shelf_first(&held, 0));
        break;
    case FROM_NOBODY:
        break;
    }
    gate.source = FROM_NOBODY;
}

static enum net_offload_kind classify(struct span frame)
{
    enum net_offload_kind kind = net_offload_classify(frame, &gate.self);

    if (kind == NET_OFFLOAD_TRAFFIC) {
        gate.traffic_us = gate.now_us;
    }
    return kind;
}

static void answer(struct span frame)
{
    struct net_offload_reply reply;

    if (net_offload_answer(frame, &gate.self, &reply)) {
        struct span parts[] = {span_of(reply.head, sizeof(reply.head)), reply.rest};

        (void)send_parts(parts, reply.rest.len > 0 ? 2 : 1);
    }
}

static void drop_unheard(uint64_t now_us)
{
    struct net_shelf_frame *frame = net_shelf_first(&held, 0);

    while (frame != NULL && now_us - frame->due_us > DEAF_US) {
        net_shelf_drop(&held, frame);
        frame = net_shelf_first(&held, 0);
    }
}

static void wake_by(struct span frame)
{
    if (gate.mode == NET_MODE_DOZE) {
        drop_unheard(gate.now_us);
        gate.wake = true;
    }
    if (held.count < gate.sleep.hold) {
        (void)net_shelf_put(&held, 0, gate.now_us, &frame, 1);
    }
}

/* AMT_GeneralSettings.PingResponseEnabled is false: as if nobody had asked. */
static bool is_unheard(enum net_offload_kind kind)
{
    return kind == NET_OFFLOAD_PING && !general_settings_get()->ping_reply;
}

/* One frame while the engine sleeps. */
static void listen_to(struct span frame)
{
    enum net_offload_kind kind = classify(frame);

    if (is_unheard(kind)) {
        return;
    }
    switch (kind) {
    case NET_OFFLOAD_ARP:
        if (gate.sleep.answers_arp) {
            answer(frame);
            return;
        }
        break;
    case NET_OFFLOAD_PING:
        if (gate.sleep.answers_ping) {
            answer(frame);
            return;
        }
        break;
    case NET_OFFLOAD_TRAFFIC:
        break;
    case NET_OFFLOAD_OTHER:
        return;
    }
    wake_by(frame);
}

/* ---- the card that lwIP sees ---------------------------------------------------------- */

static int gate_send(struct nic *nic, const struct span *parts, size_t count)
{
    (void)nic;
    return gate.mode == NET_MODE_ON ? send_parts(parts, count) : 0;
}

static bool gate_receive(struct nic *nic, struct span *frame)
{
    (void)nic;
    for (unsigned i = 0; i < FRAMES_PER_POLL; i++) {
        if (gate.mode != NET_MODE_ON ||
            !(take_first(&held, 0, FROM_HELD, frame) || take_frame(frame))) {
            return false;
        }
        if (!is_unheard(classify(*frame))) {
            return true;
        }
        finish_frame();
    }
    return false;
}

static void gate_receive_done(struct nic *nic)
{
    (void)nic;
    finish_frame();
}

static bool gate_is_link_up(struct nic *nic)
{
    (void)nic;
    return gate.card->ops->is_link_up(gate.card);
}

static bool gate_take_announce(struct nic *nic)
{
    (void)nic;
    return gate.card->ops->take_announce(gate.card);
}

static const struct nic_ops gate_ops = {.send = gate_send,
                                        .receive = gate_receive,
                                        .receive_done = gate_receive_done,
                                        .is_link_up = gate_is_link_up,
                                        .take_announce = gate_take_announce};

/* ---- public --------------------------------------------------------------------------- */

struct nic *net_gate_start(struct nic *nic)
{
    memset(&gate, 0, sizeof(gate));
    net_shelf_clear(&late);
    net_shelf_clear(&held);
    gate.card = nic;
    gate.nic = *nic;
    gate.nic.ops = &gate_ops;
    gate.mode = NET_MODE_ON;
    gate.sleep = (struct net_sleep){.answers_arp = true, .answers_ping = true};
    memcpy(gate.self.mac, nic->mac, sizeof(gate.self.mac));
    return &gate.nic;
}

void net_gate_set_address(const uint8_t address[4])
{
    memcpy(gate.self.address, address, sizeof(gate.self.address));
}

void net_gate_set_mode(enum net_mode mode, const struct net_sleep *sleep)
{
    enum net_mode was = gate.mode;

    gate.mode = mode;
    if (sleep != NULL) {
        gate.sleep = *sleep;
    }
    if (mode == was) {
        return;
    }
    if (was == NET_MODE_DOZE) {
        drop_unheard(board_now_us());
    }
    /* What was kept is for the ON after this sleep. */
    if (mode == NET_MODE_DOZE || mode == NET_MODE_DEAD) {
        net_shelf_clear(&held);
    }
    gate.wake = false;
}

bool net_gate_take_wake(void)
{
    bool taken = gate.wake;

    gate.wake = false;
    return taken;
}

uint64_t net_gate_traffic_us(void)
{
    return gate.traffic_us;
}

bool net_gate_poll(uint64_t now_us)
{
    struct span frame;

    gate.now_us = now_us;
    send_late();
    if (gate.mode == NET_MODE_ON) {
        return held.count > 0;
    }
    for (unsigned i = 0; i < FRAMES_PER_POLL; i++) {
        if (!take_frame(&frame)) {
            return false;
        }
        if (is_asleep()) {
            listen_to(frame);
        }
        finish_frame();
    }
    return true;
}

uint64_t net_gate_deadline(void)
{
    return gate.mode == NET_MODE_ON && held.count > 0 ? 0 : net_shelf_deadline(&late);
}
