/* SPDX-License-Identifier: ISC */
/* The sim board's network card: a queue of received frames in front of a back end. */
#include <string.h>

#include "base/err.h"
#include "sim.h"

enum { QUEUE_COUNT = 128 };

static struct nic nic;
static void (*transmit)(struct span frame);
static uint8_t frames[QUEUE_COUNT][NIC_FRAME_CAP];
static size_t lens[QUEUE_COUNT];
static size_t first;
static size_t waiting;

static int send_frame(struct nic *self, const struct span *parts, size_t count)
{
    uint8_t frame[NIC_FRAME_CAP];
    size_t len = 0;

    (void)self;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].len > sizeof(frame) - len) {
            return ERR_TOO_BIG;
        }
        memcpy(frame + len, parts[i].ptr, parts[i].len);
        len += parts[i].len;
    }
    transmit(span_of(frame, len));
    return 0;
}

static bool receive(struct nic *self, struct span *frame)
{
    (void)self;
    if (waiting == 0) {
        return false;
    }
    *frame = span_of(frames[first], lens[first]);
    return true;
}

static void receive_done(struct nic *self)
{
    (void)self;
    first = (first + 1) % QUEUE_COUNT;
    waiting--;
}

static bool is_link_up(struct nic *self)
{
    (void)self;
    return true;
}

static bool take_announce(struct nic *self)
{
    (void)self;
    return false;
}

static const struct nic_ops ops = {
    .send = send_frame,
    .receive = receive,
    .receive_done = receive_done,
    .is_link_up = is_link_up,
    .take_announce = take_announce,
};

struct nic *sim_nic_start(const uint8_t mac[6], void (*to)(struct span frame))
{
    nic.ops = &ops;
    nic.mtu = 1500;
    memcpy(nic.mac, mac, sizeof(nic.mac));
    transmit = to;
    return &nic;
}

bool sim_nic_has_room(void)
{
    return waiting < QUEUE_COUNT;
}

bool sim_nic_is_waiting(void)
{
    return waiting > 0;
}

void sim_nic_deliver(struct span frame)
{
    if (!sim_nic_has_room() || frame.len > NIC_FRAME_CAP) {
        return;
    }
    size_t slot = (first + waiting) % QUEUE_COUNT;
    memcpy(frames[slot], frame.ptr, frame.len);
    lens[slot] = frame.len;
    waiting++;
}
