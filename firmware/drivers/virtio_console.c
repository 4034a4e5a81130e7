/* SPDX-License-Identifier: ISC */
/*
 * Control messages (clause 5.3.6.2) tell of ports, names, and the host side's comings and
 * goings; we answer PORT_ADD with PORT_READY and open the chosen port.
 *
 * The control queue and the data queues are not ordered against each other. When the host
 * side has closed, what it sent before is dropped; if it has come back before we look, bytes
 * of the old connection may still come first (hostlink copes).
 */
#include "drivers/virtio_console.h"

#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/log.h"

#define F_MULTIPORT (1ull << 1)

enum {
    QUEUE_CTL_RX = 2,
    QUEUE_CTL_TX = 3,

    DEVICE_READY = 0,
    PORT_ADD = 1,
    PORT_REMOVE = 2,
    PORT_READY = 3,
    PORT_OPEN = 6,
    PORT_NAME = 7,
    CTL_LEN = 8 /* id, event, value; a name may follow */
};

static struct virtio_console *of(struct hostport *port)
{
    return (struct virtio_console *)((uint8_t *)port -
                                     offsetof(struct virtio_console, hostport));
}

static struct virtio_console_port *chosen(struct virtio_console *console)
{
    return console->chosen < 0 ? NULL : &console->ports[console->chosen];
}

/* Give every free buffer of a receive queue to the device. */
static void refill(struct virtio_console *console, struct virtio_queue *queue,
                   uint8_t *buffers, uint32_t cap)
{
    int id = virtio_queue_next(queue);

    while (id >= 0) {
        struct virtio_part part = {buffers + (size_t)id * cap, cap, true};

        id = virtio_queue_add(queue, &part, 1) < 0 ? -1 : virtio_queue_next(queue);
    }
    virtio_kick(console->dev, queue);
}

static void refill_data(struct virtio_console *console, struct virtio_console_port *port)
{
    refill(console, &port->rx, console->rx_buffers[0], VIRTIO_CONSOLE_DATA_CAP);
}

static void send_control(struct virtio_console *console, uint32_t id, uint16_t event,
                         uint16_t value)
{
    uint8_t *buffer;
    struct virtio_part part;
    uint16_t head;
    uint32_t len;
    int free_id;

    if (!virtio_has(console->dev, F_MULTIPORT)) {
        return;
    }
    while (virtio_queue_take(&console->ctl_tx, &head, &len)) {
    }
    free_id = virtio_queue_next(&console->ctl_tx);
    if (free_id < 0) {
        log_warn("drivers", "virtio console: control queue full, message %u lost", event);
        return;
    }
    buffer = console->ctl_tx_buffers[free_id];
    bytes_put_le32(buffer, id);
    bytes_put_le16(buffer + 4, event);
    bytes_put_le16(buffer + 6, value);
    part = (struct virtio_part){buffer, CTL_LEN, false};
    if (virtio_queue_add(&console->ctl_tx, &part, 1) >= 0) {
        virtio_kick(console->dev, &console->ctl_tx);
    }
}

static void choose(struct virtio_console *console, int id)
{
    if (console->chosen == id) {
        return;
    }
    if (console->chosen >= 0) {
        /* Its buffers are the device's for good: there is no way to take them back. */
        log_warn("drivers", "virtio console: port %d comes too late", id);
        return;
    }
    console->chosen = id;
    console->holds_data = false;
    if (console->ports[id].host_open) { /* it was open before it had a name */
        console->hostport.opens++;
        console->changed = true;
    }
    refill_data(console, &console->ports[id]);
    send_control(console, (uint32_t)id, PORT_OPEN, 1);
}

static void drop_received(struct virtio_console *console)
{
    struct virtio_console_port *port = chosen(console);
    uint16_t head;
    uint32_t len;

    console->holds_data = false;
    while (virtio_queue_take(&port->rx, &head, &len)) {
    }
    refill_data(console, port);
}

