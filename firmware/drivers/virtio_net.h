/* SPDX-License-Identifier: ISC */
/*
 * virtio network device (virtio 1.2, clause 5.1): one pair of queues, no offloads.
 *   -netdev ... -device virtio-net-pci,netdev=...
 */
#ifndef VAMT_DRIVERS_VIRTIO_NET_H
#define VAMT_DRIVERS_VIRTIO_NET_H

#include <stdbool.h>
#include <stdint.h>

#include "drivers/virtio.h"
#include "hal/nic.h"

enum {
    VIRTIO_NET_RX_COUNT = 32,
    VIRTIO_NET_TX_COUNT = 64,
    VIRTIO_NET_BUFFER_CAP = 1536, /* the device's header and a frame */
    VIRTIO_NET_CTL_SIZE = 4
};

/* Large; static memory. Zero it before start. */
struct virtio_net {
    struct nic nic;
    struct virtio *dev;
    struct virtio_queue rx;
    struct virtio_queue tx;
    struct virtio_queue ctl;
    uint32_t config_events; /* as of the last look at the configuration */
    bool changed;           /* the user may not have seen all of it: do not halt yet */
    bool link_up;
    bool announce; /* asked for and not yet taken */
    bool holds_frame;
    uint16_t held; /* rx buffer of the frame that the user has */
    uint8_t ctl_command[2];
    uint8_t ctl_ack;
    VIRTIO_QUEUE_MEMORY(rx_memory, VIRTIO_NET_RX_COUNT);
    VIRTIO_QUEUE_MEMORY(tx_memory, VIRTIO_NET_TX_COUNT);
    VIRTIO_QUEUE_MEMORY(ctl_memory, VIRTIO_NET_CTL_SIZE);
    uint8_t rx_buffers[VIRTIO_NET_RX_COUNT][VIRTIO_NET_BUFFER_CAP];
    uint8_t tx_buffers[VIRTIO_NET_TX_COUNT][VIRTIO_NET_BUFFER_CAP];
};

/* Start the device; net->nic works then. ERR_UNSUPPORTED, ERR_TIMEOUT, ERR_IO. */
int virtio_net_start(struct virtio_net *net, struct virtio *dev) UTIL_MUST_CHECK;

/* Before halting: interrupts on. True if there is work already. Afterwards: off. */
bool virtio_net_arm(struct virtio_net *net);
void virtio_net_disarm(struct virtio_net *net);

#endif
