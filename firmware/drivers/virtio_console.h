/* SPDX-License-Identifier: ISC */
/*
 * virtio console device with several ports (virtio 1.2, clause 5.3), of which one is used:
 * that with the wanted name, or else the first one without a name that is opened.
 *   -device virtio-serial-pci -chardev socket,id=c,... \
 *   -device virtserialport,chardev=c,name=org.vamt.host.0
 */
#ifndef VAMT_DRIVERS_VIRTIO_CONSOLE_H
#define VAMT_DRIVERS_VIRTIO_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>

#include "drivers/virtio.h"
#include "hal/hostport.h"

enum {
    VIRTIO_CONSOLE_PORT_COUNT = 4, /* ports with a higher number are not seen */
    VIRTIO_CONSOLE_RX_COUNT = 8,
    VIRTIO_CONSOLE_TX_COUNT = 8,
    VIRTIO_CONSOLE_DATA_CAP = 2048,
    VIRTIO_CONSOLE_CTL_COUNT =
        16, /* the device drops a message for which there is no room */
    VIRTIO_CONSOLE_CTL_CAP = 128
};

struct virtio_console_port {
    struct virtio_queue rx;
    struct virtio_queue tx;
    bool host_open;
    VIRTIO_QUEUE_MEMORY(rx_memory, VIRTIO_CONSOLE_RX_COUNT);
    VIRTIO_QUEUE_MEMORY(tx_memory, VIRTIO_CONSOLE_TX_COUNT);
};

/* Static memory. Zero it before start. */
struct virtio_console {
    struct hostport hostport;
    struct virtio *dev;
    const char *name;
    int chosen; /* number of the port in use, or -1 */
    struct virtio_console_port ports[VIRTIO_CONSOLE_PORT_COUNT];
    struct virtio_queue ctl_rx;
    struct virtio_queue ctl_tx;
    bool holds_data; /* a received buffer is partly read: */
    uint16_t held;
    uint32_t held_from;
    uint32_t held_len;
    bool
        changed; /* opened or closed, and the user may not have seen it: do not halt yet */
    bool wants_room; /* a write was cut short: wake up when the device has taken some */
    VIRTIO_QUEUE_MEMORY(ctl_rx_memory, VIRTIO_CONSOLE_CTL_COUNT);
    VIRTIO_QUEUE_MEMORY(ctl_tx_memory, VIRTIO_CONSOLE_CTL_COUNT);
    uint8_t ctl_rx_buffers[VIRTIO_CONSOLE_CTL_COUNT][VIRTIO_CONSOLE_CTL_CAP];
    uint8_t ctl_tx_buffers[VIRTIO_CONSOLE_CTL_COUNT][8];
    uint8_t rx_buffers[VIRTIO_CONSOLE_RX_COUNT][VIRTIO_CONSOLE_DATA_CAP];
    uint8_t tx_buffers[VIRTIO_CONSOLE_TX_COUNT][VIRTIO_CONSOLE_DATA_CAP];
};

/* Start the device and ask for its ports; console->hostport works then, and is closed until
 * the device has answered. ERR_UNSUPPORTED, ERR_TIMEOUT, ERR_IO. */
int virtio_console_start(struct virtio_console *console, struct virtio *dev,
                         const char *name) UTIL_MUST_CHECK;

/* Before halting: interrupts on. True if there is work already. Afterwards: off. */
bool virtio_console_arm(struct virtio_console *console);
void virtio_console_disarm(struct virtio_console *console);

#endif