/* The host side of a port came or went. */
static void set_open(struct virtio_console *console, int id, bool open)
{
    struct virtio_console_port *port = &console->ports[id];

    /* A port that opens while it is being announced is reported open twice. */
    if (open == port->host_open) {
        return;
    }
    port->host_open = open;
    if (console->chosen == id) {
        console->hostport.opens += open ? 1 : 0;
        console->changed = true;
    }
}

static void handle_control(struct virtio_console *console, struct span message)
{
    uint32_t id;
    uint16_t event;
    uint16_t value;

    if (!span_take_le32(&message, &id) || !span_take_le16(&message, &event) ||
        !span_take_le16(&message, &value)) {
        return;
    }
    if (id >= VIRTIO_CONSOLE_PORT_COUNT || console->ports[id].rx.size == 0) {
        log_warn("drivers", "virtio console: port %u is not supported", id);
        return;
    }
    switch (event) {
    case PORT_ADD:
        send_control(console, id, PORT_READY, 1);
        break;
    case PORT_REMOVE:
        set_open(console, (int)id, false);
        break;
    case PORT_NAME:
        if (span_equal_str(message, console->name)) {
            choose(console, (int)id);
        }
        break;
    case PORT_OPEN:
        set_open(console, (int)id, value != 0);
        break;
    default: /* what a text console would have to know */
        break;
    }
}

/* Look at the control queue; cheap when there is nothing. */
static void poll_control(struct virtio_console *console)
{
    struct virtio_console_port *port = chosen(console);
    bool was_open = port != NULL && port->host_open;
    uint16_t head;
    uint32_t len;
    bool any = false;

    while (virtio_queue_take(&console->ctl_rx, &head, &len)) {
        struct span message = span_of(console->ctl_rx_buffers[head], len);

        /* Older devices end the name with a NUL. */
        if (message.len > CTL_LEN && message.ptr[message.len - 1] == '\0') {
            message.len--;
        }
        handle_control(console, message);
        any = true;
    }
    if (any) {
        refill(console, &console->ctl_rx, console->ctl_rx_buffers[0],
               VIRTIO_CONSOLE_CTL_CAP);
    }
    if (was_open && !port->host_open) {
        drop_received(console);
    }
}

static bool is_host_open(struct virtio_console *console)
{
    return console->chosen >= 0 && chosen(console)->host_open;
}

static bool console_is_open(struct hostport *hostport)
{
    struct virtio_console *console = of(hostport);

    if (virtio_has(console->dev, F_MULTIPORT)) {
        poll_control(console);
    }
    return is_host_open(console);
}

static size_t console_write(struct hostport *hostport, struct span bytes)
{
    struct virtio_console *console = of(hostport);
    struct virtio_queue *tx;
    size_t taken = 0;
    uint16_t head;
    uint32_t len;

    if (!is_host_open(console)) {
        return 0;
    }
    tx = &chosen(console)->tx;
    while (virtio_queue_take(tx, &head, &len)) {
    }
    while (taken < bytes.len) {
        int id = virtio_queue_next(tx);
        size_t part_len = util_min(bytes.len - taken, VIRTIO_CONSOLE_DATA_CAP);
        struct virtio_part part;

        if (id < 0) {
            break;
        }
        part = (struct virtio_part){console->tx_buffers[id], (uint32_t)part_len, false};
        memcpy(part.ptr, bytes.ptr + taken, part_len);
        if (virtio_queue_add(tx, &part, 1) < 0) {
            break;
        }
        taken += part_len;
    }
    console->wants_room = taken < bytes.len;
    virtio_kick(console->dev, tx);
    return taken;
}

