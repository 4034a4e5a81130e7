/* SPDX-License-Identifier: ISC */
/*
 * A network interface: whole Ethernet frames without FCS, in and out. One user.
 * Implemented by drivers/virtio_net.c and boards/sim.
 */
#ifndef VAMT_HAL_NIC_H
#define VAMT_HAL_NIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

enum { NIC_FRAME_CAP = 1514, NIC_PARTS_MAX = 8 };

struct nic;

struct nic_ops {
    /* Send one frame given in up to NIC_PARTS_MAX pieces. The bytes are copied (or sent)
     * before the call returns. 0, ERR_BUSY (queue full, frame dropped), ERR_TOO_BIG. */
    int (*send)(struct nic *nic, const struct span *parts, size_t count);
    /* The oldest received frame, or false. It stays valid until receive_done, which must
     * follow before the next receive. */
    bool (*receive)(struct nic *nic, struct span *frame);
    void (*receive_done)(struct nic *nic);
    bool (*is_link_up)(struct nic *nic);
    /* True once after the hypervisor asked that we announce ourselves (end of a live
     * migration: VIRTIO_NET_S_ANNOUNCE, virtio 1.2 clause 5.1.6.5.4). Acknowledges it. */
    bool (*take_announce)(struct nic *nic);
};

struct nic {
    const struct nic_ops *ops;
    uint8_t mac[6];
    uint16_t mtu; /* payload bytes, 1500 unless the device says otherwise */
};

#endif