static size_t console_read(struct hostport *hostport, void *dst, size_t cap)
{
    struct virtio_console *console = of(hostport);
    struct virtio_console_port *port;
    uint8_t *out = dst;
    size_t got = 0;

    if (!is_host_open(console)) {
        return 0;
    }
    port = chosen(console);
    while (got < cap) {
        size_t len;

        if (!console->holds_data) {
            if (!virtio_queue_take(&port->rx, &console->held, &console->held_len)) {
                break;
            }
            console->holds_data = true;
            console->held_from = 0;
        }
        len = util_min(cap - got, console->held_len - console->held_from);
        memcpy(out + got, console->rx_buffers[console->held] + console->held_from, len);
        got += len;
        console->held_from += (uint32_t)len;
        if (console->held_from == console->held_len) {
            console->holds_data = false;
            refill_data(console, port);
        }
    }
    return got;
}

static const struct hostport_ops ops = {
    .is_open = console_is_open,
    .write = console_write,
    .read = console_read,
};

/* Clause 5.3.2: port 0 has queues 0 and 1, port n has 2n+2 and 2n+3. */
static int setup_port(struct virtio_console *console, unsigned id)
{
    struct virtio_console_port *port = &console->ports[id];
    uint16_t index = (uint16_t)(id == 0 ? 0 : 2 * id + 2);
    int result = virtio_setup_queue(console->dev, &port->rx, index, port->rx_memory,
                                    VIRTIO_CONSOLE_RX_COUNT);

    if (result == 0) {
        result = virtio_setup_queue(console->dev, &port->tx, (uint16_t)(index + 1),
                                    port->tx_memory, VIRTIO_CONSOLE_TX_COUNT);
    }
    return result;
}

static int setup_control(struct virtio_console *console)
{
    int result = virtio_setup_queue(console->dev, &console->ctl_rx, QUEUE_CTL_RX,
                                    console->ctl_rx_memory, VIRTIO_CONSOLE_CTL_COUNT);

    if (result == 0) {
        result = virtio_setup_queue(console->dev, &console->ctl_tx, QUEUE_CTL_TX,
                                    console->ctl_tx_memory, VIRTIO_CONSOLE_CTL_COUNT);
    }
    for (unsigned id = 1; id < VIRTIO_CONSOLE_PORT_COUNT && result == 0; id++) {
        result = setup_port(console, id);
        if (result == ERR_NOT_FOUND) {
            return 0; /* the device has fewer ports */
        }
    }
    return result;
}

int virtio_console_start(struct virtio_console *console, struct virtio *dev,
                         const char *name)
{
    int result = virtio_start(dev, F_MULTIPORT, 0);

    if (result < 0) {
        return result;
    }
    console->hostport.ops = &ops;
    console->dev = dev;
    console->name = name;
    console->chosen = -1;
    result = setup_port(console, 0);
    if (result == 0 && virtio_has(dev, F_MULTIPORT)) {
        result = setup_control(console);
    }
    if (result < 0) {
        virtio_fail(dev);
        return result;
    }
    virtio_ready(dev);
    if (virtio_has(dev, F_MULTIPORT)) {
        refill(console, &console->ctl_rx, console->ctl_rx_buffers[0],
               VIRTIO_CONSOLE_CTL_CAP);
        send_control(console, 0, DEVICE_READY, 1);
    } else {
        choose(console, 0);
        set_open(console, 0, true);
    }
    return 0;
}

bool virtio_console_arm(struct virtio_console *console)
{
    struct virtio_console_port *port = chosen(console);
    bool work = virtio_queue_arm(&console->ctl_rx) || console->changed;

    console->changed = false;
    if (port != NULL) {
        work |= console->holds_data;
        work |= virtio_queue_arm(&port->rx);
        if (console->wants_room && virtio_queue_arm(&port->tx)) {
            console->wants_room = false; /* said once: the user may have nothing left */
            work = true;
        }
    }
    return work;
}

void virtio_console_disarm(struct virtio_console *console)
{
    struct virtio_console_port *port = chosen(console);

    virtio_queue_disarm(&console->ctl_rx);
    if (port != NULL) {
        virtio_queue_disarm(&port->rx);
        virtio_queue_disarm(&port->tx);
    }
}
